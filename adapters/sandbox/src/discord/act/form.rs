//! Filling in and sending forms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::click::chosen;
use crate::act::ActError;
use crate::discord::Guild;
use crate::discord::act::Answered;
use crate::discord::deliver::deliver;
use crate::discord::interaction::MODAL;
use crate::discord::modal::{Entries, Modal, text_of};

impl Guild {
    /// `user` fills in `values` (by label or custom id) and sends the form that they have open. It closes once
    /// the app has answered; until then it can be sent again.
    pub async fn submit_view(&self, user: &str, values: Value) -> Result<Answered, ActError> {
        let parcel = self.hall.change(|state| {
            let modal = state
                .modals
                .get(user)
                .cloned()
                .ok_or_else(|| no_form(user))?;
            let entries = filled(&modal, &values)?;
            state.actor_in(user, &modal.channel)?;
            let data =
                json!({"custom_id": modal.custom_id, "components": modal.submitted(&entries)});
            let (mut interaction, answer) = state.new_interaction(MODAL, user, &modal.channel);
            interaction.source = modal.source;
            interaction.trigger = modal.trigger;
            Ok::<_, ActError>(state.wrap(interaction, &data, answer))
        })?;
        let answered = deliver(&self.hall, parcel).await?;
        self.hall.change(|state| state.modals.remove(user));
        Ok(answered)
    }

    /// `user` closes the form without sending it; the app isn't told.
    pub fn close_view(&self, user: &str) -> Result<(), ActError> {
        let closed = self.hall.change(|state| state.modals.remove(user));
        closed.map(|_| ()).ok_or_else(|| no_form(user))
    }
}

fn no_form(user: &str) -> ActError {
    ActError::NoSuchView {
        person: user.to_owned(),
        view: "modal".to_owned(),
    }
}

/// What each field holds with `values` entered, if the form can be sent so.
fn filled(modal: &Modal, values: &Value) -> Result<Entries, ActError> {
    let fields = modal.fields();
    let mut entries = modal.values();
    for (name, input) in values.as_object().into_iter().flatten() {
        let field = fields.iter().find(|field| field.is_called(name));
        let field = field.ok_or_else(|| ActError::NoSuchControl {
            wanted: name.clone(),
            there: modal.labels(),
        })?;
        let held = if field.is_text() {
            text_of(input).into()
        } else {
            chosen(&field.element, input)?
        };
        entries.insert(field.custom_id.clone(), held);
    }
    let faults: BTreeMap<String, String> = fields
        .iter()
        .filter_map(|field| {
            Some((
                field.custom_id.clone(),
                field.fault(entries.get(&field.custom_id)?)?,
            ))
        })
        .collect();
    if faults.is_empty() {
        Ok(entries)
    } else {
        Err(ActError::Incomplete(faults))
    }
}
