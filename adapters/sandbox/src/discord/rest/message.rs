//! Messages of channels, threads and direct messages.

mod content;

pub(super) use content::{fill, is_empty, numbered};

use std::sync::Arc;

use serde_json::Value;

use super::channel::{allowed, seen};
use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::gateway::Event;
use crate::discord::message::{Message, MessageId};
use crate::discord::permission::Permissions;
use crate::discord::rules;
use crate::discord::state::{Place, Room, State};

/// A page of messages is at most so long.
const MESSAGES_MAX: usize = 100;

pub(super) fn create(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let room = seen(state, ask.param(0))?;
        let channel = room.channel.id.clone();
        may_post(state, room)?;
        rules::check(state, &rules::CREATE, &ask.body)?;
        if let Some(there) = enforced(state, &channel, &ask.body) {
            return Ok(Reply::ok(state.message_json(&there)));
        }
        let mut message = state.draft(&channel);
        fill(&mut message, &ask.body);
        if is_empty(&message) {
            return Err(ApiError::new(400, 50_006, "Cannot send an empty message"));
        }
        message.nonce = ask
            .body
            .get("nonce")
            .filter(|nonce| !nonce.is_null())
            .cloned();
        if ask.body["enforce_nonce"] == true
            && let Some(nonce) = &message.nonce
        {
            let key = (channel.clone(), nonce.to_string());
            state.nonces.insert(key, MessageId::from(&message));
        }
        wake(state, &channel);
        state.post(message.clone());
        state.tell_message(Event::MessageCreate, &message);
        Ok(Reply::ok(state.message_json(&message)))
    })
}

/// The message that was posted with the same nonce a moment ago.
fn enforced(state: &State, channel: &str, body: &Value) -> Option<Message> {
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null())?;
    let key = (channel.to_owned(), nonce.to_string());
    let there = state
        .nonces
        .get(&key)
        .filter(|_| body["enforce_nonce"] == true)?;
    state.message(there).cloned()
}

/// Whether the app may write here, and somebody takes it.
fn may_post(state: &State, room: &Room) -> Result<(), ApiError> {
    let closed = || ApiError::new(403, 50_007, "Cannot send messages to this user");
    let needed = match &room.place {
        Place::Direct { with } => {
            let takes = state.account(with).is_some_and(|member| {
                member.takes_direct_messages && member.is_here && !member.is_bot && state.has_app
            });
            return takes.then_some(()).ok_or_else(closed);
        }
        Place::Text => Permissions::SEND_MESSAGES,
        Place::Thread {
            locked, archived, ..
        } => {
            let may = state.may_in(&state.options.app.id, room);
            if *locked && !may.contains(Permissions::MANAGE_THREADS) {
                return Err(ApiError::new(403, 160_005, "Thread is locked"));
            }
            if *locked && *archived {
                return Err(archived_thread());
            }
            Permissions::SEND_MESSAGES_IN_THREADS
        }
    };
    allowed(state, &room.channel.id, needed).map(|_| ())
}

/// Posting in an archived thread opens it again.
fn wake(state: &mut State, channel: &str) {
    let is_asleep = state
        .room(channel)
        .is_some_and(|room| matches!(room.place, Place::Thread { archived: true, .. }));
    if is_asleep {
        state.settle_thread(channel, Some(false), None);
    }
}

fn archived_thread() -> ApiError {
    ApiError::new(400, 50_083, "Thread is archived")
}

/// A message that the app may know of: ephemeral ones are found by their interaction's token only.
fn found<'a>(state: &'a State, ask: &Ask) -> Result<&'a Message, ApiError> {
    let room = seen(state, ask.param(0))?;
    let mut messages = room.messages.iter();
    let found = messages.find(|there| there.id == ask.param(1) && there.only_for.is_none());
    found.ok_or_else(ApiError::unknown_message)
}

pub(super) fn get(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        let message = found(state, ask)?;
        allowed(state, &message.channel, Permissions::READ_MESSAGE_HISTORY)?;
        Ok(Reply::ok(state.message_json(message)))
    })
}

pub(super) fn list(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    let limit = ask.limit(50, MESSAGES_MAX)?;
    hall.read(|state| {
        let room = allowed(state, ask.param(0), Permissions::READ_MESSAGE_HISTORY)?;
        let bound = |key: &str, default: u64| {
            ask.query
                .get(key)
                .and_then(|id| id.parse().ok())
                .unwrap_or(default)
        };
        let (after, before) = (bound("after", 0), bound("before", u64::MAX));
        let is_within = |message: &&Message| {
            let id: u64 = message.id.parse().unwrap_or_default();
            message.only_for.is_none() && after < id && id < before
        };
        let page = room.messages.iter().rev().filter(is_within).take(limit);
        Ok(Reply::ok(
            page.map(|message| state.message_json(message)).collect(),
        ))
    })
}

pub(super) fn edit(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let mut message = found(state, ask)?.clone();
        if message.author != state.options.app.id {
            let why = "Cannot edit a message authored by another user";
            return Err(ApiError::new(403, 50_005, why));
        }
        let room = seen(state, &message.channel)?;
        if matches!(room.place, Place::Thread { archived: true, .. }) {
            return Err(archived_thread());
        }
        rules::check(state, &rules::EDIT, &ask.body)?;
        fill(&mut message, &ask.body);
        put_back(state, message).map(Reply::ok)
    })
}

/// Puts an edited message in the place of the old one, and tells of it.
pub(super) fn put_back(state: &mut State, mut message: Message) -> Result<Value, ApiError> {
    if is_empty(&message) {
        return Err(ApiError::new(400, 50_006, "Cannot send an empty message"));
    }
    message.edited_at_ms = Some(state.now_ms());
    if let Some(there) = state.message_mut(&MessageId::from(&message)) {
        there.clone_from(&message);
    }
    state.tell_message(Event::MessageUpdate, &message);
    Ok(state.message_json(&message))
}

pub(super) fn delete(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let message = found(state, ask)?;
        let id = MessageId::from(message);
        if message.author != state.options.app.id {
            allowed(state, &id.channel, Permissions::MANAGE_MESSAGES)?;
        }
        state.remove_message(&id);
        Ok(Reply::nothing())
    })
}
