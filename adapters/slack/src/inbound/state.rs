//! What stands in a modal's fields.

use std::collections::BTreeMap;

use breakglass_core::intent::{Act, Button, Filled, Typed};
use breakglass_core::notice::Field;
use breakglass_core::text::clean;
use breakglass_core::time::Length;
use regex::Regex;
use serde::Deserialize;

use super::{Wish, grammar};
use crate::render::action;
use crate::render::memo::Memo;

/// A modal or home page as it comes back.
#[derive(Debug, Deserialize)]
pub(super) struct View {
    pub(super) id: String,
    hash: Option<String>,
    #[serde(rename = "type", default)]
    kind: String,
    pub(super) app_id: Option<String>,
    callback_id: Option<String>,
    private_metadata: Option<String>,
    state: Option<State>,
}

#[derive(Debug, Default, Deserialize)]
struct State {
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, Input>>,
}

/// A field: which of these is there depends on its kind.
#[derive(Debug, Deserialize)]
struct Input {
    value: Option<String>,
    selected_option: Option<Picked>,
    selected_user: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Picked {
    value: String,
}

/// The field that an element's action id names.
pub(super) fn field(name: &str) -> Option<Field> {
    [
        Field::Target,
        Field::Role,
        Field::Duration,
        Field::Severity,
        Field::Incident,
        Field::Beneficiary,
        Field::Why,
        Field::Text,
        Field::Finding,
    ]
    .into_iter()
    .find(|field| field.as_str() == name)
}

impl View {
    pub(super) fn id_and_hash(&self) -> Option<(&str, &str)> {
        Some((&self.id, self.hash.as_deref()?))
    }

    pub(super) fn is_modal(&self) -> bool {
        self.kind == "modal"
    }

    /// What we wrote into it when we opened it; nothing, if it isn't readable.
    pub(super) fn memo(&self) -> Memo {
        Memo::read(self.private_metadata.as_deref().unwrap_or_default())
    }

    /// The request form as it is filled now.
    pub(super) fn typed(&self, sender: &str, incident: &Regex) -> Typed {
        let memo = self.memo();
        let incident_id = self.get(Field::Incident).map(|text| {
            let text = clean(&text);
            grammar::incident_in(incident, &text).unwrap_or(text)
        });
        Typed {
            target: self.get(Field::Target),
            role: self.get(Field::Role).or(memo.role),
            duration: self.length(),
            severity: self.get(Field::Severity).and_then(|text| text.parse().ok()),
            incident: incident_id,
            beneficiary: self
                .get(Field::Beneficiary)
                .filter(|account| account != sender),
            why: clean(&self.get(Field::Why).unwrap_or_default()),
            source: memo.source,
            again: memo.again,
        }
    }

    /// What a form that was sent off asks of us.
    pub(super) fn sent_off(&self, sender: &str, incident: &Regex) -> Wish {
        match (self.callback_id.as_deref(), self.memo().about) {
            (Some(action::REQUEST), _) => Wish::SendOff(self.typed(sender, incident)),
            (Some(action::SHORT), Some(about)) => {
                let Some(button) = Button::from_action(&about.button) else {
                    return Wish::Nothing("a form for a button we don't know");
                };
                Wish::Act(Act::Form {
                    button,
                    request: about.request,
                    digest: about.digest,
                    filled: Filled {
                        text: clean(&self.get(Field::Text).unwrap_or_default()),
                        duration: self.length(),
                        finding: self.get(Field::Finding),
                    },
                })
            }
            _ => Wish::Nothing("a form we don't know"),
        }
    }

    /// Which block each field stands in: a fault is shown at its block.
    pub(super) fn blocks(&self) -> BTreeMap<String, String> {
        let pairs = self.values().flat_map(|(block, inputs)| {
            inputs
                .keys()
                .map(move |field| (field.clone(), block.clone()))
        });
        pairs.collect()
    }

    fn values(&self) -> impl Iterator<Item = (&String, &BTreeMap<String, Input>)> {
        self.state.iter().flat_map(|state| state.values.iter())
    }

    fn length(&self) -> Option<Length> {
        let secs = self.get(Field::Duration)?.parse().ok()?;
        Some(Length::from_secs(secs))
    }

    fn get(&self, field: Field) -> Option<String> {
        let input = self
            .values()
            .find_map(|(_, inputs)| inputs.get(field.as_str()))?;
        let picked = input
            .selected_option
            .as_ref()
            .map(|picked| picked.value.clone());
        let text = input.value.clone();
        picked
            .or_else(|| input.selected_user.clone())
            .or(text)
            .filter(|text| !text.trim().is_empty())
    }
}
