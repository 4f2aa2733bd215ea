//! What a notification, lock screen or screen reader says of a picture: its first 90 characters decide.

use crate::notice::{Card, CardKind, RequestView, StateView};
use crate::time::Timestamp;

use super::line::{fit, inert, next_instant, utc};
use super::{Frame, words};

/// Characters of one piece of the text.
const PIECE_MAX: usize = 300;

/// Words from elsewhere: short, on one line, instants in UTC.
pub fn shorten(frame: &Frame, text: &str) -> String {
    let text = inert(text);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, at, after)) = next_instant(rest) {
        out.push_str(before);
        out.push_str(&utc(frame.now, at));
        rest = after;
    }
    out.push_str(rest);
    fit(&out, PIECE_MAX)
}

/// `BG-4821 Maya: admin on orders-db, 30 min, SEV1.`
pub(super) fn subject(request: &RequestView) -> String {
    let first = |name: &str| {
        let name = inert(name);
        name.split(' ').next().unwrap_or_default().to_owned()
    };
    let mut who = first(&request.requester.name);
    if request.beneficiary.id != request.requester.id {
        who = format!("{who} for {}", first(&request.beneficiary.name));
    }
    let severity = request
        .severity
        .map(|severity| format!(", {severity}"))
        .unwrap_or_default();
    let kind = if request.planned { "planned " } else { "" };
    format!(
        "{} {}: {kind}{} on {}, {}{severity}.",
        request.id,
        fit(&who, 40),
        request.role,
        request.target,
        request.duration,
    )
}

/// The text of a card: approvers read that it is theirs to answer.
pub(super) fn card(frame: &Frame, card: &Card) -> String {
    match (&card.state, card.kind) {
        (StateView::Waiting { answer_by, .. }, CardKind::Approvers) => {
            let mark = words::mark(&card.request, &card.state);
            let left = left(frame, *answer_by);
            let subject = subject(&card.request);
            frame.mark(&format!("{mark} · {subject} You can approve. {left} left"))
        }
        (state, CardKind::Approvers | CardKind::Security) => {
            self::state(frame, &card.request, state)
        }
    }
}

/// The text of a message about a request's state.
pub(super) fn state(frame: &Frame, request: &RequestView, state: &StateView) -> String {
    let mark = words::mark(request, state);
    let more = match state {
        StateView::Waiting { answer_by, .. } => {
            format!(" {} left to answer", left(frame, *answer_by))
        }
        StateView::Unconfirmed { confirm_by } => {
            format!(" {} left to confirm", left(frame, *confirm_by))
        }
        StateView::Granting { until, .. } => format!(" Until {}", utc(frame.now, *until)),
        StateView::Active { until, .. } => {
            let how = if request.break_glass {
                "No approval. "
            } else {
                ""
            };
            format!(
                " {how}Until {}, {} left",
                utc(frame.now, *until),
                left(frame, *until)
            )
        }
        StateView::Ended { at, .. }
        | StateView::NotGranted { at, .. }
        | StateView::Lapsed { at } => {
            format!(" {}", utc(frame.now, *at))
        }
        StateView::Denied { by, at, .. } | StateView::Withdrawn { by, at } => {
            format!(" By {} {}", words::actor(by), utc(frame.now, *at))
        }
        StateView::Ending {
            trouble: Some(_), ..
        } => " Access NOT removed yet".to_owned(),
        StateView::Ending { trouble: None, .. } => " Being taken away".to_owned(),
    };
    frame.mark(&format!("{mark} · {}{more}", subject(request)))
}

/// `10 min`, rounded up, as a person with a clock would say it.
pub(super) fn left(frame: &Frame, until: Timestamp) -> String {
    let secs = until.millis_since(frame.now).max(0).div_euclid(1000);
    match secs {
        0..60 => format!("{secs} s"),
        60..5400 => format!("{} min", (secs + 59) / 60),
        _ => format!("{} h", (secs + 1800) / 3600),
    }
}
