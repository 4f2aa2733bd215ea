//! Direct messages to the requester: received, decided, ending soon, ended.

use crate::intent::Button;
use crate::notice::{Notice, RequestView, StateView};

use super::super::answer::{Cost, confirm};
use super::super::card::{justification, presses};
use super::super::line::{Line, inert, utc};
use super::super::{Frame, Picture, spoken, state as states, words};
use super::picture;

pub(super) fn received(
    frame: &Frame,
    request: &RequestView,
    state: &StateView,
    all: &[Button],
) -> Picture {
    let title = words::title(request, state);
    let mut body = vec![words::subject(request), justification(request)];
    let mut text = format!("🟡 Waiting · {} Asked", spoken::subject(request));
    if let StateView::Waiting {
        answer_by, asked, ..
    } = state
    {
        let names: Vec<String> = asked.iter().map(|who| inert(&who.label)).collect();
        let names = names.join(" and ");
        // Told, not called: this message is the requester's.
        body.push(
            Line::new()
                .say("Waiting for ")
                .bold(&names)
                .say(" to answer by ")
                .at(*answer_by)
                .say("."),
        );
        text = format!(
            "{text} {}, {} left",
            spoken::shorten(frame, &names),
            spoken::left(frame, *answer_by)
        );
    } else {
        body.extend(states::lines(request, state));
    }
    picture(frame, &text, &title, body, presses(request, all))
}

/// What it costs, as for who is asked at once.
pub(super) fn offered(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::GlassOffered {
        confirm_by,
        skipped,
        reviewers,
        review_within,
        buttons,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), Vec::new());
    };
    let cost = Cost {
        confirm_by: *confirm_by,
        skipped: *skipped,
        reviewers,
        review_within: *review_within,
    };
    let mut picture = confirm(frame, request, &cost, &[], buttons);
    let why = Line::new()
        .say("Nobody decided ")
        .text(&request.id.to_string())
        .say(" so far. Approvers are still asked, and a rule lets you have it without them.");
    picture.lines.insert(0, why);
    picture
}

pub(super) fn decided(
    frame: &Frame,
    request: &RequestView,
    state: &StateView,
    all: &[Button],
) -> Picture {
    let row = presses(request, all);
    let StateView::Active { until, .. } = state else {
        let title = words::title(request, state);
        let mut body = vec![words::subject(request)];
        body.extend(states::lines(request, state));
        // Already marked by the state's text.
        let mut drawn = picture(frame, "", &title, body, row);
        drawn.spoken = spoken::state(frame, request, state);
        return drawn;
    };
    let access = words::access(request);
    let title = format!("🟢 You have {access} · {} · Active", request.id);
    let mut body = vec![
        Line::new()
            .say("You have ")
            .bold(&access)
            .say(" until ")
            .at(*until)
            .say("."),
    ];
    if let Some(connect) = &request.connect {
        body.push(
            Line::new()
                .say("How: ")
                .code(connect)
                .say(", your own login"),
        );
    }
    let text = format!(
        "🟢 Active · {} You have it until {}, {} left",
        spoken::subject(request),
        utc(frame.now, *until),
        spoken::left(frame, *until)
    );
    picture(frame, &text, &title, body, row)
}

pub(super) fn ending_soon(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::EndingSoon {
        ends_at,
        cuts_sessions,
        buttons: all,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), Vec::new());
    };
    let access = words::access(request);
    let left = spoken::left(frame, *ends_at);
    let title = format!("⏳ {} · Ending in {left}", request.id);
    let what = if *cuts_sessions {
        ". Open sessions are cut, uncommitted work is lost."
    } else {
        ". Open sessions may stay; the access doesn't."
    };
    let body = vec![
        Line::new()
            .bold(&access)
            .say(" ends at ")
            .at(*ends_at)
            .say(what),
    ];
    let text = format!(
        "⏳ Ending in {left} · {} Save your work",
        spoken::subject(request)
    );
    picture(frame, &text, &title, body, presses(request, all))
}

pub(super) fn ended(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::Ended {
        state,
        used,
        buttons: all,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), Vec::new());
    };
    let mut body = vec![words::subject(request)];
    body.extend(states::lines(request, state));
    body.push(
        Line::new()
            .say("Used ")
            .text(&used.to_string())
            .say(" of ")
            .text(&request.duration.to_string())
            .say(". What did you do?"),
    );
    let title = words::title(request, state);
    let mut drawn = picture(frame, "", &title, body, presses(request, all));
    drawn.spoken = spoken::state(frame, request, state);
    drawn
}
