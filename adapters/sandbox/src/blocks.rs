//! Block Kit as Slack takes it: refuses what Slack refuses, fills in what Slack fills in.
//!
//! <https://docs.slack.dev/reference/block-kit>

mod check;
mod schema;
mod settle;
mod whole;

#[cfg(test)]
mod tests;

pub(crate) use check::Problems;

use serde_json::Value;

use check::{Checker, Rule};

/// A larger view is refused. <https://docs.slack.dev/reference/methods/views.open>
pub(crate) const VIEW_BYTES_MAX: usize = 250_000;
/// <https://docs.slack.dev/reference/block-kit/blocks>
const MESSAGE_BLOCKS_MAX: usize = 50;

/// The blocks of a message.
pub(crate) fn message(blocks: &Value) -> Result<Vec<Value>, Problems> {
    let mut checker = Checker::default();
    let rule = Rule::Many(schema::IN_MESSAGES, 0, MESSAGE_BLOCKS_MAX);
    checker.check(&rule, blocks, "");
    let blocks = blocks.as_array().cloned().unwrap_or_default();
    whole::blocks(&mut checker, &blocks, "");
    checker.finish()?;
    Ok(settle::blocks(blocks))
}

/// A modal.
pub(crate) fn modal(view: &Value) -> Result<Value, Problems> {
    let mut checker = Checker::default();
    checker.check(&Rule::One(schema::MODALS), view, "");
    whole::view(&mut checker, view);
    checker.finish()?;
    Ok(settle::view(view.clone()))
}

/// A Home tab.
pub(crate) fn home(view: &Value) -> Result<Value, Problems> {
    let mut checker = Checker::default();
    checker.check(&Rule::One(schema::HOMES), view, "");
    whole::view(&mut checker, view);
    checker.finish()?;
    Ok(settle::view(view.clone()))
}

/// The options in the answer to an option look-up, groups flattened.
pub(crate) fn suggestions(answer: &Value) -> Result<Vec<Value>, Problems> {
    let mut checker = Checker::default();
    checker.check(&Rule::Object(&schema::SUGGESTIONS), answer, "");
    checker.finish()?;
    let groups = answer["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.flat_map(|group| group["options"].as_array().into_iter().flatten());
    let options = answer["options"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(grouped);
    Ok(settle::options(options.cloned().collect()))
}
