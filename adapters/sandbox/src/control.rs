//! Buttons, selects and inputs inside blocks, and the values they hold.

mod entry;
mod fault;
mod walk;

pub(crate) use entry::{NoSuchOption, entry, overflow};
pub(crate) use fault::faults;
pub(crate) use walk::{Control, controls};

use serde_json::{Map, Value, json};

use crate::view::Entries;

/// The labels of all buttons, in order.
pub(crate) fn buttons(blocks: &[Value]) -> Vec<String> {
    let buttons = controls(blocks)
        .into_iter()
        .filter(|control| control.kind() == "button");
    buttons.map(|control| control.label().to_owned()).collect()
}

/// `state.values`: what each element that holds a value holds now.
pub(crate) fn values(blocks: &[Value], entries: &Entries) -> Value {
    let mut values = Map::new();
    for control in controls(blocks) {
        let Some(value) = value(&control, entries) else {
            continue;
        };
        let block = values.entry(control.block_id).or_insert_with(|| json!({}));
        block[control.action_id()] = value;
    }
    Value::Object(values)
}

/// What one element holds; nothing for elements that hold no value, such as buttons.
pub(crate) fn value(control: &Control<'_>, entries: &Entries) -> Option<Value> {
    let entered = entries
        .get(control.block_id)
        .and_then(|block| block.get(control.action_id()));
    entered.cloned().or_else(|| entry::initial(control))
}

/// Forgets what was entered in elements that are no longer there, or are something else now.
pub(crate) fn retain(entries: &mut Entries, blocks: &[Value]) {
    let controls = controls(blocks);
    entries.retain(|block_id, elements| {
        elements.retain(|action_id, value| {
            controls.iter().any(|control| {
                control.block_id == block_id
                    && control.action_id() == action_id
                    && value["type"] == control.kind()
                    && entry::is_offered(control, value)
            })
        });
        !elements.is_empty()
    });
}
