//! What comes after the first answer: more messages, and changes to them, by the token of the interaction.
//!
//! <https://docs.discord.com/developers/interactions/receiving-and-responding#followup-messages>

use std::sync::Arc;

use super::callback::{add, draft};
use super::message::{fill, is_empty, put_back};
use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::message::{EPHEMERAL, Message, MessageId};
use crate::discord::rules;
use crate::discord::state::State;

/// The id of the interaction that the path's token belongs to.
fn interaction(state: &State, ask: &Ask) -> Result<String, ApiError> {
    let found = state.followed(ask.param(0), ask.param(1));
    let found = found.ok_or_else(|| ApiError::new(401, 50_027, "Invalid Webhook Token"))?;
    Ok(found.id.clone())
}

/// The message that the path names: `@original` or one of the interaction's own.
fn found(state: &State, ask: &Ask) -> Result<Message, ApiError> {
    let id = interaction(state, ask)?;
    let interaction = state.interactions.get(&id);
    let original = interaction.and_then(|there| there.original.clone());
    let wanted = match ask.param(2) {
        "@original" => original,
        other => interaction.map(|there| MessageId {
            channel: there.channel.clone(),
            id: other.to_owned(),
        }),
    };
    let message = wanted.and_then(|wanted| state.message(&wanted).cloned());
    let message = message.filter(|message| message.author == state.options.app.id);
    message.ok_or_else(ApiError::unknown_message)
}

pub(super) fn create(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let id = interaction(state, ask)?;
        rules::check(state, &rules::ANSWER, &ask.body)?;
        let original = state
            .interactions
            .get(&id)
            .and_then(|there| there.original.clone());
        let promised = original.and_then(|original| state.message(&original).cloned());
        if let Some(mut message) = promised.filter(Message::is_loading) {
            // The first follow-up keeps the promise; whether only one sees it was said with the promise.
            let ephemeral = message.flags & EPHEMERAL;
            fill(&mut message, &ask.body);
            message.flags = message.flags & !EPHEMERAL | ephemeral;
            return put_back(state, message).map(Reply::ok);
        }
        let mut message = draft(state, &id)?;
        fill(&mut message, &ask.body);
        if is_empty(&message) {
            return Err(ApiError::new(400, 50_006, "Cannot send an empty message"));
        }
        Ok(Reply::ok(add(state, &id, message)))
    })
}

pub(super) fn get(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| Ok(Reply::ok(state.message_json(&found(state, ask)?))))
}

pub(super) fn edit(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let mut message = found(state, ask)?;
        rules::check(state, &rules::ANSWER_EDIT, &ask.body)?;
        let ephemeral = message.flags & EPHEMERAL;
        fill(&mut message, &ask.body);
        message.flags = message.flags & !EPHEMERAL | ephemeral;
        put_back(state, message).map(Reply::ok)
    })
}

pub(super) fn delete(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let message = found(state, ask)?;
        state.remove_message(&MessageId::from(&message));
        Ok(Reply::nothing())
    })
}
