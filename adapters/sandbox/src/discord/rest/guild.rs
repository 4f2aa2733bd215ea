//! The guild, its roles, channels and members.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::options::Member;
use crate::discord::permission::Permissions;
use crate::discord::state::{Place, Room, State};

/// A page of members is at most so long.
const MEMBERS_MAX: usize = 1000;

/// Checks that the call means our guild, and that the app is in it.
pub(super) fn require(state: &State, guild: &str) -> Result<(), ApiError> {
    let is_there = guild == state.options.id && state.has_app;
    is_there.then_some(()).ok_or_else(ApiError::unknown_guild)
}

pub(super) fn get(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        require(state, ask.param(0))?;
        let mut guild = state.guild_json();
        guild["home_header"] = Value::Null;
        guild["nsfw"] = false.into();
        if ask.flag("with_counts") {
            guild["approximate_member_count"] = state.members.len().into();
            guild["approximate_presence_count"] = 1.into();
        }
        Ok(Reply::ok(guild))
    })
}

pub(super) fn roles(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        require(state, ask.param(0))?;
        Ok(Reply::ok(
            state
                .roles
                .iter()
                .map(|role| state.role_json(role))
                .collect(),
        ))
    })
}

pub(super) fn channels(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        require(state, ask.param(0))?;
        let rooms = state.rooms.iter().filter(|room| room.place == Place::Text);
        let seen = rooms.filter(|room| is_seen(state, room));
        Ok(Reply::ok(
            seen.map(|room| state.channel_json(room)).collect(),
        ))
    })
}

pub(super) fn threads(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        require(state, ask.param(0))?;
        let is_open = |room: &&Room| {
            matches!(
                room.place,
                Place::Thread {
                    archived: false,
                    ..
                }
            )
        };
        let seen = state
            .rooms
            .iter()
            .filter(is_open)
            .filter(|room| is_seen(state, room));
        let threads: Value = seen.map(|room| state.channel_json(room)).collect();
        Ok(Reply::ok(
            json!({"threads": threads, "members": [], "has_more": false}),
        ))
    })
}

fn is_seen(state: &State, room: &Room) -> bool {
    state.may_in(&state.options.app.id, room) != Permissions::NONE
}

pub(super) fn members(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    let limit = ask.limit(1, MEMBERS_MAX)?;
    let after: u64 = match ask.query.get("after") {
        Some(after) => after.parse().map_err(|_| {
            let message = format!("Value \"{after}\" is not snowflake.");
            ApiError::field("after", "NUMBER_TYPE_COERCE", &message)
        })?,
        None => 0,
    };
    if !hall.options.app.has_members_intent {
        return Err(ApiError::missing_access());
    }
    hall.read(|state| {
        require(state, ask.param(0))?;
        let number = |member: &Member| member.id.parse::<u64>().unwrap_or_default();
        let here = state
            .members
            .iter()
            .filter(|member| member.is_here && number(member) > after);
        let mut here: Vec<&Member> = here.collect();
        here.sort_by_key(|member| number(member));
        let page = here.into_iter().take(limit);
        Ok(Reply::ok(
            page.map(|member| state.member_json(member)).collect(),
        ))
    })
}

pub(super) fn member(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        require(state, ask.param(0))?;
        let member = state
            .member(ask.param(1))
            .ok_or_else(ApiError::unknown_member)?;
        Ok(Reply::ok(state.member_json(member)))
    })
}
