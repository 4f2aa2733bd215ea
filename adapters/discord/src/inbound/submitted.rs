//! What stands in a modal's fields.

use std::collections::BTreeMap;

use breakglass_core::id::RequestId;
use breakglass_core::intent::{Act, Button, Filled, Typed};
use breakglass_core::notice::Field;
use breakglass_core::text::clean;
use regex::Regex;
use serde::Deserialize;

use super::{Wish, words};

/// A part of a modal: a row or label holds others, a field has a value or what was picked.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    custom_id: Option<String>,
    value: Option<String>,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    components: Vec<Part>,
    component: Option<Box<Part>>,
}

/// What was filled in, by the field's name.
pub(super) struct Filling(BTreeMap<String, String>);

impl Filling {
    pub(super) fn of(parts: &[Part]) -> Self {
        let mut filled = BTreeMap::new();
        // A field stands in a row or a label, nothing deeper.
        for part in parts {
            let below = part.components.iter().chain(part.component.as_deref());
            for field in below.chain([part]) {
                let value = field.value.as_ref().or_else(|| field.values.first());
                if let (Some(name), Some(value)) = (&field.custom_id, value) {
                    filled.insert(name.clone(), clean(value));
                }
            }
        }
        Self(filled)
    }

    fn get(&self, field: Field) -> Option<String> {
        let text = self.0.get(field.as_str())?;
        Some(text.clone()).filter(|text| !text.is_empty())
    }

    /// A duration that was typed and isn't one.
    fn unclear_duration(&self) -> Option<String> {
        self.get(Field::Duration)
            .filter(|text| words::duration(text).is_none())
    }

    fn length(&self) -> Option<breakglass_core::time::Length> {
        words::duration(&self.get(Field::Duration)?)
    }

    /// The request form sent off; what had no field is in `remembered`.
    pub(super) fn request(&self, remembered: Typed, sender: &str, incident: &Regex) -> Wish {
        if let Some(text) = self.unclear_duration() {
            return self.unclear(&format!("“{text}” isn't a duration. Write 30m or 1h30m."));
        }
        if let Some(text) = self.get(Field::Severity)
            && words::severity(&text).is_none()
        {
            return self.unclear(&format!(
                "“{text}” isn't a severity. Write 1 to 5; 1 is worst."
            ));
        }
        let beneficiary = self.get(Field::Beneficiary).map(|name| {
            // `<@200>` is how a mention looks from inside.
            let id = name
                .trim_start_matches("<@")
                .trim_start_matches('!')
                .trim_end_matches('>');
            id.to_owned()
        });
        Wish::Act(Act::Ask(Typed {
            target: self.get(Field::Target).or(remembered.target),
            role: self.get(Field::Role).or(remembered.role),
            duration: self.length().or(remembered.duration),
            severity: self
                .get(Field::Severity)
                .and_then(|text| words::severity(&text))
                .or(remembered.severity),
            incident: self
                .get(Field::Incident)
                .map(|text| words::incident(incident, &text)),
            beneficiary: beneficiary
                .or(remembered.beneficiary)
                .filter(|account| account != sender),
            why: self.get(Field::Why).unwrap_or_default(),
            source: None,
            again: remembered.again,
        }))
    }

    /// A short form sent off.
    pub(super) fn short(&self, button: Button, request: RequestId, digest: String) -> Wish {
        let duration = self.length();
        // Without a cut it would be an approval in full.
        if button == Button::ApproveForLess && duration.is_none() {
            let text = self.get(Field::Duration).unwrap_or_default();
            return self.unclear(&format!("“{text}” isn't a duration. Write 15m or 1h30m."));
        }
        Wish::Act(Act::Form {
            button,
            request,
            digest,
            filled: Filled {
                text: self.get(Field::Text).unwrap_or_default(),
                duration,
                finding: self.get(Field::Finding).map(|text| text.to_lowercase()),
            },
        })
    }

    fn unclear(&self, how: &str) -> Wish {
        let words = self.get(Field::Why).or_else(|| self.get(Field::Text));
        Wish::Unclear {
            how: how.to_owned(),
            words: words.unwrap_or_default(),
        }
    }
}
