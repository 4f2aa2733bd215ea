//! Short forms: a reason, a shorter time, a finding.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Field, RequestView};
use breakglass_core::picture::{about, justification, words};
use breakglass_core::time::Length;
use slack_morphism::blocks::{
    SlackBlock, SlackBlockPlainTextInputElement, SlackInputBlock, SlackModalView,
};

use super::super::block::{lines, plain};
use super::super::memo::{About, Memo};
use super::super::{Frame, action};
use super::{HINT_MAX, durations, field, modal, name, pick, radios, to_send};

/// Characters of a reason or a note; more than are kept aren't taken.
const TEXT_MAX: u64 = 2000;

/// What a review can find.
const FINDINGS: [(&str, &str); 4] = [
    ("justified", "Justified"),
    ("drill", "Drill"),
    ("avoidable", "Avoidable"),
    ("misuse", "Misuse"),
];

/// What a short form needs.
pub(super) struct Short<'a> {
    pub(super) button: Button,
    pub(super) request: &'a RequestView,
    pub(super) durations: &'a [Length],
    pub(super) text_min: u16,
}

/// How a short form asks.
struct Words {
    title: &'static str,
    submit: &'static str,
    label: &'static str,
    hint: &'static str,
}

fn asks(button: Button) -> Words {
    let words = |title, submit, label, hint| Words {
        title,
        submit,
        label,
        hint,
    };
    match button {
        Button::Deny => words(
            "Deny",
            "Deny",
            "Why not?",
            "The requester reads this, and the log keeps it.",
        ),
        Button::Revoke => words(
            "Revoke",
            "Revoke",
            "Why?",
            "The holder reads this, and the log keeps it.",
        ),
        Button::ApproveForLess => words(
            "Approve for less",
            "Approve",
            "A word to the requester",
            "Kept in the log.",
        ),
        Button::Review => words(
            "Review",
            "Close the review",
            "Note",
            "Kept in the log. It can't be changed.",
        ),
        Button::Attest => words(
            "Removed by hand",
            "I removed it",
            "How?",
            "Kept in the log, with your name. The target is still tried.",
        ),
        Button::Describe => words(
            "What did you do?",
            "Send",
            "Two lines for the review",
            "Kept in the log. No secrets or customer data.",
        ),
        Button::Approve
        | Button::Details
        | Button::BreakTheGlass
        | Button::AskForApproval
        | Button::Edit
        | Button::Cancel
        | Button::EndNow
        | Button::Withdraw
        | Button::AskAgain => words(button.label(), "Send", "Text", "Kept in the log."),
    }
}

pub(super) fn view(frame: &Frame, memo: Memo, short: &Short<'_>) -> SlackModalView {
    let frame = &about(frame, short.request);
    let asked = asks(short.button);
    let memo = Memo {
        about: Some(About {
            button: short.button.as_str().to_owned(),
            request: short.request.id,
            digest: short.request.digest.clone(),
        }),
        ..memo
    };
    let mut blocks: Vec<SlackBlock> = vec![lines(
        frame,
        &[words::subject(short.request), justification(short.request)],
    )];
    if short.button == Button::ApproveForLess {
        blocks.push(shorter(short.durations).into());
    }
    if short.button == Button::Review {
        blocks.push(finding().into());
    }
    blocks.push(text(&asked, short.text_min).into());
    let view = modal(frame, asked.title, blocks, &memo);
    to_send(view, asked.submit, action::SHORT)
}

fn shorter(all: &[Length]) -> SlackInputBlock {
    let longest = all.iter().copied().max().unwrap_or(Length::from_mins(15));
    field(
        Field::Duration,
        "",
        "For how long?",
        durations(all, Some(longest)),
    )
}

fn finding() -> SlackInputBlock {
    let items = FINDINGS
        .iter()
        .map(|(value, label)| pick(value, label))
        .collect();
    field(
        Field::Finding,
        "",
        "What do you find?",
        radios(Field::Finding, items, None),
    )
}

fn text(words: &Words, text_min: u16) -> SlackInputBlock {
    let input = SlackBlockPlainTextInputElement::new()
        .with_action_id(name(Field::Text))
        .with_multiline(true)
        .with_max_length(TEXT_MAX);
    let input = if text_min > 0 {
        input.with_min_length(text_min.into())
    } else {
        input
    };
    field(Field::Text, "", words.label, input.into())
        .with_hint(plain(words.hint, HINT_MAX))
        .with_optional(text_min == 0)
}
