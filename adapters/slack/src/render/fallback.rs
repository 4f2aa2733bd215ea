//! The text of a message for lock screens and screen readers: its first 90 characters decide.

use breakglass_core::notice::{Card, CardKind, RequestView, StateView};
use breakglass_core::time::Timestamp;

use super::block::{fit, inert, next_instant, utc};
use super::{Frame, words};

/// Characters of one piece of the text.
const PIECE_MAX: usize = 300;

/// Makes a text inert where Slack reads markup: `&`, `<`, `>` as Slack documents, and marks of formatting at the edge
/// of a word by characters that look alike.
pub(crate) fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let word = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|c| c.is_alphanumeric())
    };
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let inside = word(at.checked_sub(1)) && word(Some(at + 1));
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '`' => out.push('ˋ'),
            '*' => out.push('∗'),
            '~' => out.push('∼'),
            '_' if !inside => out.push('ˍ'),
            other => out.push(*other),
        }
    }
    out
}

/// Words from elsewhere for the text: short, inert, instants in UTC.
pub(super) fn words(frame: &Frame, text: &str) -> String {
    let text = inert(text);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, at, after)) = next_instant(rest) {
        out.push_str(before);
        out.push_str(&utc(frame, at));
        rest = after;
    }
    out.push_str(rest);
    escape(&fit(&out, PIECE_MAX))
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
    escape(&format!(
        "{} {}: {kind}{} on {}, {}{severity}.",
        request.id,
        fit(&who, 40),
        request.role,
        request.target,
        request.duration,
    ))
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
        StateView::Granting { until, .. } => format!(" Until {}", utc(frame, *until)),
        StateView::Active { until, .. } => {
            let how = if request.break_glass {
                "No approval. "
            } else {
                ""
            };
            format!(
                " {how}Until {}, {} left",
                utc(frame, *until),
                left(frame, *until)
            )
        }
        StateView::Ended { at, .. }
        | StateView::NotGranted { at, .. }
        | StateView::Lapsed { at } => {
            format!(" {}", utc(frame, *at))
        }
        StateView::Denied { by, at, .. } | StateView::Withdrawn { by, at } => {
            format!(" By {} {}", escape(&words::actor(by)), utc(frame, *at))
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
