//! Direct messages to the requester: received, decided, ending soon, ended.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Notice, RequestView, StateView};

use super::super::block::{Line, inert, utc};
use super::super::card::{buttons, justification};
use super::super::{Frame, Picture, fallback, state as states, words};
use super::picture;

pub(super) fn received(
    frame: &Frame,
    request: &RequestView,
    state: &StateView,
    all: &[Button],
) -> Picture {
    let title = words::title(request, state);
    let mut body = vec![
        words::subject(frame, request),
        justification(frame, request),
    ];
    let mut text = format!("🟡 Waiting · {} Asked", fallback::subject(request));
    if let StateView::Waiting {
        answer_by, asked, ..
    } = state
    {
        let names: Vec<String> = asked.iter().map(|who| inert(&who.label)).collect();
        let names = names.join(" and ");
        // Told, not called: this message is the requester's.
        body.push(
            Line::new(frame)
                .say("Waiting for ")
                .bold(&names)
                .say(" to answer by ")
                .at(*answer_by)
                .say("."),
        );
        text = format!(
            "{text} {}, {} left",
            fallback::words(frame, &names),
            fallback::left(frame, *answer_by)
        );
    } else {
        body.extend(states::lines(frame, request, state));
    }
    picture(frame, &text, &title, body, buttons(frame, request, all))
}

pub(super) fn decided(
    frame: &Frame,
    request: &RequestView,
    state: &StateView,
    all: &[Button],
) -> Picture {
    let row = buttons(frame, request, all);
    let StateView::Active { until, .. } = state else {
        let title = words::title(request, state);
        let mut body = vec![words::subject(frame, request)];
        body.extend(states::lines(frame, request, state));
        // Already marked by the state's text.
        let mut drawn = picture(frame, "", &title, body, row);
        drawn.text = fallback::state(frame, request, state);
        return drawn;
    };
    let access = words::access(request);
    let title = format!("🟢 You have {access} · {} · Active", request.id);
    let mut body = vec![
        Line::new(frame)
            .say("You have ")
            .bold(&access)
            .say(" until ")
            .at(*until)
            .say("."),
    ];
    if let Some(connect) = &request.connect {
        body.push(
            Line::new(frame)
                .say("How: ")
                .code(connect)
                .say(", your own login"),
        );
    }
    let text = format!(
        "🟢 Active · {} You have it until {}, {} left",
        fallback::subject(request),
        utc(frame, *until),
        fallback::left(frame, *until)
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
        return picture(frame, "", "", Vec::new(), None);
    };
    let access = words::access(request);
    let left = fallback::left(frame, *ends_at);
    let title = format!("⏳ {} · Ending in {left}", request.id);
    let what = if *cuts_sessions {
        ". Open sessions are cut, uncommitted work is lost."
    } else {
        ". Open sessions may stay; the access doesn't."
    };
    let body = vec![
        Line::new(frame)
            .bold(&access)
            .say(" ends at ")
            .at(*ends_at)
            .say(what),
    ];
    let text = format!(
        "⏳ Ending in {left} · {} Save your work",
        fallback::subject(request)
    );
    picture(frame, &text, &title, body, buttons(frame, request, all))
}

pub(super) fn ended(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::Ended {
        state,
        used,
        buttons: all,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), None);
    };
    let mut body = vec![words::subject(frame, request)];
    body.extend(states::lines(frame, request, state));
    body.push(
        Line::new(frame)
            .say("Used ")
            .text(&used.to_string())
            .say(" of ")
            .text(&request.duration.to_string())
            .say(". What did you do?"),
    );
    let title = words::title(request, state);
    let mut drawn = picture(frame, "", &title, body, buttons(frame, request, all));
    drawn.text = fallback::state(frame, request, state);
    drawn
}
