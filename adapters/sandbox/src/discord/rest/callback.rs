//! The first answer to what somebody did.
//!
//! <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object>

use std::sync::Arc;

use serde_json::{Value, json};

use super::message::{fill, is_empty, numbered, put_back};
use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::act::{Answer, Choice};
use crate::discord::gateway::Event;
use crate::discord::interaction::{AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Unanswerable};
use crate::discord::message::{EPHEMERAL, LOADING, Message, MessageId};
use crate::discord::modal::{Modal, text_of};
use crate::discord::rules;
use crate::discord::state::State;

pub(super) fn create(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let resource = first_answer(state, ask.param(0), ask.param(1), &ask.body)?;
        if !ask.flag("with_response") {
            return Ok(Reply::nothing());
        }
        let message_id = resource["message"]["id"].clone();
        let flags = resource["message"]["flags"].as_u64().unwrap_or_default();
        let kind = state.interactions.get(ask.param(0)).map(|there| there.kind);
        let mut interaction = json!({"id": ask.param(0), "type": kind});
        if !message_id.is_null() {
            interaction["response_message_id"] = message_id;
            interaction["response_message_loading"] = (flags & LOADING != 0).into();
            interaction["response_message_ephemeral"] = (flags & EPHEMERAL != 0).into();
        }
        Ok(Reply::ok(
            json!({"interaction": interaction, "resource": resource}),
        ))
    })
}

/// Does what the first answer says, however it came in; what it made.
pub(in super::super) fn first_answer(
    state: &mut State,
    id: &str,
    token: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    let interaction = state.answerable(id, token).map_err(|why| match why {
        Unanswerable::Unknown => ApiError::new(404, 10_062, "Unknown interaction"),
        Unanswerable::Answered => {
            ApiError::new(400, 40_060, "Interaction has already been acknowledged.")
        }
    })?;
    let (kind, has_source) = (interaction.kind, interaction.source.is_some());
    rules::check(state, &rules::CALLBACK, body)?;
    let asked = body["type"].as_u64().unwrap_or_default();
    let fits = match asked {
        4 | 5 => kind != AUTOCOMPLETE,
        6 | 7 => kind == COMPONENT || kind == MODAL && has_source,
        8 => kind == AUTOCOMPLETE,
        9 => kind == COMMAND || kind == COMPONENT,
        _ => false,
    };
    if !fits {
        let message =
            format!("A response of type {asked} does not answer an interaction of type {kind}.");
        return Err(ApiError::field(
            "type",
            "INTERACTION_TYPE_INVALID",
            &message,
        ));
    }
    let data = &body["data"];
    match asked {
        4 | 5 => message(state, id, data, asked),
        6 | 7 => update(state, id, data, asked),
        8 => choices(state, id, data),
        _ => form(state, id, data),
    }
}

/// A message of its own, or the promise of one.
fn message(state: &mut State, id: &str, data: &Value, asked: u64) -> Result<Value, ApiError> {
    let is_deferred = asked == 5;
    rules::check_data(state, &rules::ANSWER, data)?;
    let mut message = draft(state, id)?;
    fill(&mut message, data);
    if is_deferred {
        message.flags |= LOADING;
    } else if is_empty(&message) {
        return Err(ApiError::new(400, 50_006, "Cannot send an empty message"));
    }
    let json = add(state, id, message.clone());
    let original = Some(MessageId::from(&message));
    let answer = if is_deferred {
        Answer::Deferred(message)
    } else {
        Answer::Message(message)
    };
    state.answered(id, original, answer);
    Ok(json!({"type": asked, "message": json}))
}

/// A message of the app that answers `interaction` and is not posted yet.
pub(super) fn draft(state: &mut State, id: &str) -> Result<Message, ApiError> {
    let unknown = || ApiError::new(404, 10_062, "Unknown interaction");
    let interaction = state.interactions.get(id).ok_or_else(unknown)?;
    let (channel, metadata) = (interaction.channel.clone(), state.metadata(interaction));
    let mut message = state.draft(&channel);
    message.interaction = Some(metadata);
    Ok(message)
}

/// Posts a message that answers an interaction; to one person if it says so.
pub(super) fn add(state: &mut State, id: &str, mut message: Message) -> Value {
    let addressee = state.interactions.get(id).map(|there| there.user.clone());
    message.only_for = addressee.filter(|_| message.flags & EPHEMERAL != 0);
    state.post(message.clone());
    state.tell_message(Event::MessageCreate, &message);
    state.message_json(&message)
}

/// The message with the button or select changes, now or later.
fn update(state: &mut State, id: &str, data: &Value, asked: u64) -> Result<Value, ApiError> {
    let is_now = asked == 7;
    rules::check_data(state, &rules::ANSWER_EDIT, data)?;
    let source = state
        .interactions
        .get(id)
        .and_then(|there| there.source.clone());
    let found = source
        .as_ref()
        .and_then(|source| state.message(source).cloned());
    let Some(mut message) = found else {
        return Err(ApiError::unknown_message());
    };
    let mut json = Value::Null;
    if is_now {
        fill(&mut message, data);
        json = put_back(state, message.clone())?;
    }
    let answer = if is_now {
        Answer::Updated(message)
    } else {
        Answer::DeferredUpdate
    };
    state.answered(id, source, answer);
    Ok(json!({"type": asked, "message": json}))
}

/// What can be taken for the option that is being typed.
fn choices(state: &mut State, id: &str, data: &Value) -> Result<Value, ApiError> {
    rules::check_data(state, &rules::CHOICES, data)?;
    let choices = data["choices"].as_array().into_iter().flatten();
    let choices = choices.map(|choice| Choice {
        name: text_of(&choice["name"]),
        value: choice["value"].clone(),
    });
    let answer = Answer::Choices(choices.collect());
    state.answered(id, None, answer);
    Ok(json!({"type": 8}))
}

/// A form opens for whoever acted.
fn form(state: &mut State, id: &str, data: &Value) -> Result<Value, ApiError> {
    rules::check_data(state, &rules::MODAL, data)?;
    let Some(interaction) = state.interactions.get(id) else {
        return Err(ApiError::new(404, 10_062, "Unknown interaction"));
    };
    let modal = Modal {
        user: interaction.user.clone(),
        custom_id: text_of(&data["custom_id"]),
        title: text_of(&data["title"]),
        components: numbered(data["components"].as_array().cloned().unwrap_or_default()),
        channel: interaction.channel.clone(),
        source: interaction.source.clone(),
        trigger: state.metadata(interaction),
    };
    state.modals.insert(modal.user.clone(), modal.clone());
    state.answered(id, None, Answer::Modal(modal));
    Ok(json!({"type": 9}))
}
