//! Finds the interactive elements of blocks.

use serde_json::Value;

/// An interactive element and the block it stands in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control<'a> {
    pub(crate) block_id: &'a str,
    pub(crate) block: &'a Value,
    pub(crate) element: &'a Value,
    pub(crate) place: Place,
}

/// Where an interactive element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an input block: it acts by itself only when the block says so.
    Input,
    /// In an actions block or beside a section: using it tells the app.
    Direct,
}

impl<'a> Control<'a> {
    pub(crate) fn kind(&self) -> &'a str {
        self.element["type"].as_str().unwrap_or_default()
    }

    pub(crate) fn action_id(&self) -> &'a str {
        self.element["action_id"].as_str().unwrap_or_default()
    }

    /// What people call it: a button's text, an input's label, else its placeholder.
    pub(crate) fn label(&self) -> &'a str {
        let texts = [
            &self.element["text"]["text"],
            &self.block["label"]["text"],
            &self.element["placeholder"]["text"],
        ];
        texts
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether using it tells the app at once.
    pub(crate) fn dispatches(&self) -> bool {
        self.place == Place::Direct || self.block["dispatch_action"] == true
    }

    pub(crate) fn is_input(&self) -> bool {
        self.place == Place::Input
    }

    /// Whether a form can't be sent without it.
    pub(crate) fn is_required(&self) -> bool {
        self.is_input() && self.block["optional"] != true
    }

    /// Whether people mean it by `name`: its label, action id, block id, a button's value, or
    /// `block id/action id`.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let path = name
            .strip_prefix(self.block_id)
            .and_then(|rest| rest.strip_prefix('/'));
        path == Some(self.action_id())
            || [self.label(), self.action_id(), self.block_id].contains(&name)
            || self.element["value"] == name
    }
}

/// All interactive elements, in reading order.
pub(crate) fn controls(blocks: &[Value]) -> Vec<Control<'_>> {
    blocks.iter().flat_map(in_block).collect()
}

fn in_block(block: &Value) -> Vec<Control<'_>> {
    let block_id = block["block_id"].as_str().unwrap_or_default();
    let control = |element, place| Control {
        block_id,
        block,
        element,
        place,
    };
    match block["type"].as_str().unwrap_or_default() {
        "input" => vec![control(&block["element"], Place::Input)],
        "actions" => elements(block)
            .map(|element| control(element, Place::Direct))
            .collect(),
        "section" => {
            let accessory = block
                .get("accessory")
                .filter(|accessory| accessory["type"] != "image");
            accessory
                .map(|accessory| control(accessory, Place::Direct))
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

fn elements(block: &Value) -> impl Iterator<Item = &Value> {
    block["elements"].as_array().into_iter().flatten()
}
