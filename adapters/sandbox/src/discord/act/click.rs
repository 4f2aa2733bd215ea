//! Pressing buttons and choosing in messages.

use serde_json::{Value, json};

use crate::act::ActError;
use crate::discord::Guild;
use crate::discord::act::Answered;
use crate::discord::deliver::deliver;
use crate::discord::interaction::COMPONENT;
use crate::discord::message::{Message, MessageId};
use crate::discord::modal::{options, text_of};

impl Guild {
    /// `user` presses the button called `button` (its label or custom id) of a message.
    pub async fn press(
        &self,
        user: &str,
        message: impl Into<MessageId>,
        button: &str,
    ) -> Result<Answered, ActError> {
        self.choose(user, message, button, Value::Null).await
    }

    /// `user` chooses `input` in the select called `name` (its custom id or placeholder) of a message: an
    /// option's value or label, the id of a user, role or channel, or a list of them.
    pub async fn choose(
        &self,
        user: &str,
        message: impl Into<MessageId>,
        name: &str,
        input: Value,
    ) -> Result<Answered, ActError> {
        let id = message.into();
        let parcel = self.hall.change(|state| {
            let message = state.visible(user, &id)?;
            let element = element(&message, name)?;
            let data = pressed(element, &input)?;
            let (mut interaction, answer) = state.new_interaction(COMPONENT, user, &id.channel);
            interaction.source = Some(id.clone());
            Ok::<_, ActError>(state.wrap(interaction, &data, answer))
        })?;
        deliver(&self.hall, parcel).await
    }
}

/// Finds the button or select that people mean by `wanted`.
fn element<'a>(message: &'a Message, wanted: &str) -> Result<&'a Value, ActError> {
    let names =
        |element: &Value| ["label", "custom_id", "placeholder"].map(|key| text_of(&element[key]));
    let mut elements = message.elements();
    let found = elements.find(|element| names(element).iter().any(|name| name == wanted));
    let found = found.ok_or_else(|| ActError::NoSuchControl {
        wanted: wanted.to_owned(),
        there: message
            .elements()
            .map(|element| text_of(&element["label"]))
            .collect(),
    })?;
    let leads_away = found["type"] == 2 && found["style"] == 5;
    if leads_away || found["disabled"] == true {
        return Err(ActError::NotOffered(wanted.to_owned()));
    }
    Ok(found)
}

/// What the payload says of a press or a choice.
fn pressed(element: &Value, input: &Value) -> Result<Value, ActError> {
    let mut data = json!({
        "custom_id": element["custom_id"],
        "component_type": element["type"],
    });
    if element["type"] != 2 {
        data["values"] = chosen(element, input)?;
    }
    Ok(data)
}

/// The values of what is chosen in a select.
pub(super) fn chosen(element: &Value, input: &Value) -> Result<Value, ActError> {
    let wanted = match input.as_array() {
        Some(wanted) => wanted.iter().map(text_of).collect(),
        None if input.is_null() => Vec::new(),
        None => vec![text_of(input)],
    };
    if element["type"] != 3 {
        return Ok(wanted.into());
    }
    let values = wanted.into_iter().map(|wanted| {
        let mut options = options(element);
        let found = options.find(|option| option["value"] == *wanted || option["label"] == *wanted);
        found
            .map(|option| option["value"].clone())
            .ok_or_else(|| ActError::NoSuchOption {
                wanted,
                there: self::options(element)
                    .map(|option| text_of(&option["label"]))
                    .collect(),
            })
    });
    values.collect()
}
