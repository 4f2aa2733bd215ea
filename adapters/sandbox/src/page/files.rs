//! The page's own files, built into the binary.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use crate::sandbox::Sandbox;

macro_rules! files {
    ($($name:literal => $kind:expr),* $(,)?) => {
        &[$(($name, $kind, include_str!(concat!("assets/", $name)))),*]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const FILES: &[(&str, &str, &str)] = files! {
    "index.html" => HTML,
    "icon.svg" => SVG,
    "base.css" => CSS,
    "blocks.css" => CSS,
    "composer.css" => CSS,
    "dialogs.css" => CSS,
    "forms.css" => CSS,
    "layout.css" => CSS,
    "guild.css" => CSS,
    "guild.html" => HTML,
    "guild.js" => JS,
    "guild_composer.js" => JS,
    "guild_form.js" => JS,
    "guild_markdown.js" => JS,
    "guild_messages.js" => JS,
    "guild_store.js" => JS,
    "side.css" => CSS,
    "act.js" => JS,
    "avatar.js" => JS,
    "blocks.js" => JS,
    "combobox.js" => JS,
    "composer.js" => JS,
    "confirm.js" => JS,
    "controls.js" => JS,
    "date.js" => JS,
    "dom.js" => JS,
    "emoji.js" => JS,
    "field.js" => JS,
    "home.js" => JS,
    "icons.js" => JS,
    "main.js" => JS,
    "messages.js" => JS,
    "modal.js" => JS,
    "mrkdwn.js" => JS,
    "richtext.js" => JS,
    "room.js" => JS,
    "sidebar.js" => JS,
    "store.js" => JS,
    "thread.js" => JS,
};

/// The page itself: the workspace's, or the guild's where there is only a guild.
pub(super) async fn index(State(sandbox): State<Sandbox>) -> Response {
    if sandbox.has_guild() && !sandbox.has_workspace() {
        return Redirect::temporary("/discord").into_response();
    }
    answer("index.html")
}

/// The page of the guild.
pub(super) async fn guild() -> Response {
    answer("guild.html")
}

/// One of its files.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    answer(&name)
}

fn answer(name: &str) -> Response {
    match FILES.iter().find(|(there, ..)| *there == name) {
        Some((_, kind, content)) => ([(header::CONTENT_TYPE, *kind)], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
