//! Who the bot is, and where its gateway is.

#![expect(clippy::unnecessary_wraps, reason = "all routes have one signature")]

use std::sync::Arc;

use serde_json::json;

use super::{ApiError, Ask, Outcome, Reply};
use crate::discord::Hall;

pub(super) fn gateway(hall: &Arc<Hall>, _: &Ask) -> Outcome {
    Ok(Reply::ok(json!({"url": hall.gateway_url()})))
}

pub(super) fn gateway_bot(hall: &Arc<Hall>, _: &Ask) -> Outcome {
    let limit =
        json!({"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1});
    Ok(Reply::ok(
        json!({"url": hall.gateway_url(), "shards": 1, "session_start_limit": limit}),
    ))
}

pub(super) fn me(hall: &Arc<Hall>, _: &Ask) -> Outcome {
    let mut user = hall.read(|state| state.user_json(&hall.options.app.id));
    user["mfa_enabled"] = true.into();
    user["locale"] = "en-US".into();
    user["email"] = serde_json::Value::Null;
    user["verified"] = true.into();
    Ok(Reply::ok(user))
}

pub(super) fn user(hall: &Arc<Hall>, ask: &Ask) -> Outcome {
    hall.read(|state| match state.account(ask.param(0)) {
        Some(account) => Ok(Reply::ok(state.user_json(&account.id))),
        None => Err(ApiError::new(404, 10_013, "Unknown User")),
    })
}

pub(super) fn guilds(hall: &Arc<Hall>, _: &Ask) -> Outcome {
    let guild = hall.read(|state| {
        let may = state.may(&hall.options.app.id).0.to_string();
        state.has_app.then(|| {
            json!({"id": hall.options.id, "name": hall.options.name, "icon": null, "banner": null, "owner": false,
                "permissions": may, "features": []})
        })
    });
    Ok(Reply::ok(guild.into_iter().collect()))
}

pub(super) fn application(hall: &Arc<Hall>, _: &Ask) -> Outcome {
    Ok(Reply::ok(hall.read(|state| {
        state.application_json(&hall.public_key(), hall.endpoint())
    })))
}
