//! Modals and Home tabs. <https://docs.slack.dev/reference/views>

use super::super::check::{Rule, Shape, may, must, shape};
use super::ID_CHARS_MAX;
use super::layout::IN_VIEWS;

const BLOCKS_MAX: usize = 100;
const TITLE_CHARS_MAX: usize = 24;
const METADATA_CHARS_MAX: usize = 3_000;

pub(in super::super) static MODALS: &[&Shape] = &[&MODAL];
pub(in super::super) static HOMES: &[&Shape] = &[&HOME];

static MODAL: Shape = Shape {
    kind: Some("modal"),
    fields: &[
        must("title", Rule::Plain(TITLE_CHARS_MAX)),
        must("blocks", Rule::Many(IN_VIEWS, 1, BLOCKS_MAX)),
        may("submit", Rule::Plain(TITLE_CHARS_MAX)),
        may("close", Rule::Plain(TITLE_CHARS_MAX)),
        may("private_metadata", Rule::String(METADATA_CHARS_MAX)),
        may("callback_id", Rule::String(ID_CHARS_MAX)),
        may("external_id", Rule::String(ID_CHARS_MAX)),
        may("clear_on_close", Rule::Flag),
        may("notify_on_close", Rule::Flag),
        may("submit_disabled", Rule::Flag),
    ],
    also: |checker, view, at| {
        let mut blocks = view["blocks"].as_array().into_iter().flatten();
        if view.get("submit").is_none() && blocks.any(|block| block["type"] == "input") {
            checker.problem(at, "submit is needed when there are input blocks");
        }
    },
};

static HOME: Shape = shape(
    "home",
    &[
        must("blocks", Rule::Many(IN_VIEWS, 1, BLOCKS_MAX)),
        may("private_metadata", Rule::String(METADATA_CHARS_MAX)),
        may("callback_id", Rule::String(ID_CHARS_MAX)),
        may("external_id", Rule::String(ID_CHARS_MAX)),
    ],
);
