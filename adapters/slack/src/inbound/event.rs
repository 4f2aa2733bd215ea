//! Events we subscribe to: somebody opened our home page.

use std::collections::BTreeMap;

use breakglass_core::intent::{Act, Reply};
use serde::Deserialize;
use serde_json::Value;

use super::{Origin, Reading, Unreadable, Wish, key_of};
use crate::verify::Envelope;

#[derive(Deserialize)]
struct Callback {
    api_app_id: Option<String>,
    team_id: Option<String>,
    event_id: Option<String>,
    #[serde(default)]
    authorizations: Vec<Authorization>,
    event: Event,
}

#[derive(Deserialize)]
struct Authorization {
    #[serde(default)]
    is_enterprise_install: bool,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    user: Option<Value>,
    bot_id: Option<String>,
    tab: Option<String>,
}

pub(super) fn read(payload: &Value) -> Result<Reading, Unreadable> {
    let callback = Callback::deserialize(payload)?;
    let replay_key = match &callback.event_id {
        Some(event) => format!("event:{event}"),
        None => key_of(payload),
    };
    let event = callback.event;
    let opened = event.kind == "app_home_opened" && event.tab.as_deref() != Some("messages");
    let user = event.user.as_ref().and_then(Value::as_str);
    Ok(Reading {
        envelope: Envelope {
            app: callback.api_app_id,
            team: callback.team_id,
            enterprise_install: callback
                .authorizations
                .iter()
                .any(|a| a.is_enterprise_install),
            user: user.unwrap_or_default().to_owned(),
            user_team: None,
            bot: event.bot_id.is_some(),
        },
        replay_key,
        channel: None,
        reply: Reply::default(),
        origin: Origin::Own,
        blocks: BTreeMap::new(),
        wish: if opened {
            Wish::Act(Act::HomeOpened)
        } else {
            Wish::Nothing("an event we don't use")
        },
    })
}
