//! The card of a request: one picture, drawn again whenever the request changes.

use super::line::{Line, inert};
use super::{Frame, Picture, Press, spoken, state, words};
use crate::intent::Button;
use crate::notice::{Card, CardKind, PageView, RequestView};

/// The card as it is now.
pub fn card(frame: &Frame, card: &Card) -> Picture {
    let frame = &about(frame, &card.request);
    let request = &card.request;
    let mut lines = vec![words::subject(request), justification(request)];
    lines.extend(state::lines(request, &card.state));
    lines.extend(facts(card));
    lines.extend(paged(&card.pages));
    if let Some(due) = card.review_due {
        lines.push(Line::fact("Review").say("due ").at(due));
    }
    Picture {
        spoken: spoken::card(frame, card),
        title: Some(frame.mark(&words::title(request, &card.state))),
        lines,
        buttons: presses(request, &card.buttons),
        footer: Some(words::witness(request)),
        ..Picture::default()
    }
}

/// The frame for a picture of this request.
pub fn about(frame: &Frame, request: &RequestView) -> Frame {
    Frame {
        now: frame.now,
        test: frame.test || request.test,
    }
}

/// Why, as it was typed; erased ones say so.
pub fn justification(request: &RequestView) -> Line {
    match &request.justification {
        Some(typed) => Line::quote(typed),
        None => Line::new().say("(the justification was erased)"),
    }
}

/// Who was called, which approves nothing, and who couldn't be.
fn paged(pages: &[PageView]) -> Option<Line> {
    let mut line = Line::new();
    for (index, page) in pages.iter().enumerate() {
        line = line.say(if index > 0 { " · " } else { "📟 " });
        line = match &page.trouble {
            None => line.text(&page.pager).say(" paged ").at(page.at),
            Some(trouble) => {
                let failed = line.say("page failed: ").text(&page.pager).say(" ");
                failed.at(page.at).say(", ").words(trouble)
            }
        };
    }
    (!pages.is_empty()).then_some(line)
}

fn facts(card: &Card) -> Vec<Line> {
    let request = &card.request;
    let mut facts = Vec::new();
    let access = Line::fact("Access")
        .text(&request.role_title)
        .say(" · ")
        .text(&request.target_title);
    facts.push(match &request.role_note {
        Some(note) => access.say(" · ").text(note),
        None => access,
    });
    if let Some(incident) = words::incident(request) {
        facts.push(Line::fact("Incident").text(&incident));
    }
    if card.kind == CardKind::Approvers {
        facts.push(Line::fact("Risk").text(&words::risk(&request.risk)));
        if !request.standing.is_empty() {
            facts.push(Line::fact("Requester").text(&request.standing.join(" · ")));
        }
    }
    if request.planned {
        facts.push(Line::fact("Kind").say("planned work, not an emergency"));
    }
    facts
}

/// The request's buttons in a row.
pub(super) fn presses(request: &RequestView, all: &[Button]) -> Vec<Press> {
    let press = |button: &Button| Press {
        button: *button,
        label: words::label(request, *button).to_owned(),
        request: request.id,
        digest: request.digest.clone(),
        confirm: (*button == Button::Approve).then(|| confirm_approve(request)),
    };
    all.iter().map(press).collect()
}

/// Who, what and how long.
fn confirm_approve(request: &RequestView) -> String {
    format!(
        "{} gets {} ({}) for {}.",
        inert(&request.beneficiary.name),
        words::access(request),
        request.role_title,
        request.duration
    )
}
