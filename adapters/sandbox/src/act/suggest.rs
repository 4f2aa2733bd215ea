//! Typing into external selects, whose options the app offers.

use serde_json::Value;

use super::{ActError, control};
use crate::deliver::{Kind, Parcel, deliver, record};
use crate::payload::Scribe;
use crate::sandbox::Sandbox;

impl Sandbox {
    /// The options that the app offers when `user` types `query` into an external select.
    pub async fn options(
        &self,
        user: &str,
        view_id: &str,
        name: &str,
        query: &str,
    ) -> Result<Vec<Value>, ActError> {
        let workspace = &self.workspace;
        let (key, payload) = workspace.change(|state| {
            let view = state.open_to(user, view_id)?;
            let control = control(view.blocks(), name)?;
            let key = (control.block_id.to_owned(), control.action_id().to_owned());
            let now_ms = workspace.now_ms();
            let mut payload = Scribe {
                workspace,
                state,
                user,
                now_ms,
            }
            .suggestion(&control, query);
            payload["container"] = serde_json::json!({"type": "view", "view_id": view.id});
            payload["view"] = view.to_json(&workspace.options);
            Ok::<_, ActError>((key, payload))
        })?;
        let parcel = Parcel {
            kind: Kind::Interaction,
            payload,
            answerable: true,
        };
        let ack = deliver(workspace, parcel).await?;
        let options = crate::blocks::suggestions(&ack.payload).map_err(ActError::from);
        let options = record(workspace, "block_suggestion", &ack, options)?;
        workspace.change(|state| {
            if let Some(view) = state.views.get_mut(view_id) {
                view.offered.insert(key, options.clone());
            }
        });
        Ok(options)
    }

    /// The options of an external select among which `input` is chosen: those already offered,
    /// else those that the app offers when it is typed.
    pub(super) async fn offered(
        &self,
        user: &str,
        view_id: &str,
        name: &str,
        input: &Value,
    ) -> Result<Vec<Value>, ActError> {
        let known = self.workspace.read(|state| {
            let view = state.open_to(user, view_id)?;
            let control = control(view.blocks(), name)?;
            if input.is_null() || !control.kind().ends_with("external_select") {
                return Ok(Some(Vec::new()));
            }
            let key = (control.block_id.to_owned(), control.action_id().to_owned());
            let offered = view.offered.get(&key).cloned().unwrap_or_default();
            let is_there = crate::control::entry(&control, input, &offered).is_ok();
            Ok::<_, ActError>(is_there.then_some(offered))
        })?;
        if let Some(known) = known {
            return Ok(known);
        }
        let typed = input
            .as_str()
            .or_else(|| input[0].as_str())
            .unwrap_or_default();
        self.options(user, view_id, name, typed).await
    }
}
