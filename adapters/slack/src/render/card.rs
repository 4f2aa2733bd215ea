//! The card of a request: one picture, drawn again whenever the request changes.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Card, CardKind, RequestView};
use slack_morphism::blocks::{
    SlackActionBlockElement, SlackBlock, SlackBlockButtonElement, SlackBlockButtonStyle,
    SlackBlockConfirmItem,
};
use slack_morphism::{SlackActionId, blocks::SlackAccessibilityLabel};

use super::block::{Line, footer, header, lines, plain, row};
use super::{Frame, Picture, action, fallback, state, words};

/// Characters of a button.
const BUTTON_MAX: usize = 75;
/// Characters of a confirmation's title, text and buttons.
const CONFIRM_TITLE_MAX: usize = 100;
const CONFIRM_TEXT_MAX: usize = 300;
const CONFIRM_BUTTON_MAX: usize = 30;

/// The card as it is now.
pub(crate) fn card(frame: &Frame, card: &Card) -> Picture {
    let frame = &about(frame, &card.request);
    Picture {
        text: fallback::card(frame, card),
        blocks: blocks(frame, card),
    }
}

/// The frame for a picture of this request.
pub(super) fn about(frame: &Frame, request: &RequestView) -> Frame {
    Frame {
        now: frame.now,
        test: frame.test || request.test,
    }
}

pub(super) fn blocks(frame: &Frame, card: &Card) -> Vec<SlackBlock> {
    let request = &card.request;
    let mut body = vec![
        words::subject(frame, request),
        justification(frame, request),
    ];
    body.extend(state::lines(frame, request, &card.state));
    body.extend(facts(frame, card));
    if let Some(due) = card.review_due {
        body.push(Line::fact(frame, "Review").say("due ").at(due));
    }
    let mut blocks = vec![
        header(frame, &words::title(request, &card.state)),
        lines(body),
    ];
    blocks.extend(buttons(frame, request, &card.buttons));
    blocks.push(footer(&words::witness(request)));
    blocks
}

/// Why, as it was typed; erased ones say so.
pub(super) fn justification(frame: &Frame, request: &RequestView) -> Line {
    match &request.justification {
        Some(typed) => Line::quote(frame, typed),
        None => Line::new(frame).say("(the justification was erased)"),
    }
}

fn facts(frame: &Frame, card: &Card) -> Vec<Line> {
    let request = &card.request;
    let mut facts = Vec::new();
    let access = Line::fact(frame, "Access")
        .text(&request.role_title)
        .say(" · ")
        .text(&request.target_title);
    facts.push(match &request.role_note {
        Some(note) => access.say(" · ").text(note),
        None => access,
    });
    if let Some(incident) = words::incident(request) {
        facts.push(Line::fact(frame, "Incident").text(&incident));
    }
    if card.kind == CardKind::Approvers {
        facts.push(Line::fact(frame, "Risk").text(&words::risk(&request.risk)));
        if !request.standing.is_empty() {
            facts.push(Line::fact(frame, "Requester").text(&request.standing.join(" · ")));
        }
    }
    if request.planned {
        facts.push(Line::fact(frame, "Kind").say("planned work, not an emergency"));
    }
    facts
}

/// The request's buttons in a row.
pub(super) fn buttons(frame: &Frame, request: &RequestView, all: &[Button]) -> Option<SlackBlock> {
    let elements = all.iter().map(|button| {
        let value = action::value(request.id, &request.digest);
        let element = element(
            *button,
            words::label(request, *button),
            button.as_str().to_owned(),
            value,
        );
        if *button == Button::Approve {
            element.with_confirm(confirm_approve(frame, request)).into()
        } else {
            element.into()
        }
    });
    row(elements.collect::<Vec<SlackActionBlockElement>>())
}

/// One button. Screen readers hear which request it is about.
pub(super) fn element(
    button: Button,
    label: &str,
    name: String,
    value: String,
) -> SlackBlockButtonElement {
    let request = value.split('.').next().unwrap_or_default();
    let spoken = format!("{} {request}", label.trim_end_matches('…'));
    let element = SlackBlockButtonElement::new(plain(label, BUTTON_MAX))
        .with_action_id(SlackActionId(name))
        .with_accessibility_label(SlackAccessibilityLabel(super::fit(&spoken, BUTTON_MAX)))
        .with_value(value);
    let style = match button {
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
        | Button::Describe => None,
    };
    element.opt_style(style)
}

/// Asks once more with who, what and how long.
fn confirm_approve(frame: &Frame, request: &RequestView) -> SlackBlockConfirmItem {
    let text = format!(
        "{} gets {} ({}) for {}.",
        request.beneficiary.name,
        words::access(request),
        request.role_title,
        request.duration
    );
    let title = frame.mark(&format!("Approve {}?", request.id));
    SlackBlockConfirmItem::new(
        plain(&title, CONFIRM_TITLE_MAX),
        plain(&text, CONFIRM_TEXT_MAX).into(),
        plain("Approve", CONFIRM_BUTTON_MAX),
        plain("Not yet", CONFIRM_BUTTON_MAX),
    )
}
