//! Blocks and lines within Slack's limits: <https://docs.slack.dev/reference/block-kit>.

use breakglass_core::id::Platform;
use breakglass_core::intent::Button;
use breakglass_core::notice::WhoView;
use breakglass_core::picture::{
    Frame, Line, MENTIONS_MAX, Piece, Press, Shape, fit, inert, is_near, utc,
};
use breakglass_core::time::Timestamp;
use slack_morphism::blocks::{
    SlackAccessibilityLabel, SlackActionBlockElement, SlackActionsBlock, SlackBlock,
    SlackBlockButtonElement, SlackBlockButtonStyle, SlackBlockConfirmItem, SlackBlockPlainText,
    SlackBlockPlainTextOnly, SlackContextBlock, SlackHeaderBlock, SlackRichTextBlock,
    SlackRichTextDate, SlackRichTextElement, SlackRichTextInlineElement, SlackRichTextPreformatted,
    SlackRichTextQuote, SlackRichTextSection, SlackRichTextText, SlackRichTextUser,
    SlackRichTextUserGroup,
};
use slack_morphism::{SlackActionId, SlackDateTime, SlackTs, SlackUserGroupId, SlackUserId};

use super::action;

/// Characters of a header.
const HEADER_MAX: usize = 150;
/// Characters of a button.
const BUTTON_MAX: usize = 75;
/// Characters of a confirmation's title, text and buttons.
const CONFIRM_TITLE_MAX: usize = 100;
const CONFIRM_TEXT_MAX: usize = 300;
const CONFIRM_BUTTON_MAX: usize = 30;
/// Characters of a context element that can still be read.
const FOOTER_MAX: usize = 300;
/// Elements in a row of buttons.
const ROW_MAX: usize = 25;

/// A plain text, in which `:names:` of emoji stay as they are.
pub(super) fn plain(text: &str, max: usize) -> SlackBlockPlainTextOnly {
    SlackBlockPlainText::new(fit(&inert(text), max))
        .with_emoji(false)
        .into()
}

/// A title.
pub(super) fn header(text: &str) -> SlackBlock {
    SlackHeaderBlock::new(plain(text, HEADER_MAX)).into()
}

/// Small print.
pub(super) fn footer(text: &str) -> SlackBlock {
    let text = SlackBlockPlainText::new(fit(&inert(text), FOOTER_MAX)).with_emoji(false);
    SlackContextBlock::new(vec![text.into()]).into()
}

/// A row of buttons or selects; none, if there are none.
pub(super) fn row(mut elements: Vec<SlackActionBlockElement>) -> Option<SlackBlock> {
    elements.truncate(ROW_MAX);
    (!elements.is_empty()).then(|| SlackActionsBlock::new(elements).into())
}

/// Buttons in a row. Screen readers hear which request each is about.
pub(super) fn buttons(frame: &Frame, all: &[Press]) -> Option<SlackBlock> {
    let elements = all.iter().enumerate().map(|(index, press)| {
        // Within a row each needs a name of its own.
        let again = all[..index]
            .iter()
            .any(|before| before.button == press.button);
        let name = if again {
            format!("{}:{index}", press.button.as_str())
        } else {
            press.button.as_str().to_owned()
        };
        let spoken = format!("{} {}", press.label.trim_end_matches('…'), press.request);
        let confirm = press.confirm.as_ref().map(|text| {
            let title = frame.mark(&format!("Approve {}?", press.request));
            SlackBlockConfirmItem::new(
                plain(&title, CONFIRM_TITLE_MAX),
                plain(text, CONFIRM_TEXT_MAX).into(),
                plain("Approve", CONFIRM_BUTTON_MAX),
                plain("Not yet", CONFIRM_BUTTON_MAX),
            )
        });
        SlackBlockButtonElement::new(plain(&press.label, BUTTON_MAX))
            .with_action_id(SlackActionId(name))
            .with_accessibility_label(SlackAccessibilityLabel(fit(&spoken, BUTTON_MAX)))
            .with_value(action::value(press.request, &press.digest))
            .opt_style(style(press.button))
            .opt_confirm(confirm)
            .into()
    });
    row(elements.collect())
}

fn style(button: Button) -> Option<SlackBlockButtonStyle> {
    match button {
        Button::Approve => Some(SlackBlockButtonStyle::Primary),
        Button::BreakTheGlass => Some(SlackBlockButtonStyle::Danger),
        Button::ApproveForLess
        | Button::Deny
        | Button::Details
        | Button::AskForApproval
        | Button::Edit
        | Button::Cancel
        | Button::EndNow
        | Button::Revoke
        | Button::Withdraw
        | Button::AskAgain
        | Button::Review
        | Button::Attest
        | Button::Describe => None,
    }
}

/// Lines below each other.
pub(super) fn lines(frame: &Frame, lines: &[Line]) -> SlackBlock {
    SlackRichTextBlock::new(lines.iter().map(|line| element(frame, line)).collect()).into()
}

fn element(frame: &Frame, line: &Line) -> SlackRichTextElement {
    let mut drawn = Vec::new();
    for piece in &line.pieces {
        draw(frame, piece, &mut drawn);
    }
    match line.shape {
        Shape::Plain => SlackRichTextSection::new(drawn).into(),
        Shape::Quote => SlackRichTextQuote::new(drawn).into(),
        Shape::Code => SlackRichTextPreformatted::new(drawn).into(),
    }
}

fn draw(frame: &Frame, piece: &Piece, drawn: &mut Vec<SlackRichTextInlineElement>) {
    let mut push = |text: &str, style: fn(SlackRichTextText) -> SlackRichTextText| {
        if !text.is_empty() {
            drawn.push(style(SlackRichTextText::new(text.to_owned())).into());
        }
    };
    match piece {
        Piece::Text(text) => push(text, |text| text),
        Piece::Bold(text) => push(text, SlackRichTextText::bold),
        Piece::Code(text) => push(text, SlackRichTextText::code),
        Piece::Break => push("\n", |text| text),
        Piece::At(at) => drawn.push(date(frame, *at)),
        Piece::Call(who) => call(who, drawn),
    }
}

/// A time of day in the reader's zone, with the day if it is far.
fn date(frame: &Frame, at: Timestamp) -> SlackRichTextInlineElement {
    let format = if is_near(frame.now, at) {
        "{time}"
    } else {
        "{date_short_pretty} {time}"
    };
    let fallback = utc(frame.now, at);
    // The library's only way to an instant is by way of a message's time stamp.
    match SlackTs(at.seconds().to_string()).to_date_time_opt() {
        Some(instant) => SlackRichTextDate::new(SlackDateTime(instant), format.to_owned())
            .with_fallback(fallback)
            .into(),
        None => SlackRichTextText::new(fallback).into(),
    }
}

/// Calls those who are asked to act: their group where Slack knows one, else one by one, else by name.
fn call(who: &WhoView, drawn: &mut Vec<SlackRichTextInlineElement>) {
    let space = || SlackRichTextText::new(" ".to_owned()).into();
    let groups = who.groups.get(&Platform::Slack);
    let accounts = || {
        let people = who.people.iter();
        people.filter_map(|one| one.accounts.get(&Platform::Slack))
    };
    let calls: Vec<SlackRichTextInlineElement> = match groups.map(Vec::as_slice) {
        Some(groups @ [_, ..]) => groups
            .iter()
            .map(|group| SlackRichTextUserGroup::new(SlackUserGroupId(group.clone())).into())
            .collect(),
        Some([]) | None => accounts()
            .take(MENTIONS_MAX)
            .map(|account| SlackRichTextUser::new(SlackUserId(account.clone())).into())
            .collect(),
    };
    if calls.is_empty() {
        let label = SlackRichTextText::new(fit(&inert(&who.label), BUTTON_MAX));
        drawn.push(label.bold().into());
    }
    for (index, call) in calls.into_iter().enumerate() {
        if index > 0 {
            drawn.push(space());
        }
        drawn.push(call);
    }
}
