//! Typing slash commands, and being offered what an option can be completed to.

mod option;

use serde_json::{Value, json};

use super::{Answer, Answered, Choice};
use crate::act::ActError;
use crate::discord::Guild;
use crate::discord::deliver::deliver;
use crate::discord::interaction::{AUTOCOMPLETE, COMMAND};
use crate::discord::permission::Permissions;
use crate::discord::state::State;
use option::{Typed, entered};

impl Guild {
    /// `user` types a command in `channel`, with its subcommand if it has any, as `/breakglass request`, and fills
    /// in `options`, by name: `{"target": "orders-db", "minutes": 30}`. Users, roles and channels are given by id.
    pub async fn slash(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        options: Value,
    ) -> Result<Answered, ActError> {
        let parcel = self.hall.change(|state| {
            let channel = state.place_to_type(user, channel)?;
            let data = state.typed(user, &channel, command, &Typed::Whole(&options))?;
            let (interaction, answer) = state.new_interaction(COMMAND, user, &channel);
            Ok::<_, ActError>(state.wrap(interaction, &data, answer))
        })?;
        deliver(&self.hall, parcel).await
    }

    /// What the app offers while `user` types: the name of the option they are at, and what all options hold so far.
    pub async fn autocomplete(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        (focused, options): (&str, Value),
    ) -> Result<Vec<Choice>, ActError> {
        let parcel = self.hall.change(|state| {
            let channel = state.place_to_type(user, channel)?;
            let typed = Typed::SoFar {
                options: &options,
                focused,
            };
            let data = state.typed(user, &channel, command, &typed)?;
            let (interaction, answer) = state.new_interaction(AUTOCOMPLETE, user, &channel);
            Ok::<_, ActError>(state.wrap(interaction, &data, answer))
        })?;
        let answered = deliver(&self.hall, parcel).await?;
        if let Answer::Choices(choices) = answered.answer {
            Ok(choices)
        } else {
            Err(ActError::BadAnswer(format!(
                "no choices: {:?}",
                answered.answer
            )))
        }
    }
}

impl State {
    /// The channel that somebody types in; their own user id stands for their direct message with the app.
    fn place_to_type(&self, user: &str, channel: &str) -> Result<String, ActError> {
        let direct = self.direct(user).filter(|_| channel == user);
        let channel = direct
            .map_or(channel, |room| room.channel.id.as_str())
            .to_owned();
        self.actor_in(user, &channel)?;
        Ok(channel)
    }

    /// The `data` of a typed command.
    fn typed(
        &self,
        user: &str,
        channel: &str,
        line: &str,
        typed: &Typed<'_>,
    ) -> Result<Value, ActError> {
        let mut words = line.trim_start_matches('/').split_whitespace();
        let name = words.next().unwrap_or_default();
        let command = self
            .offered(user, channel, name)
            .ok_or_else(|| ActError::NotOffered(line.to_owned()))?;
        let mut path = vec![command];
        for word in words {
            let below = path
                .last()
                .and_then(|there| there["options"].as_array())
                .into_iter()
                .flatten();
            let mut subs = below.filter(|option| matches!(option["type"].as_u64(), Some(1 | 2)));
            let sub = subs.find(|option| option["name"] == word);
            path.push(sub.ok_or_else(|| ActError::NotOffered(line.to_owned()))?);
        }
        let leaf = *path.last().unwrap_or(&command);
        let registered: &[Value] = leaf["options"].as_array().map_or(&[], Vec::as_slice);
        let is_whole = !registered
            .iter()
            .any(|option| matches!(option["type"].as_u64(), Some(1 | 2)));
        if !is_whole {
            return Err(ActError::NotOffered(line.to_owned()));
        }
        let mut options = entered(registered, typed)?;
        let resolved = self.resolved(user, channel, &options);
        for sub in path.iter().skip(1).rev() {
            options = json!([{"type": sub["type"], "name": sub["name"], "options": options}]);
        }
        let mut data = json!({"id": command["id"], "name": name, "type": 1, "options": options});
        if command.get("guild_id").is_some() {
            data["guild_id"] = command["guild_id"].clone();
        }
        if resolved
            .as_object()
            .is_some_and(|resolved| !resolved.is_empty())
        {
            data["resolved"] = resolved;
        }
        Ok(data)
    }

    /// The command called `name`, if it is offered to somebody here.
    fn offered(&self, user: &str, channel: &str, name: &str) -> Option<&Value> {
        let room = self.room(channel)?;
        let command = self
            .commands
            .iter()
            .find(|command| command["name"] == name && command["type"] == 1)?;
        let context = u64::from(room.is_direct());
        let contexts = command["contexts"].as_array();
        // A guild's command is offered in the guild only.
        let fits = context == 0
            && contexts.is_none_or(|contexts| contexts.iter().any(|there| *there == context));
        let may = self.may_in(user, room);
        let needed = command["default_member_permissions"]
            .as_str()
            .and_then(|bits| bits.parse().ok());
        let is_allowed = match needed {
            Some(0) => may.contains(Permissions::ADMINISTRATOR),
            Some(bits) => may.contains(Permissions(bits)),
            None => true,
        };
        let may_type = may.contains(Permissions::USE_APPLICATION_COMMANDS)
            || self
                .member(user)
                .is_some_and(|member| self.is_timed_out(member));
        (self.has_app && fits && may_type && is_allowed).then_some(command)
    }

    /// What the ids among the options stand for.
    fn resolved(&self, user: &str, channel: &str, options: &Value) -> Value {
        let mut resolved = json!({});
        let Some(room) = self.room(channel) else {
            return resolved;
        };
        for option in options.as_array().into_iter().flatten() {
            let (kind, id) = (
                option["type"].as_u64(),
                option["value"].as_str().unwrap_or_default(),
            );
            if matches!(kind, Some(6 | 9)) && self.account(id).is_some() {
                resolved["users"][id] = self.user_json(id);
                if self.member(id).is_some() {
                    resolved["members"][id] = self.resolved_member(id, room);
                }
            }
            if let (Some(8 | 9), Some(role)) = (kind, self.role(id)) {
                resolved["roles"][id] = self.role_json(role);
            }
            if let (Some(7), Some(named)) = (kind, self.room(id)) {
                resolved["channels"][id] = self.resolved_channel(user, named);
            }
        }
        resolved
    }
}
