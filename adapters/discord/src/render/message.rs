//! Cards and notices as messages: <https://docs.discord.com/developers/resources/message>.

use breakglass_core::intent::Button;
use breakglass_core::notice::{Card, CardKind, Notice};
use breakglass_core::picture::{self, Line, Picture, Piece, Press, fit, inert};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::escape::{code, escape};
use super::line::{Mentioned, lines, mentions, units};
use super::{Frame, custom_id};

/// Characters of a message's content.
pub(super) const CONTENT_MAX: usize = 2000;
/// Characters of an embed's parts; 6,000 for all of them together.
const TITLE_MAX: usize = 256;
pub(super) const DESCRIPTION_MAX: usize = 4096;
const FOOTER_MAX: usize = 300;
/// Buttons in a row, rows in a message.
const ROW_MAX: usize = 5;
const ROWS_MAX: usize = 5;
/// Characters of a button's label.
const LABEL_MAX: usize = 80;
/// Characters of a nonce.
const NONCE_MAX: usize = 25;
/// Characters of a thread's name.
const THREAD_NAME_MAX: usize = 100;

/// Where a notice is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where<'a> {
    /// In the guild, where buttons act.
    Guild,
    /// In a direct message, where nothing acts: the link leads to the card.
    Direct { card: &'a str },
}

/// A card as a message.
pub(crate) fn card(frame: &Frame, card: &Card) -> Value {
    message(frame, &picture::card(frame, card))
}

/// A notice as a message; `effect` is its id, which stands in it.
pub(crate) fn notice(frame: &Frame, effect: &str, notice: &Notice, place: Where<'_>) -> Value {
    let mut picture = picture::notice(frame, effect, notice);
    let Where::Direct { card } = place else {
        return message(frame, &picture);
    };
    let pressed = std::mem::take(&mut picture.buttons);
    picture.lines.extend(pressed.iter().map(instead));
    let mut message = message(frame, &picture);
    if let Some(press) = pressed.first() {
        let label = fit(&format!("{} in the server", press.request), LABEL_MAX);
        let link = json!({ "type": 2, "style": 5, "label": label, "url": card });
        message["components"] = json!([{ "type": 1, "components": [link] }]);
    }
    message
}

/// What to type where a button can't act.
fn instead(press: &Press) -> Line {
    let request = press.request;
    let command = match press.button {
        Button::EndNow => format!("/breakglass end id:{request}"),
        Button::Withdraw | Button::Cancel => format!("/breakglass withdraw id:{request}"),
        Button::AskAgain => format!("/breakglass again id:{request}"),
        Button::Describe => format!("/breakglass describe id:{request}"),
        Button::Revoke => format!("/breakglass revoke id:{request}"),
        Button::Review => format!("/breakglass review id:{request}"),
        Button::Approve
        | Button::ApproveForLess
        | Button::Deny
        | Button::Details
        | Button::Attest
        | Button::BreakTheGlass
        | Button::AskForApproval
        | Button::Edit => "/breakglass list".to_owned(),
    };
    Line::new()
        .text(press.label.trim_end_matches('…'))
        .say(": ")
        .code(&command)
        .say(" in the server")
}

/// A picture as a message that others see.
fn message(frame: &Frame, picture: &Picture) -> Value {
    let mut mentioned = Mentioned::default();
    let calls: Vec<String> = picture
        .lines
        .iter()
        .flat_map(|line| &line.pieces)
        .filter_map(|piece| match piece {
            Piece::Call(who) => Some(mentions(who, &mut mentioned)),
            Piece::Text(_) | Piece::Bold(_) | Piece::Code(_) | Piece::At(_) | Piece::Break => None,
        })
        .flatten()
        .collect();
    let mut content = escape(&fit(&picture.spoken, CONTENT_MAX / 2));
    for call in calls {
        // Nobody is called by half a mention.
        if units(&content) + 1 + units(&call) > CONTENT_MAX {
            break;
        }
        content.push_str(if content.ends_with('>') { " " } else { "\n" });
        content.push_str(&call);
    }
    json!({
        "content": content,
        "embeds": [embed(frame, picture)],
        "components": rows(&picture.buttons),
        "allowed_mentions": {
            "parse": [],
            "roles": mentioned.roles,
            "users": mentioned.users,
        },
    })
}

/// What is told, as an embed.
pub(super) fn embed(frame: &Frame, picture: &Picture) -> Value {
    let mut embed = json!({ "description": lines(frame, &picture.lines, DESCRIPTION_MAX) });
    if let Some(title) = &picture.title {
        embed["title"] = json!(escape(&fit(&inert(title), TITLE_MAX / 2)));
    }
    if let Some(footer) = &picture.footer {
        // Nothing is read as markup there.
        embed["footer"] = json!({ "text": fit(&inert(footer), FOOTER_MAX) });
    }
    embed
}

/// Buttons in rows.
pub(super) fn rows(presses: &[Press]) -> Vec<Value> {
    let buttons: Vec<Value> = presses.iter().enumerate().map(button).collect();
    buttons
        .chunks(ROW_MAX)
        .take(ROWS_MAX)
        .map(|row| json!({ "type": 1, "components": row }))
        .collect()
}

fn button((index, press): (usize, &Press)) -> Value {
    let style = match press.button {
        Button::Approve => 3,
        Button::BreakTheGlass => 4,
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
        | Button::Describe => 2,
    };
    json!({
        "type": 2,
        "style": style,
        "label": fit(&inert(&press.label), LABEL_MAX),
        "custom_id": custom_id::press(press.button, press.request, &press.digest, index),
    })
}

/// A nonce that is the same on every try: the effect's id, or what stands for it where that is too long.
pub(crate) fn nonce(effect: &str) -> String {
    if effect.len() <= NONCE_MAX && effect.is_ascii() {
        return effect.to_owned();
    }
    let hash = hex::encode(Sha256::digest(effect.as_bytes()));
    hash.chars().take(NONCE_MAX).collect()
}

/// What the thread under a card is called: `BG-4821 admin on orders-db`.
pub(crate) fn thread_name(frame: &Frame, notice: &Notice) -> String {
    let name = match notice {
        Notice::Received { request, .. }
        | Notice::GlassOffered { request, .. }
        | Notice::Decided { request, .. }
        | Notice::EndingSoon { request, .. }
        | Notice::Ended { request, .. }
        | Notice::Progress { request, .. }
        | Notice::Skipped { request }
        | Notice::ReviewDue { request, .. } => {
            format!("{} {}", request.id, picture::words::access(request))
        }
        Notice::Alarm {
            request: Some(request),
            ..
        } => request.to_string(),
        Notice::Alarm { request: None, .. }
        | Notice::Digest { .. }
        | Notice::Stranger { .. }
        | Notice::House { .. } => "breakglass".to_owned(),
    };
    fit(&code(&frame.mark(&name)), THREAD_NAME_MAX)
}

/// The id by which a card is posted once: another after each change, so that one deleted by hand can be posted anew.
pub(crate) fn card_nonce(card: &Card) -> String {
    let kind = match card.kind {
        CardKind::Approvers => "a",
        CardKind::Security => "s",
    };
    nonce(&format!(
        "{kind}{}.{}",
        card.request.id, card.request.log_seq
    ))
}
