//! The slash commands that the app registers in the guild.
//!
//! <https://docs.discord.com/developers/interactions/application-commands>

use std::sync::Arc;

use serde_json::{Value, json};

use super::guild::require;
use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;
use crate::discord::rules;
use crate::discord::state::State;

/// A guild takes at most so many of one app.
const COMMANDS_MAX: usize = 100;

/// Checks that the call means our app in our guild.
fn ours(state: &State, ask: &Ask) -> Result<(), ApiError> {
    if ask.param(0) != state.options.app.id {
        return Err(ApiError::new(
            403,
            20_012,
            "You are not authorized to perform this action on this application",
        ));
    }
    require(state, ask.param(1)).map_err(|_| ApiError::missing_access())
}

pub(super) fn list(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        ours(state, ask)?;
        Ok(Reply::ok(state.commands.clone().into()))
    })
}

pub(super) fn get(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| {
        ours(state, ask)?;
        let found = state
            .commands
            .iter()
            .find(|there| there["id"] == ask.param(2));
        Ok(Reply::ok(found.ok_or_else(unknown)?.clone()))
    })
}

fn unknown() -> ApiError {
    ApiError::new(404, 10_063, "Unknown application command")
}

/// Adds one command, in place of one with its name.
pub(super) fn create(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        ours(state, ask)?;
        rules::check(state, &rules::COMMAND, &ask.body)?;
        let (command, is_new) = made(state, &ask.body);
        if is_new && state.commands.len() >= COMMANDS_MAX {
            let why = "Maximum number of application commands reached (100).";
            return Err(ApiError::new(400, 30_032, why));
        }
        state.commands.retain(|there| there["id"] != command["id"]);
        state.commands.push(command.clone());
        Ok(if is_new {
            Reply::created(command)
        } else {
            Reply::ok(command)
        })
    })
}

/// Replaces all commands.
pub(super) fn overwrite(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        ours(state, ask)?;
        rules::check_list(state, &rules::COMMANDS, &ask.body)?;
        let bodies = ask.body.as_array().cloned().unwrap_or_default();
        let commands: Vec<Value> = bodies.iter().map(|body| made(state, body).0).collect();
        state.commands = commands;
        Ok(Reply::ok(state.commands.clone().into()))
    })
}

pub(super) fn delete(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.change(|state| {
        ours(state, ask)?;
        let before = state.commands.len();
        state.commands.retain(|there| there["id"] != ask.param(2));
        let is_gone = state.commands.len() < before;
        is_gone.then(Reply::nothing).ok_or_else(unknown)
    })
}

/// A command with what Discord fills in, and whether there was none with its name.
fn made(state: &mut State, body: &Value) -> (Value, bool) {
    let kind = body["type"].as_u64().unwrap_or(1);
    let is_same = |there: &&Value| there["name"] == body["name"] && there["type"] == kind;
    let there = state
        .commands
        .iter()
        .find(is_same)
        .map(|there| there["id"].clone());
    let is_new = there.is_none();
    let id = there.unwrap_or_else(|| state.next_id().into());
    let permissions = body["default_member_permissions"]
        .as_u64()
        .map(|bits| bits.to_string());
    let permissions = permissions.or_else(|| {
        body["default_member_permissions"]
            .as_str()
            .map(str::to_owned)
    });
    let mut command = json!({
        "id": id,
        "application_id": state.options.app.id,
        "guild_id": state.options.id,
        "version": state.next_id(),
        "type": kind,
        "name": body["name"],
        "name_localizations": body["name_localizations"],
        "description": body["description"].as_str().unwrap_or_default(),
        "description_localizations": body["description_localizations"],
        "default_member_permissions": permissions,
        "dm_permission": true,
        "contexts": body["contexts"],
        "integration_types": if body["integration_types"].is_array() { body["integration_types"].clone() } else { json!([0]) },
        "nsfw": body["nsfw"].as_bool().unwrap_or_default(),
    });
    if let Some(options) = body["options"].as_array() {
        command["options"] = options.clone().into();
    }
    (command, is_new)
}
