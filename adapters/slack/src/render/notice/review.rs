//! What follows an access without approval: who was skipped, who reviews.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Notice, RequestView};

use super::super::block::{Line, utc};
use super::super::card::{buttons, justification};
use super::super::{Frame, Picture, fallback, words};
use super::picture;

pub(super) fn skipped(frame: &Frame, request: &RequestView) -> Picture {
    let title = format!("🚨 Break-glass {} · Without approval", request.id);
    let body = vec![
        words::subject(frame, request),
        justification(frame, request),
        Line::new(frame).say(
            "You could have been asked to approve this and were not. You needn't do anything; \
             it is reviewed afterwards.",
        ),
    ];
    let text = format!(
        "🚨 Without approval · {} Nothing to do",
        fallback::subject(request)
    );
    picture(frame, &text, &title, body, None)
}

pub(super) fn due(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::ReviewDue {
        due_at,
        reviewers,
        overdue,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), None);
    };
    let (sign, word) = if *overdue {
        ("⚠️", "Review overdue")
    } else {
        ("📝", "Review due")
    };
    let title = format!("{sign} {} · {word}", request.id);
    let due = if *overdue {
        " It was due "
    } else {
        " It is due "
    };
    let mut body = vec![
        Line::new(frame)
            .call(reviewers)
            .say(" please look at this emergency access.")
            .say(due)
            .at(*due_at)
            .say("."),
        words::subject(frame, request),
        justification(frame, request),
    ];
    if reviewers.is_empty() {
        body[0] = Line::new(frame)
            .say("Nobody is named to review this.")
            .say(due)
            .at(*due_at)
            .say(".");
    }
    let text = format!(
        "{sign} {word} · {} By {}",
        fallback::subject(request),
        utc(frame, *due_at)
    );
    let row = buttons(frame, request, &[Button::Review]);
    picture(frame, &text, &title, body, row)
}
