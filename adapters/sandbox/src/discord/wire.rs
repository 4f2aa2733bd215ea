//! People, roles, channels, messages and the guild in Discord's JSON.
//!
//! <https://docs.discord.com/developers/resources/guild>

mod guild;
mod interaction;

use serde_json::{Value, json};

use super::message::Message;
use super::options::{Member, Overwrite, Role};
use super::snowflake::{instant, made_at_ms};
use super::state::{Place, Room, State};

impl State {
    /// A user, as everybody sees them.
    pub(super) fn user_json(&self, id: &str) -> Value {
        let Some(member) = self.account(id) else {
            return json!({"id": id, "username": "deleted", "discriminator": "0", "global_name": null, "avatar": null,
                "public_flags": 0, "flags": 0, "primary_guild": null});
        };
        let mut user = json!({
            "id": member.id,
            "username": member.username,
            "discriminator": "0",
            "global_name": if member.is_bot { Value::Null } else { member.global_name.clone().into() },
            "avatar": null,
            "banner": null,
            "accent_color": null,
            "avatar_decoration_data": null,
            "collectibles": null,
            "primary_guild": null,
            "public_flags": 0,
            "flags": 0,
        });
        if member.is_bot {
            user["bot"] = true.into();
        }
        user
    }

    /// A member, with the user in it.
    pub(super) fn member_json(&self, member: &Member) -> Value {
        json!({
            "user": self.user_json(&member.id),
            "nick": member.nick,
            "avatar": null,
            "banner": null,
            "avatar_decoration_data": null,
            "collectibles": null,
            "roles": member.roles,
            "joined_at": instant(made_at_ms(&self.options.id)),
            "premium_since": null,
            "deaf": false,
            "mute": false,
            "flags": 0,
            "pending": false,
            "communication_disabled_until": member.timed_out_until_ms.map(instant),
        })
    }

    /// A role.
    pub(super) fn role_json(&self, role: &Role) -> Value {
        let app = &self.options.app;
        let position = self.roles.iter().position(|there| there.id == role.id);
        let mut json = json!({
            "id": role.id,
            "name": role.name,
            "permissions": role.may.0.to_string(),
            "position": position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
            "hoist": false,
            "managed": role.id == app.role,
            "mentionable": role.is_mentionable,
            "icon": null,
            "unicode_emoji": null,
            "flags": 0,
        });
        if role.id == app.role {
            json["tags"] = json!({"bot_id": app.id});
        }
        json
    }

    /// A channel, thread or direct message.
    pub(super) fn channel_json(&self, room: &Room) -> Value {
        let last = room
            .messages
            .iter()
            .rfind(|message| message.only_for.is_none());
        let mut json = json!({
            "id": room.channel.id,
            "type": room.kind(),
            "flags": 0,
            "last_message_id": last.map(|message| &message.id),
        });
        if let Place::Direct { with } = &room.place {
            json["recipients"] = json!([self.user_json(with)]);
            return json;
        }
        json["guild_id"] = self.options.id.clone().into();
        json["name"] = room.channel.name.clone().into();
        json["rate_limit_per_user"] = 0.into();
        json["parent_id"] = room.parent().into();
        json["last_pin_timestamp"] = Value::Null;
        if let Place::Thread {
            owner,
            archived,
            locked,
            archive_after_minutes,
            archive_changed_ms,
            ..
        } = &room.place
        {
            json["owner_id"] = owner.clone().into();
            json["message_count"] = room.messages.len().into();
            json["total_message_sent"] = room.messages.len().into();
            json["member_count"] = 1.into();
            json["thread_metadata"] = json!({
                "archived": archived,
                "locked": locked,
                "auto_archive_duration": archive_after_minutes,
                "archive_timestamp": instant(*archive_changed_ms),
                "create_timestamp": instant(made_at_ms(&room.channel.id)),
            });
            return json;
        }
        let position = self
            .rooms
            .iter()
            .position(|there| there.channel.id == room.channel.id);
        json["position"] = position.into();
        json["topic"] = room.channel.topic.clone().into();
        json["nsfw"] = false.into();
        json["permission_overwrites"] = room
            .channel
            .overwrites
            .iter()
            .map(|over| self.overwrite_json(over))
            .collect();
        json
    }

    fn overwrite_json(&self, over: &Overwrite) -> Value {
        let id = if over.id == Overwrite::EVERYONE {
            &self.options.id
        } else {
            &over.id
        };
        json!({
            "id": id,
            "type": i32::from(self.role(id).is_none()),
            "allow": over.allow.0.to_string(),
            "deny": over.deny.0.to_string(),
        })
    }

    /// A message.
    pub(super) fn message_json(&self, message: &Message) -> Value {
        let users = message.mentions.iter().map(|id| self.user_json(id));
        let mut json = json!({
            "id": message.id,
            "channel_id": message.channel,
            "type": match &message.interaction { Some(answered) if answered["type"] == 2 => 20, _ => 0 },
            "author": self.user_json(&message.author),
            "content": message.content,
            "timestamp": instant(made_at_ms(&message.id)),
            "edited_timestamp": message.edited_at_ms.map(instant),
            "tts": false,
            "pinned": false,
            "mention_everyone": message.mention_everyone,
            "mentions": users.collect::<Vec<_>>(),
            "mention_roles": message.mention_roles,
            "attachments": [],
            "embeds": message.embeds.iter().map(embed_json).collect::<Vec<_>>(),
            "components": message.components,
            "flags": message.flags,
        });
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        if let Some(metadata) = &message.interaction {
            json["application_id"] = message.author.clone().into();
            json["webhook_id"] = message.author.clone().into();
            json["interaction_metadata"] = metadata.clone();
        }
        if let Some(thread) = self.room(&message.id) {
            json["thread"] = self.channel_json(thread);
        }
        json
    }
}

fn embed_json(embed: &Value) -> Value {
    let mut embed = embed.clone();
    embed["type"] = "rich".into();
    embed
}
