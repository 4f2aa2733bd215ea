//! The app's manifest for <https://api.slack.com/apps>, with exactly what we use.

use serde_json::{Value, json};

use crate::render::action;

/// What the bot token may do.
pub const BOT_SCOPES: [&str; 7] = [
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "im:write",
    "usergroups:read",
    "users:read",
];

/// How the app will be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Socket Mode: no public address is needed. The app-level token needs `connections:write`.
    Socket,
    /// HTTP mode, at this public address: `https://breakglass.example.com`.
    Http(String),
}

/// The manifest to paste under "From an app manifest".
pub fn manifest(reach: &Reach) -> Value {
    let base = match reach {
        Reach::Socket => None,
        Reach::Http(url) => Some(url.trim_end_matches('/')),
    };
    let at = |path: &str| base.map(|base| format!("{base}{path}"));
    let mut command = json!({
        "command": "/breakglass",
        "description": "Emergency access, for minutes, on the record",
        "usage_hint": "[target role 30m sev1 INC-12 why…] | status | list | end | help",
        "should_escape": true,
    });
    let mut interactivity = json!({ "is_enabled": true });
    let mut events = json!({ "bot_events": ["app_home_opened"] });
    if let (Some(commands), Some(interactions), Some(subscribed)) = (
        at("/slack/commands"),
        at("/slack/interactions"),
        at("/slack/events"),
    ) {
        command["url"] = json!(commands);
        interactivity["request_url"] = json!(interactions);
        interactivity["message_menu_options_url"] = json!(interactions);
        events["request_url"] = json!(subscribed);
    }
    json!({
        "display_information": {
            "name": "breakglass",
            "description": "Emergency access: asked for, approved, ended and recorded",
            "background_color": "#8c1d18",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": true,
                "messages_tab_enabled": true,
                "messages_tab_read_only_enabled": true,
            },
            "bot_user": { "display_name": "breakglass", "always_online": true },
            "shortcuts": [
                {
                    "name": "Break-glass access",
                    "type": "global",
                    "callback_id": action::SHORTCUT,
                    "description": "Ask for emergency access",
                },
                {
                    "name": "Break-glass access",
                    "type": "message",
                    "callback_id": action::MESSAGE_SHORTCUT,
                    "description": "Ask for access, with a link to this message",
                },
            ],
            "slash_commands": [command],
        },
        "oauth_config": { "scopes": { "bot": BOT_SCOPES } },
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": false,
            "socket_mode_enabled": base.is_none(),
            "token_rotation_enabled": false,
        },
    })
}
