//! Composition objects. <https://docs.slack.dev/reference/block-kit/composition-objects>

use serde_json::Value;

use super::super::check::{Checker, Rule, Shape, may, must};
use super::URL_CHARS_MAX;

const OPTION_TEXT_CHARS_MAX: usize = 75;
const OPTION_VALUE_CHARS_MAX: usize = 150;
/// Selects and their groups hold at most so many.
pub(super) const OPTIONS_MAX: usize = 100;

pub(super) static CONFIRM: Shape = Shape {
    kind: None,
    fields: &[
        must("title", Rule::Plain(100)),
        must("text", Rule::Text(300)),
        must("confirm", Rule::Plain(30)),
        must("deny", Rule::Plain(30)),
        may("style", Rule::Word(&["primary", "danger"])),
    ],
    also: nothing,
};

/// An option of a select or of an overflow menu.
pub(super) static OPTION: Shape = Shape {
    kind: None,
    fields: &[
        must("text", Rule::Plain(OPTION_TEXT_CHARS_MAX)),
        must("value", Rule::Name(OPTION_VALUE_CHARS_MAX)),
        may("description", Rule::Plain(OPTION_TEXT_CHARS_MAX)),
        may("url", Rule::Name(URL_CHARS_MAX)),
    ],
    also: nothing,
};

/// An option of radio buttons or checkboxes, which may be formatted.
pub(super) static CHOICE: Shape = Shape {
    kind: None,
    fields: &[
        must("text", Rule::Text(OPTION_TEXT_CHARS_MAX)),
        must("value", Rule::Name(OPTION_VALUE_CHARS_MAX)),
        may("description", Rule::Text(OPTION_TEXT_CHARS_MAX)),
    ],
    also: nothing,
};

pub(super) static OPTION_GROUP: Shape = Shape {
    kind: None,
    fields: &[
        must("label", Rule::Plain(OPTION_TEXT_CHARS_MAX)),
        must("options", Rule::Objects(&OPTION, 1, OPTIONS_MAX)),
    ],
    also: nothing,
};

pub(super) static DISPATCH_CONFIG: Shape = Shape {
    kind: None,
    fields: &[may("trigger_actions_on", Rule::Names(2))],
    also: |checker, config, at| {
        let words = config["trigger_actions_on"]
            .as_array()
            .into_iter()
            .flatten();
        for word in words {
            if word != "on_enter_pressed" && word != "on_character_entered" {
                checker.problem(at, format!("unsupported trigger: {word}"));
            }
        }
    },
};

pub(super) static FILTER: Shape = Shape {
    kind: None,
    fields: &[
        may("include", Rule::Names(4)),
        may("exclude_external_shared_channels", Rule::Flag),
        may("exclude_bot_users", Rule::Flag),
    ],
    also: nothing,
};

/// The answer to an option look-up.
/// <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select>
pub(in super::super) static SUGGESTIONS: Shape = Shape {
    kind: None,
    fields: &[
        may("options", Rule::Objects(&OPTION, 0, OPTIONS_MAX)),
        may(
            "option_groups",
            Rule::Objects(&OPTION_GROUP, 0, OPTIONS_MAX),
        ),
    ],
    also: either_options_or_groups,
};

pub(super) fn nothing(_: &mut Checker, _: &Value, _: &str) {}

pub(super) fn either_options_or_groups(checker: &mut Checker, element: &Value, at: &str) {
    let has = |key: &str| element.get(key).is_some();
    if has("options") == has("option_groups") {
        checker.problem(at, "needs either options or option_groups");
    }
}
