//! Threads that hang from messages.

use std::sync::Arc;

use serde_json::Value;

use super::channel::{allowed, seen};
use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::gateway::Event;
use crate::discord::message::MessageId;
use crate::discord::options::Channel;
use crate::discord::permission::Permissions;
use crate::discord::rules;
use crate::discord::state::{Place, Room};

/// After so much silence a thread is archived, unless it says otherwise.
const ARCHIVE_AFTER_MINUTES: u64 = 1_440;

/// Starts the thread of a message; its id is the message's.
pub(super) fn start(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let parent = seen(state, ask.param(0))?;
        if parent.place != Place::Text {
            let why = "Cannot execute action on this channel type";
            return Err(ApiError::new(400, 50_024, why));
        }
        let parent = parent.channel.id.clone();
        allowed(state, &parent, Permissions::CREATE_PUBLIC_THREADS)?;
        let id = MessageId {
            channel: parent.clone(),
            id: ask.param(1).to_owned(),
        };
        let head = state.message(&id).filter(|head| head.only_for.is_none());
        head.ok_or_else(ApiError::unknown_message)?;
        if state.room(&id.id).is_some() {
            let why = "A thread has already been created for this message";
            return Err(ApiError::new(400, 160_004, why));
        }
        rules::check(state, &rules::THREAD, &ask.body)?;
        let name = ask.body["name"].as_str().unwrap_or_default();
        let place = Place::Thread {
            parent,
            owner: state.options.app.id.clone(),
            archived: false,
            locked: false,
            archive_after_minutes: ask.body["auto_archive_duration"]
                .as_u64()
                .unwrap_or(ARCHIVE_AFTER_MINUTES),
            archive_changed_ms: state.now_ms(),
        };
        let room = Room::new(Channel::public(&id.id, name), place);
        let mut json = state.channel_json(&room);
        state.rooms.push(room);
        if let Some(head) = state.message_mut(&id) {
            head.gets_a_thread();
        }
        json["newly_created"] = true.into();
        state.tell(Event::ThreadCreate, &json);
        Ok(Reply::created(json))
    })
}

/// Archives, opens, locks, unlocks or renames a thread.
pub(super) fn edit(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        let room = seen(state, ask.param(0))?;
        let id = room.channel.id.clone();
        let Place::Thread {
            archived, locked, ..
        } = room.place
        else {
            // Channels are the business of the guild's people, not of this app.
            return Err(ApiError::missing_permissions());
        };
        rules::check(state, &rules::THREAD_EDIT, &ask.body)?;
        let flag = |key: &str| ask.body[key].as_bool();
        let stays_archived = archived && flag("archived") != Some(false);
        if stays_archived {
            return Err(ApiError::new(400, 50_083, "Thread is archived"));
        }
        if locked || flag("locked").is_some() || flag("archived").is_some() {
            allowed(state, &id, Permissions::MANAGE_THREADS)?;
        }
        if let (Some(name), Some(room)) = (ask.body["name"].as_str(), state.room_mut(&id)) {
            name.clone_into(&mut room.channel.name);
        }
        state.settle_thread(&id, flag("archived"), flag("locked"));
        let room = seen(state, &id)?;
        Ok(Reply::ok(state.channel_json(room)))
    })
}

/// The bot joins a thread, which changes nothing that can be seen here.
pub(super) fn join(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        let room = seen(state, ask.param(0))?;
        room.parent().ok_or_else(ApiError::unknown_channel)?;
        Ok(Reply {
            status: 204,
            body: Value::Null,
        })
    })
}
