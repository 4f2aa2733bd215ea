//! The guild itself and the app in it.

use serde_json::{Value, json};

use crate::discord::snowflake::{instant, made_at_ms};
use crate::discord::state::{Place, Room, State};

impl State {
    /// The guild, without what depends on where it is shown.
    pub(crate) fn guild_json(&self) -> Value {
        let roles: Vec<Value> = self.roles.iter().map(|role| self.role_json(role)).collect();
        json!({
            "id": self.options.id,
            "name": self.options.name,
            "icon": null,
            "description": null,
            "splash": null,
            "discovery_splash": null,
            "features": [],
            "banner": null,
            "owner_id": self.options.owner,
            "application_id": null,
            "region": "deprecated",
            "afk_channel_id": null,
            "afk_timeout": 300,
            "system_channel_id": null,
            "system_channel_flags": 0,
            "widget_enabled": false,
            "widget_channel_id": null,
            "verification_level": 1,
            "roles": roles,
            "default_message_notifications": 1,
            "mfa_level": i32::from(self.options.demands_mfa),
            "explicit_content_filter": 2,
            "max_presences": null,
            "max_members": 500_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "vanity_url_code": null,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "rules_channel_id": null,
            "safety_alerts_channel_id": null,
            "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false,
            "nsfw_level": 0,
            "emojis": [],
            "stickers": [],
            "incidents_data": null,
            "hub_type": null,
        })
    }

    /// The guild, as `GUILD_CREATE` tells of it: with its channels, but without the members that a client
    /// has to ask for.
    pub(crate) fn guild_create(&self) -> Value {
        let app = &self.options.app.id;
        let of_kind = |is_thread: bool| {
            let wanted = move |room: &&Room| match &room.place {
                Place::Text => !is_thread,
                Place::Thread { archived, .. } => is_thread && !archived,
                Place::Direct { .. } => false,
            };
            let seen = self.rooms.iter().filter(wanted);
            let seen =
                seen.filter(|room| self.may_in(app, room) != crate::discord::Permissions::NONE);
            seen.map(|room| self.channel_json(room)).collect::<Vec<_>>()
        };
        let here = self.members.iter().filter(|member| member.is_here);
        let own = self.account(app).map(|bot| self.member_json(bot));
        let mut guild = self.guild_json();
        let more = json!({
            "joined_at": instant(made_at_ms(&self.options.id)),
            "large": false,
            "unavailable": false,
            "member_count": here.count(),
            "voice_states": [],
            "members": own.into_iter().collect::<Vec<_>>(),
            "channels": of_kind(false),
            "threads": of_kind(true),
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        });
        if let (Some(guild), Value::Object(more)) = (guild.as_object_mut(), more) {
            guild.extend(more);
        }
        guild
    }

    /// The app's own description of itself.
    pub(crate) fn application_json(&self, public_key: &str, endpoint: Option<&str>) -> Value {
        let app = &self.options.app;
        json!({
            "id": app.id,
            "name": app.name,
            "icon": null,
            "description": "",
            "type": null,
            "bot": self.user_json(&app.id),
            "verify_key": public_key,
            "flags": self.application_flags(),
            "flags_new": self.application_flags().to_string(),
            "redirect_uris": [],
            "interactions_endpoint_url": endpoint,
            "role_connections_verification_url": null,
            "owner": self.user_json(&self.options.owner),
            "approximate_guild_count": i32::from(self.has_app),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "team": null,
            "eligible_oauth2_scopes": [],
            "rpc_origins": [],
            "bot_public": false,
            "bot_require_code_grant": false,
            "integration_types_config": {"0": {}},
        })
    }

    /// Which privileged intents are switched on, for an app in few guilds.
    pub(crate) fn application_flags(&self) -> u64 {
        let app = &self.options.app;
        u64::from(app.has_members_intent) << 15 | u64::from(app.has_content_intent) << 19
    }
}
