//! The payloads that tell the app what somebody did.
//!
//! <https://docs.slack.dev/reference/interaction-payloads>

use serde_json::{Value, json};

use crate::control::Control;
use crate::message::{Message, MessageId};
use crate::options::{Options, Person};
use crate::state::{Origin, State};
use crate::view::View;
use crate::workspace::Workspace;

/// Who did something, when and where; makes the payloads for it.
pub(crate) struct Scribe<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) state: &'a mut State,
    pub(crate) user: &'a str,
    pub(crate) now_ms: i64,
}

impl Scribe<'_> {
    fn options(&self) -> &Options {
        &self.workspace.options
    }

    /// A slash command, as typed in `channel`.
    pub(crate) fn slash(&mut self, channel: &str, command: &str, text: &str) -> Value {
        let trigger_id = self
            .state
            .new_trigger(self.user, Origin::Elsewhere, self.now_ms);
        let secret = self
            .state
            .new_response_url(self.user, channel, None, self.now_ms);
        let name = self
            .state
            .room(channel)
            .map_or("", |room| room.payload_name());
        json!({
            "token": "sandbox",
            "team_id": self.options().team.id,
            "team_domain": self.options().team.domain,
            "channel_id": channel,
            "channel_name": name,
            "user_id": self.user,
            "user_name": self.handle(),
            "command": command,
            "text": text,
            "api_app_id": self.options().app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_url("commands", &secret),
            "trigger_id": trigger_id,
        })
    }

    /// A click or a choice in a message.
    pub(crate) fn message_action(
        &mut self,
        message: &Message,
        control: &Control<'_>,
        chosen: Option<&Value>,
        values: &Value,
    ) -> Value {
        let source = MessageId::from(message);
        let secret =
            self.state
                .new_response_url(self.user, &message.channel, Some(source), self.now_ms);
        let mut payload = self.interaction("block_actions", Origin::Elsewhere);
        payload["container"] = container(message);
        payload["channel"] = self.channel(&message.channel);
        // The message itself is not part of the payload when only one person sees it.
        if message.only_for.is_none() {
            payload["message"] = message.to_json(self.options());
        }
        payload["state"] = json!({"values": values});
        payload["response_url"] = self.response_url("actions", &secret).into();
        payload["actions"] = json!([self.action(control, chosen)]);
        payload
    }

    /// A click or a choice in a modal or on the Home tab.
    pub(crate) fn view_action(
        &mut self,
        view: &View,
        control: &Control<'_>,
        chosen: Option<&Value>,
    ) -> Value {
        let is_modal = view.content["type"] == "modal";
        let origin = if is_modal {
            Origin::Modal
        } else {
            Origin::Elsewhere
        };
        let mut payload = self.interaction("block_actions", origin);
        payload["container"] = json!({"type": "view", "view_id": view.id});
        payload["view"] = view.to_json(self.options());
        payload["actions"] = json!([self.action(control, chosen)]);
        payload
    }

    /// Somebody typed `query` into an external select of `view`.
    pub(crate) fn suggestion(&mut self, control: &Control<'_>, query: &str) -> Value {
        let mut payload = self.interaction("block_suggestion", Origin::Elsewhere);
        if let Some(payload) = payload.as_object_mut() {
            payload.remove("trigger_id");
        }
        payload["action_id"] = control.action_id().into();
        payload["block_id"] = control.block_id.into();
        payload["value"] = query.into();
        payload
    }

    /// Somebody sent a modal.
    pub(crate) fn submission(&mut self, view: &View) -> Value {
        let mut payload = self.interaction("view_submission", Origin::Modal);
        payload["view"] = view.to_json(self.options());
        payload["response_urls"] = json!([]);
        payload
    }

    /// Somebody closed a modal without sending it.
    pub(crate) fn closed(&mut self, view: &View) -> Value {
        let mut payload = self.interaction("view_closed", Origin::Elsewhere);
        if let Some(payload) = payload.as_object_mut() {
            payload.remove("trigger_id");
        }
        payload["view"] = view.to_json(self.options());
        payload["is_cleared"] = view.content["clear_on_close"].clone();
        payload
    }

    /// Somebody picked a global shortcut.
    pub(crate) fn shortcut(&mut self, callback_id: &str) -> Value {
        let mut payload = self.interaction("shortcut", Origin::Elsewhere);
        payload["action_ts"] = self.state.next_ts(self.now_ms).into();
        payload["callback_id"] = callback_id.into();
        payload
    }

    /// Somebody picked a shortcut in the menu of a message.
    pub(crate) fn message_shortcut(&mut self, message: &Message, callback_id: &str) -> Value {
        let source = MessageId::from(message);
        let secret =
            self.state
                .new_response_url(self.user, &message.channel, Some(source), self.now_ms);
        let mut payload = self.interaction("message_action", Origin::Elsewhere);
        payload["action_ts"] = self.state.next_ts(self.now_ms).into();
        payload["callback_id"] = callback_id.into();
        payload["message_ts"] = message.ts.clone().into();
        payload["channel"] = self.channel(&message.channel);
        payload["message"] = message.to_json(self.options());
        payload["response_url"] = self.response_url("app", &secret).into();
        payload
    }

    /// Somebody looks at the app's Home tab.
    pub(crate) fn home_opened(&mut self, channel: &str, view: Option<&View>) -> Value {
        let mut event = json!({
            "type": "app_home_opened",
            "user": self.user,
            "channel": channel,
            "tab": "home",
            "event_ts": self.state.next_ts(self.now_ms),
        });
        if let Some(view) = view {
            event["view"] = view.to_json(self.options());
        }
        json!({
            "token": "sandbox",
            "team_id": self.options().team.id,
            "api_app_id": self.options().app.id,
            "event": event,
            "type": "event_callback",
            "event_id": crate::mint::id("Ev"),
            "event_time": self.now_ms / 1000,
            "authorizations": [{
                "enterprise_id": null,
                "team_id": self.options().team.id,
                "user_id": self.options().app.bot_user,
                "is_bot": true,
                "is_enterprise_install": false,
            }],
            "is_ext_shared_channel": false,
        })
    }

    fn interaction(&mut self, kind: &str, origin: Origin) -> Value {
        let trigger_id = self.state.new_trigger(self.user, origin, self.now_ms);
        json!({
            "type": kind,
            "user": self.user(),
            "api_app_id": self.options().app.id,
            "token": "sandbox",
            "trigger_id": trigger_id,
            "team": {"id": self.options().team.id, "domain": self.options().team.domain},
            "enterprise": null,
            "is_enterprise_install": false,
        })
    }

    fn user(&self) -> Value {
        let person = self.state.person(self.user);
        let team = person
            .and_then(Person::foreign_team)
            .unwrap_or(&self.options().team.id);
        let handle = self.handle();
        json!({"id": self.user, "username": handle, "name": handle, "team_id": team})
    }

    fn handle(&self) -> String {
        self.state
            .person(self.user)
            .map_or_else(String::new, |person| person.handle.clone())
    }

    fn channel(&self, id: &str) -> Value {
        json!({"id": id, "name": self.state.room(id).map_or("", |room| room.payload_name())})
    }

    fn action(&mut self, control: &Control<'_>, chosen: Option<&Value>) -> Value {
        let mut action = json!({
            "type": control.kind(),
            "action_id": control.action_id(),
            "block_id": control.block_id,
            "action_ts": self.state.next_ts(self.now_ms),
        });
        for key in ["text", "value", "style", "confirm", "placeholder", "url"] {
            if let Some(value) = control.element.get(key) {
                action[key] = value.clone();
            }
        }
        for (key, value) in chosen.and_then(Value::as_object).into_iter().flatten() {
            action[key] = value.clone();
        }
        action
    }

    fn response_url(&self, kind: &str, secret: &str) -> String {
        self.workspace.url(&format!(
            "/respond/{kind}/{}/{secret}",
            self.options().team.id
        ))
    }
}

/// Where a message stands, as payloads say it.
fn container(message: &Message) -> Value {
    let mut container = json!({
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.only_for.is_some(),
    });
    if let Some(head) = &message.thread_ts {
        container["thread_ts"] = head.clone().into();
    }
    container
}
