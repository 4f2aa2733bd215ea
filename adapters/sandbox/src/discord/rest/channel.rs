//! Channels, and direct messages being opened.

use std::sync::Arc;

use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::options::Channel;
use crate::discord::permission::Permissions;
use crate::discord::rules;
use crate::discord::snowflake::is_id;
use crate::discord::state::{Place, Room, State};

/// The room, if the app sees it.
pub(super) fn seen<'a>(state: &'a State, channel: &str) -> Result<&'a Room, ApiError> {
    if !crate::discord::snowflake::is_one(channel) {
        let message = format!("Value \"{channel}\" is not snowflake.");
        return Err(ApiError::field(
            "channel_id",
            "NUMBER_TYPE_COERCE",
            &message,
        ));
    }
    let room = state.room(channel).ok_or_else(ApiError::unknown_channel)?;
    let is_in = room.is_direct() || state.has_app;
    let may = state.may_in(&state.options.app.id, room);
    if !is_in || may == Permissions::NONE {
        return Err(ApiError::missing_access());
    }
    Ok(room)
}

/// The room, if the app has these rights in it.
pub(super) fn allowed<'a>(
    state: &'a State,
    channel: &str,
    needed: Permissions,
) -> Result<&'a Room, ApiError> {
    let room = seen(state, channel)?;
    let may = state.may_in(&state.options.app.id, room);
    if may.contains(needed) {
        Ok(room)
    } else {
        Err(ApiError::missing_permissions())
    }
}

pub(super) fn get(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| Ok(Reply::ok(state.channel_json(seen(state, ask.param(0))?))))
}

/// Opens the direct message with somebody. It opens also if they take none: only posting fails.
pub(super) fn open_direct(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        rules::check(state, &rules::DIRECT, &ask.body)?;
        let wanted = &ask.body["recipient_id"];
        let found = state
            .members
            .iter()
            .find(|member| is_id(wanted, &member.id));
        let other = found.filter(|member| member.id != state.options.app.id);
        let invalid = || ApiError::new(400, 50_033, "Invalid Recipient(s)");
        let user = &other.ok_or_else(invalid)?.id.clone();
        if state.direct(user).is_none() {
            let id = state.next_id();
            let with = user.to_owned();
            state
                .rooms
                .push(Room::new(Channel::public(&id, ""), Place::Direct { with }));
        }
        let room = state.direct(user).ok_or_else(ApiError::unknown_channel)?;
        Ok(Reply::ok(state.channel_json(room)))
    })
}
