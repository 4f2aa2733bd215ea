//! What follows an access without approval: who was skipped, who reviews.

use crate::intent::Button;
use crate::notice::{Notice, RequestView};

use super::super::card::{justification, presses};
use super::super::line::{Line, utc};
use super::super::{Frame, Picture, spoken, words};
use super::picture;

pub(super) fn skipped(frame: &Frame, request: &RequestView) -> Picture {
    let title = format!("🚨 Break-glass {} · Without approval", request.id);
    let body = vec![
        words::subject(request),
        justification(request),
        Line::new().say(
            "You could have been asked to approve this and were not. You needn't do anything; \
             it is reviewed afterwards.",
        ),
    ];
    let text = format!(
        "🚨 Without approval · {} Nothing to do",
        spoken::subject(request)
    );
    picture(frame, &text, &title, body, Vec::new())
}

pub(super) fn due(frame: &Frame, request: &RequestView, notice: &Notice) -> Picture {
    let Notice::ReviewDue {
        due_at,
        reviewers,
        overdue,
        ..
    } = notice
    else {
        return picture(frame, "", "", Vec::new(), Vec::new());
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
        Line::new()
            .call(reviewers)
            .say(" please look at this emergency access.")
            .say(due)
            .at(*due_at)
            .say("."),
        words::subject(request),
        justification(request),
    ];
    if reviewers.is_empty() {
        body[0] = Line::new()
            .say("Nobody is named to review this.")
            .say(due)
            .at(*due_at)
            .say(".");
    }
    let text = format!(
        "{sign} {word} · {} By {}",
        spoken::subject(request),
        utc(frame.now, *due_at)
    );
    let row = presses(request, &[Button::Review]);
    picture(frame, &text, &title, body, row)
}
