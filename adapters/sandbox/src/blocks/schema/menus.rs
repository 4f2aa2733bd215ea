//! Select menus. <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>

use serde_json::Value;

use super::super::check::{Checker, Field, Rule, Shape, may, shape};
use super::elements::{ACTION_ID, ASKS, FOCUS, PLACEHOLDER};
use super::objects::{FILTER, OPTION, OPTION_GROUP, OPTIONS_MAX, either_options_or_groups};

const OWN: Field = may("options", Rule::Objects(&OPTION, 1, OPTIONS_MAX));
const GROUPS: Field = may(
    "option_groups",
    Rule::Objects(&OPTION_GROUP, 1, OPTIONS_MAX),
);
const INITIAL: Field = may("initial_option", Rule::Object(&OPTION));
const INITIALS: Field = may("initial_options", Rule::Objects(&OPTION, 1, OPTIONS_MAX));
const QUERY: Field = may("min_query_length", Rule::Integer(0, 100));
const MOST: Field = may("max_selected_items", Rule::Integer(1, 1_000));
const ONE_ID: Rule = Rule::Name(255);
const IDS: Rule = Rule::Names(100);

pub(super) static STATIC: Shape = Shape {
    kind: Some("static_select"),
    fields: &[ACTION_ID, OWN, GROUPS, INITIAL, PLACEHOLDER, ASKS, FOCUS],
    also: fixed,
};
pub(super) static EXTERNAL: Shape = shape(
    "external_select",
    &[ACTION_ID, INITIAL, QUERY, PLACEHOLDER, ASKS, FOCUS],
);
pub(super) static USERS: Shape = shape(
    "users_select",
    &[
        ACTION_ID,
        may("initial_user", ONE_ID),
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static CONVERSATIONS: Shape = shape(
    "conversations_select",
    &[
        ACTION_ID,
        may("initial_conversation", ONE_ID),
        may("default_to_current_conversation", Rule::Flag),
        may("response_url_enabled", Rule::Flag),
        may("filter", Rule::Object(&FILTER)),
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static CHANNELS: Shape = shape(
    "channels_select",
    &[
        ACTION_ID,
        may("initial_channel", ONE_ID),
        may("response_url_enabled", Rule::Flag),
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);

pub(super) static MULTI_STATIC: Shape = Shape {
    kind: Some("multi_static_select"),
    fields: &[
        ACTION_ID,
        OWN,
        GROUPS,
        INITIALS,
        MOST,
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
    also: fixed,
};
pub(super) static MULTI_EXTERNAL: Shape = shape(
    "multi_external_select",
    &[ACTION_ID, INITIALS, QUERY, MOST, PLACEHOLDER, ASKS, FOCUS],
);
pub(super) static MULTI_USERS: Shape = shape(
    "multi_users_select",
    &[
        ACTION_ID,
        may("initial_users", IDS),
        MOST,
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static MULTI_CONVERSATIONS: Shape = shape(
    "multi_conversations_select",
    &[
        ACTION_ID,
        may("initial_conversations", IDS),
        may("default_to_current_conversation", Rule::Flag),
        may("filter", Rule::Object(&FILTER)),
        MOST,
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static MULTI_CHANNELS: Shape = shape(
    "multi_channels_select",
    &[
        ACTION_ID,
        may("initial_channels", IDS),
        MOST,
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);

fn fixed(checker: &mut Checker, element: &Value, at: &str) {
    either_options_or_groups(checker, element, at);
    initial_is_offered(checker, element, at);
}

/// An initial option must be the same as one of those offered, to the letter.
pub(super) fn initial_is_offered(checker: &mut Checker, element: &Value, at: &str) {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let grouped = groups.flat_map(|group| group["options"].as_array().into_iter().flatten());
    let offered: Vec<&Value> = element["options"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(grouped)
        .collect();
    let one = element.get("initial_option");
    let many = element["initial_options"].as_array().into_iter().flatten();
    for initial in one.into_iter().chain(many) {
        if !offered.contains(&initial) {
            checker.problem(at, "the initial option is not one of the options");
        }
    }
}
