//! What the blocks of one message or view must fulfil together: ids that are unique, one focus.

use std::collections::HashSet;

use serde_json::Value;

use super::check::Checker;
use crate::control::controls;

/// Checks a view; its blocks lie under `/blocks`.
pub(super) fn view(checker: &mut Checker, view: &Value) {
    let blocks = view["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    self::blocks(checker, blocks, "/blocks");
    let focused = controls(blocks)
        .into_iter()
        .filter(|one| one.element["focus_on_load"] == true);
    if focused.count() > 1 {
        checker.problem("/blocks", "only one element can have focus_on_load");
    }
}

/// Checks blocks that lie under `at`: block ids are unique, action ids within their block.
pub(super) fn blocks(checker: &mut Checker, blocks: &[Value], at: &str) {
    let mut block_ids = HashSet::new();
    for (index, block) in blocks.iter().enumerate() {
        let at = format!("{at}/{index}");
        if let Some(id) = block["block_id"].as_str()
            && !block_ids.insert(id)
        {
            checker.problem(&at, format!("block_id already exists: {id}"));
        }
        let mut action_ids = HashSet::new();
        for control in controls(std::slice::from_ref(block)) {
            let id = control.action_id();
            if !id.is_empty() && !action_ids.insert(id) {
                checker.problem(
                    &at,
                    format!("action_id already exists for another element: {id}"),
                );
            }
        }
    }
}
