//! What tells the app that somebody did something.
//!
//! <https://docs.discord.com/developers/interactions/receiving-and-responding>

use serde_json::{Value, json};

use crate::discord::interaction::Interaction;
use crate::discord::state::{Room, State};

/// What one file may weigh here.
const ATTACHMENT_BYTES_MAX: u64 = 10 << 20;

impl State {
    /// The payload of `interaction`, with what is particular to its kind in `data`.
    pub(crate) fn interaction_json(&self, interaction: &Interaction, data: &Value) -> Value {
        let guild = &self.options.id;
        let mut payload = json!({
            "id": interaction.id,
            "application_id": self.options.app.id,
            "type": interaction.kind,
            "data": data,
            "channel_id": interaction.channel,
            "token": interaction.token,
            "version": 1,
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": ATTACHMENT_BYTES_MAX,
            "authorizing_integration_owners": {"0": guild},
        });
        let Some(room) = self.room(&interaction.channel) else {
            return payload;
        };
        payload["channel"] = self.partial_channel(room);
        payload["app_permissions"] = self.may_in(&self.options.app.id, room).0.to_string().into();
        if let Some(message) = interaction.source.as_ref().and_then(|id| self.message(id)) {
            payload["message"] = self.message_json(message);
        }
        if room.is_direct() {
            payload["context"] = 1.into();
            payload["user"] = self.user_json(&interaction.user);
            payload["authorizing_integration_owners"] = json!({"0": "0"});
            return payload;
        }
        payload["context"] = 0.into();
        payload["guild_id"] = guild.clone().into();
        payload["guild"] = json!({"id": guild, "locale": "en-US", "features": []});
        payload["guild_locale"] = "en-US".into();
        payload["member"] = self.acting_member(&interaction.user, room);
        payload
    }

    /// The member who acts, with what they may do here.
    fn acting_member(&self, user: &str, room: &Room) -> Value {
        let Some(member) = self.account(user) else {
            return Value::Null;
        };
        let mut json = self.member_json(member);
        json["permissions"] = self.may_in(user, room).0.to_string().into();
        json
    }

    /// The channel, as an interaction shows it.
    fn partial_channel(&self, room: &Room) -> Value {
        let mut json = self.channel_json(room);
        if let Some(json) = json.as_object_mut() {
            json.remove("permission_overwrites");
        }
        json
    }

    /// A channel, as `resolved` shows it: with what the member who acts may do there.
    pub(crate) fn resolved_channel(&self, user: &str, room: &Room) -> Value {
        let mut json = self.partial_channel(room);
        json["permissions"] = self.may_in(user, room).0.to_string().into();
        json
    }

    /// A member, as `resolved` shows them: without the user.
    pub(crate) fn resolved_member(&self, user: &str, room: &Room) -> Value {
        let mut json = self.acting_member(user, room);
        if let Some(json) = json.as_object_mut() {
            for key in ["user", "deaf", "mute"] {
                json.remove(key);
            }
        }
        json
    }

    /// The `interaction_metadata` of a message that answers `interaction`.
    pub(crate) fn metadata(&self, interaction: &Interaction) -> Value {
        let guild = &self.options.id;
        let mut metadata = json!({
            "id": interaction.id,
            "type": interaction.kind,
            "user": self.user_json(&interaction.user),
            "authorizing_integration_owners": {"0": guild},
        });
        if let (3, Some(source)) = (interaction.kind, &interaction.source) {
            metadata["interacted_message_id"] = source.id.clone().into();
        }
        if interaction.kind == 5 {
            metadata["triggering_interaction_metadata"] = interaction.trigger.clone();
        }
        metadata
    }
}
