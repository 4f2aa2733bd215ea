//! The table of routes.

use super::{
    ApiError, Ask, Outcome, app, callback, channel, command, followup, guild, message, thread,
};
use crate::discord::Hall;
use std::sync::Arc;

/// One route of the REST API.
pub(super) struct Route {
    method: &'static str,
    template: &'static str,
    /// Whether it needs the bot's token; else what the path carries is right enough.
    pub(super) needs_token: bool,
    /// How many open parts of the path have calls counted apart.
    pub(super) major: usize,
    pub(super) run: fn(&Arc<Hall>, &Ask) -> Outcome,
}

impl Route {
    /// Such as `POST /channels/{channel_id}/messages`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    const fn open(self, major: usize) -> Self {
        Self {
            needs_token: false,
            major,
            ..self
        }
    }
}

/// The route of a call, with the open parts of its path.
pub(super) fn find(method: &str, path: &str) -> Result<(&'static Route, Vec<String>), ApiError> {
    let mut is_known = false;
    for route in ROUTES {
        let Some(params) = matched(route.template, path) else {
            continue;
        };
        if route.method == method {
            return Ok((route, params));
        }
        is_known = true;
    }
    Err(if is_known {
        ApiError::new(405, 0, "405: Method Not Allowed")
    } else {
        ApiError::new(404, 0, "404: Not Found")
    })
}

fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let mut parts = path.split('/');
    let mut params = Vec::new();
    for wanted in template.split('/') {
        let part = parts.next()?;
        if wanted.starts_with('{') {
            params.push(part.to_owned());
        } else if wanted != part {
            return None;
        }
    }
    parts.next().is_none().then_some(params)
}

const fn on(
    method: &'static str,
    template: &'static str,
    run: fn(&Arc<Hall>, &Ask) -> Outcome,
) -> Route {
    Route {
        method,
        template,
        needs_token: true,
        major: 1,
        run,
    }
}

/// Fixed parts before open ones: the first that fits is taken.
const ROUTES: &[Route] = &[
    on("GET", "/gateway", app::gateway).open(0),
    on("GET", "/gateway/bot", app::gateway_bot),
    on("GET", "/users/@me", app::me),
    on("POST", "/users/@me/channels", channel::open_direct),
    on("GET", "/users/@me/guilds", app::guilds),
    on("GET", "/users/{user_id}", app::user),
    on("GET", "/applications/@me", app::application),
    on("GET", "/oauth2/applications/@me", app::application),
    on("GET", "/guilds/{guild_id}", guild::get),
    on("GET", "/guilds/{guild_id}/roles", guild::roles),
    on("GET", "/guilds/{guild_id}/channels", guild::channels),
    on("GET", "/guilds/{guild_id}/threads/active", guild::threads),
    on("GET", "/guilds/{guild_id}/members", guild::members),
    on("GET", "/guilds/{guild_id}/members/{user_id}", guild::member),
    on("GET", "/channels/{channel_id}", channel::get),
    on("PATCH", "/channels/{channel_id}", thread::edit),
    on("GET", "/channels/{channel_id}/messages", message::list),
    on("POST", "/channels/{channel_id}/messages", message::create),
    on(
        "GET",
        "/channels/{channel_id}/messages/{message_id}",
        message::get,
    ),
    on(
        "PATCH",
        "/channels/{channel_id}/messages/{message_id}",
        message::edit,
    ),
    on(
        "DELETE",
        "/channels/{channel_id}/messages/{message_id}",
        message::delete,
    ),
    on(
        "POST",
        "/channels/{channel_id}/messages/{message_id}/threads",
        thread::start,
    ),
    on(
        "PUT",
        "/channels/{channel_id}/thread-members/@me",
        thread::join,
    ),
    on(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        callback::create,
    )
    .open(2),
    on(
        "POST",
        "/webhooks/{webhook_id}/{webhook_token}",
        followup::create,
    )
    .open(2),
    on(
        "GET",
        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
        followup::get,
    )
    .open(2),
    on(
        "PATCH",
        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
        followup::edit,
    )
    .open(2),
    on(
        "DELETE",
        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
        followup::delete,
    )
    .open(2),
    on(
        "GET",
        "/applications/{application_id}/guilds/{guild_id}/commands",
        command::list,
    ),
    on(
        "POST",
        "/applications/{application_id}/guilds/{guild_id}/commands",
        command::create,
    ),
    on(
        "PUT",
        "/applications/{application_id}/guilds/{guild_id}/commands",
        command::overwrite,
    ),
    on(
        "GET",
        "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}",
        command::get,
    ),
    on(
        "DELETE",
        "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}",
        command::delete,
    ),
];
