//! `/breakglass …`: <https://docs.slack.dev/interactivity/implementing-slash-commands>.

use std::collections::BTreeMap;

use breakglass_core::intent::Reply;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use super::{Origin, Reading, Unreadable, Wish, grammar, key_of, truth};
use crate::verify::Envelope;

#[derive(Deserialize)]
struct Command {
    api_app_id: Option<String>,
    team_id: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    is_enterprise_install: bool,
    user_id: String,
    channel_id: Option<String>,
    #[serde(default)]
    text: String,
    response_url: Option<String>,
    trigger_id: Option<String>,
}

pub(super) fn read(payload: &Value, incident: &Regex) -> Result<Reading, Unreadable> {
    let command = Command::deserialize(payload)?;
    let replay_key = match &command.trigger_id {
        Some(trigger) => format!("trigger:{trigger}"),
        None => key_of(payload),
    };
    Ok(Reading {
        envelope: Envelope {
            app: command.api_app_id,
            team: command.team_id,
            enterprise_install: command.is_enterprise_install,
            user: command.user_id,
            user_team: None,
            bot: false,
        },
        replay_key,
        channel: command.channel_id,
        reply: Reply {
            url: command.response_url,
            trigger: command.trigger_id,
            message: None,
            view: None,
        },
        origin: Origin::Own,
        blocks: BTreeMap::new(),
        wish: Wish::Act(grammar::parse(&command.text, incident)),
    })
}
