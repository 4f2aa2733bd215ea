//! Pressing buttons and choosing in messages and views.

use serde_json::Value;

use super::{ActError, Acted, control};
use crate::control;
use crate::deliver::{Kind, Parcel, deliver};
use crate::message::MessageId;
use crate::payload::Scribe;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// `user` presses the button called `button` (its label, action id or block id) of a message.
    pub async fn press(
        &self,
        user: &str,
        message: impl Into<MessageId>,
        button: &str,
    ) -> Result<Acted, ActError> {
        self.choose(user, message, button, Value::Null).await
    }

    /// `user` chooses `input` in the select called `name` of a message: an option's value or
    /// label, or a list of them.
    pub async fn choose(
        &self,
        user: &str,
        message: impl Into<MessageId>,
        name: &str,
        input: Value,
    ) -> Result<Acted, ActError> {
        let id = message.into();
        let workspace = &self.workspace;
        let payload = workspace.change(|state| {
            let message = state.visible(user, &id.channel, &id.ts)?;
            let control = control(&message.blocks, name)?;
            let chosen = chosen(&control, &input, &[])?;
            let key = (user.to_owned(), id.channel.clone(), id.ts.clone());
            let entries = state.message_entries.entry(key).or_default();
            let values = if holds(&control) {
                let block = entries.entry(control.block_id.to_owned()).or_default();
                block.insert(control.action_id().to_owned(), chosen.clone());
                control::values(&message.blocks, entries)
            } else {
                control::values(&message.blocks, entries)
            };
            let now_ms = workspace.now_ms();
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(scribe.message_action(&message, &control, Some(&chosen), &values))
        })?;
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: false,
        };
        Ok(Acted {
            ack: Some(deliver(workspace, parcel).await?),
        })
    }

    /// `user` presses the button called `button` in a modal or on their Home tab.
    pub async fn press_in_view(
        &self,
        user: &str,
        view_id: &str,
        button: &str,
    ) -> Result<Acted, ActError> {
        self.enter(user, view_id, button, Value::Null).await
    }

    /// `user` enters `input` into the element called `name` of a view. The app is told at once
    /// if the element stands outside of an input block, or its block has `dispatch_action`.
    pub async fn enter(
        &self,
        user: &str,
        view_id: &str,
        name: &str,
        input: Value,
    ) -> Result<Acted, ActError> {
        let offered = self.offered(user, view_id, name, &input).await?;
        let workspace = &self.workspace;
        let payload = workspace.change(|state| {
            let view = state.open_to(user, view_id)?;
            let control = control(view.blocks(), name)?;
            let chosen = chosen(&control, &input, &offered)?;
            if holds(&control) {
                state.keep(view_id, &control, chosen.clone());
            }
            if !control.dispatches() {
                return Ok(None);
            }
            let view = state.open_to(user, view_id)?;
            let now_ms = workspace.now_ms();
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(Some(scribe.view_action(&view, &control, Some(&chosen))))
        })?;
        let Some(payload) = payload else {
            return Ok(Acted { ack: None });
        };
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: false,
        };
        Ok(Acted {
            ack: Some(deliver(workspace, parcel).await?),
        })
    }
}

/// Whether an element keeps what was chosen; buttons and overflow menus don't.
fn holds(control: &control::Control<'_>) -> bool {
    control::value(control, &std::collections::BTreeMap::new()).is_some()
}

/// What a press or a choice adds to the action in the payload.
fn chosen(
    control: &control::Control<'_>,
    input: &Value,
    offered: &[Value],
) -> Result<Value, ActError> {
    if control.kind() == "overflow" {
        let option = control::overflow(control, input)?;
        return Ok(serde_json::json!({"selected_option": option}));
    }
    Ok(control::entry(control, input, offered)?)
}
