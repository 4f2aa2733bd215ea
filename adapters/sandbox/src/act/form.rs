//! Filling in, sending and closing modals; looking options up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ActError, control};
use crate::control::controls;
use crate::deliver::{Kind, Parcel, deliver, record};
use crate::payload::Scribe;
use crate::sandbox::Sandbox;
use crate::view::View;

/// What came of sending a modal.
#[derive(Clone, Debug)]
pub enum Submitted {
    /// It closed; the one below it, if any, shows again.
    Closed,
    /// All modals closed.
    Cleared,
    /// It stays open with these faults, by block id.
    Errors(BTreeMap<String, String>),
    /// It shows something else now.
    Updated(Box<View>),
    /// Another one opened on top of it.
    Pushed(Box<View>),
}

impl Sandbox {
    /// `user` fills in `values` (by label, action id or block id) and sends the modal.
    pub async fn submit_view(
        &self,
        user: &str,
        view_id: &str,
        values: Value,
    ) -> Result<Submitted, ActError> {
        for (name, input) in self.in_reading_order(user, view_id, &values)? {
            self.fill_in(user, view_id, name, input).await?;
        }
        let workspace = &self.workspace;
        let payload = workspace.change(|state| {
            let view = state.open_to(user, view_id)?;
            if view.content["type"] != "modal" || view.content["submit"].is_null() {
                return Err(ActError::NotOffered("submit".into()));
            }
            let faults = crate::control::faults(view.blocks(), &view.entries);
            if !faults.is_empty() {
                return Err(ActError::Incomplete(faults));
            }
            let now_ms = workspace.now_ms();
            Ok(Scribe {
                workspace,
                state,
                user,
                now_ms,
            }
            .submission(&view))
        })?;
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: true,
        };
        let ack = deliver(workspace, parcel).await?;
        let answered = self.answered(user, view_id, &ack.payload);
        record(workspace, "view_submission", &ack, answered)
    }

    /// `values` in the order of the elements that they are for.
    fn in_reading_order<'a>(
        &self,
        user: &str,
        view_id: &str,
        values: &'a Value,
    ) -> Result<Vec<(&'a str, &'a Value)>, ActError> {
        self.workspace.read(|state| {
            let view = state.open_to(user, view_id)?;
            let controls = controls(view.blocks());
            let mut placed: Vec<_> = values.as_object().into_iter().flatten().collect();
            placed.sort_by_key(|(name, _)| controls.iter().position(|c| c.is_called(name)));
            Ok(placed
                .into_iter()
                .map(|(name, input)| (name.as_str(), input))
                .collect())
        })
    }

    /// Enters one value before the form is sent. Words are only typed: without Enter the app isn't
    /// told about them before.
    async fn fill_in(
        &self,
        user: &str,
        view_id: &str,
        name: &str,
        input: &Value,
    ) -> Result<(), ActError> {
        let is_typed = self.workspace.change(|state| {
            let view = state.open_to(user, view_id)?;
            let control = control(view.blocks(), name)?;
            let is_typed = control.kind().ends_with("_input");
            if is_typed {
                state.keep(
                    view_id,
                    &control,
                    crate::control::entry(&control, input, &[])?,
                );
            }
            Ok::<_, ActError>(is_typed)
        })?;
        if !is_typed {
            self.enter(user, view_id, name, input.clone()).await?;
        }
        Ok(())
    }

    /// Does what the app's `response_action` says.
    fn answered(&self, user: &str, id: &str, answer: &Value) -> Result<Submitted, ActError> {
        let workspace = &self.workspace;
        let now_secs = workspace.options.clock.now_secs();
        let content = || {
            let view = answer.get("view").unwrap_or(&Value::Null);
            crate::blocks::modal(view).map_err(ActError::from)
        };
        match answer["response_action"].as_str() {
            None if answer.is_null()
                || answer.as_object().is_some_and(serde_json::Map::is_empty) =>
            {
                workspace.change(|state| state.close_view(user, id));
                Ok(Submitted::Closed)
            }
            Some("clear") => {
                workspace.change(|state| state.close_views(user));
                Ok(Submitted::Cleared)
            }
            Some("errors") => self.field_errors(id, &answer["errors"]),
            Some("update") => {
                let content = content()?;
                let view = workspace.change(|state| state.replace_view(id, content, now_secs));
                let gone = || ActError::NoSuchView {
                    person: user.into(),
                    view: id.into(),
                };
                Ok(Submitted::Updated(Box::new(view.ok_or_else(gone)?)))
            }
            Some("push") => {
                let content = content()?;
                let view = workspace.change(|state| state.push_view(user, content, now_secs));
                Ok(Submitted::Pushed(Box::new(view)))
            }
            _ => Err(ActError::BadAnswer(format!(
                "unknown response_action in {answer}"
            ))),
        }
    }

    fn field_errors(&self, id: &str, errors: &Value) -> Result<Submitted, ActError> {
        let faults: BTreeMap<String, String> =
            serde_json::from_value(errors.clone()).map_err(|_| {
                ActError::BadAnswer(format!("errors must map blocks to texts: {errors}"))
            })?;
        self.workspace.change(|state| {
            let Some(view) = state.views.get_mut(id) else {
                return Ok(());
            };
            let inputs = controls(view.blocks());
            let stray = faults.keys().find(|block| {
                !inputs
                    .iter()
                    .any(|input| input.block_id == block.as_str() && input.is_input())
            });
            if let Some(block) = stray {
                return Err(ActError::BadAnswer(format!(
                    "no input block {block:?} for an error"
                )));
            }
            view.errors.clone_from(&faults);
            Ok(())
        })?;
        Ok(Submitted::Errors(faults))
    }

    /// `user` closes the modal without sending it.
    pub async fn close_view(&self, user: &str, view_id: &str) -> Result<(), ActError> {
        let workspace = &self.workspace;
        let payload = workspace.change(|state| {
            let view = state.open_to(user, view_id)?;
            let is_cleared = view.content["clear_on_close"] == true;
            if is_cleared {
                state.close_views(user);
            } else {
                state.close_view(user, view_id);
            }
            let now_ms = workspace.now_ms();
            let is_wanted = view.content["notify_on_close"] == true;
            let mut scribe = Scribe {
                workspace,
                state,
                user,
                now_ms,
            };
            Ok::<_, ActError>(is_wanted.then(|| scribe.closed(&view)))
        })?;
        let Some(payload) = payload else {
            return Ok(());
        };
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: false,
        };
        deliver(workspace, parcel).await?;
        Ok(())
    }
}
