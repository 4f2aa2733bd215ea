//! Buttons, selects and the rows they stand in. <https://docs.discord.com/developers/components/reference>

use serde_json::Value;

use super::check::{Checker, Field, Rule, Shape, below, may, must, shape};

/// A row holds so many buttons.
const BUTTONS_MAX: usize = 5;

pub(super) const CUSTOM_ID: Rule = Rule::Text(1, 100);
/// A number that Discord gives if the app doesn't.
pub(super) const NUMBER: Field = may("id", Rule::Integer(0, i32::MAX as i64));

static EMOJI: Shape = shape(&[
    may("id", Rule::Snowflake),
    must("name", Rule::Text(1, 32)),
    may("animated", Rule::Flag),
]);

static BUTTON: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[2])),
        NUMBER,
        must("style", Rule::OneOf(&[1, 2, 3, 4, 5])),
        may("label", Rule::Text(0, 80)),
        may("emoji", Rule::Object(&EMOJI)),
        may("custom_id", CUSTOM_ID),
        may("url", Rule::Url(512)),
        may("disabled", Rule::Flag),
        may("sku_id", Rule::NotHere),
    ],
    also: button,
};

/// What a button needs depends on its style.
fn button(checker: &mut Checker, button: &Value, at: &[String]) {
    let has = |key: &str| button.get(key).is_some_and(|value| !value.is_null());
    let (wanted, other) = if button["style"] == 5 {
        ("url", "custom_id")
    } else {
        ("custom_id", "url")
    };
    if !has(wanted) {
        let message = format!("A {wanted} is required for a button of this style");
        checker.problem(&below(at, wanted), "BASE_TYPE_REQUIRED", message);
    }
    if has(other) {
        let message = format!("A {other} can not be specified for a button of this style");
        checker.problem(
            &below(at, other),
            "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
            message,
        );
    }
    let is_blank = button["label"].as_str().is_none_or(str::is_empty);
    if is_blank && !has("emoji") {
        checker.problem(
            at,
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
            "A button needs a label or an emoji",
        );
    }
}

static OPTION: Shape = shape(&[
    must("label", Rule::Text(1, 100)),
    must("value", Rule::Text(1, 100)),
    may("description", Rule::Text(0, 100)),
    may("emoji", Rule::Object(&EMOJI)),
    may("default", Rule::Flag),
]);

/// A select among options that the app gives.
pub(super) static STRING_SELECT: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[3])),
        NUMBER,
        must("custom_id", CUSTOM_ID),
        must("options", Rule::List(&Rule::Object(&OPTION), 1, 25)),
        may("placeholder", Rule::Text(0, 150)),
        may("min_values", Rule::Integer(0, 25)),
        may("max_values", Rule::Integer(1, 25)),
        may("disabled", Rule::Flag),
        may("required", Rule::Flag),
    ],
    also: string_select,
};

fn string_select(checker: &mut Checker, select: &Value, at: &[String]) {
    let options: &[Value] = select["options"].as_array().map_or(&[], Vec::as_slice);
    let (min, max) = bounds(select);
    if max > options.len() as u64 {
        let message = format!("max_values is more than the {} options", options.len());
        checker.problem(&below(at, "max_values"), "BASE_TYPE_BAD_LENGTH", message);
    }
    range(checker, (min, max), at);
    for (index, option) in options.iter().enumerate() {
        if options
            .iter()
            .take(index)
            .any(|before| before["value"] == option["value"])
        {
            let at = below(&below(&below(at, "options"), &index.to_string()), "value");
            let message = "The specified option value is already used";
            checker.problem(&at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
    }
    let defaults = options
        .iter()
        .filter(|option| option["default"] == true)
        .count();
    if defaults as u64 > max {
        let message = "More options are chosen than can be";
        checker.problem(
            &below(at, "options"),
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            message,
        );
    }
}

fn bounds(select: &Value) -> (u64, u64) {
    let bound = |key: &str| select[key].as_u64().unwrap_or(1);
    (bound("min_values"), bound("max_values"))
}

fn range(checker: &mut Checker, (min, max): (u64, u64), at: &[String]) {
    if min > max {
        let message = "min_values is more than max_values";
        checker.problem(&below(at, "min_values"), "BASE_TYPE_BAD_LENGTH", message);
    }
}

static DEFAULT: Shape = shape(&[
    must("id", Rule::Snowflake),
    must("type", Rule::Word(&["user", "role", "channel"])),
]);

/// A select among users, roles or channels.
pub(super) static ENTITY_SELECT: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[5, 6, 7, 8])),
        NUMBER,
        must("custom_id", CUSTOM_ID),
        may("placeholder", Rule::Text(0, 150)),
        may("min_values", Rule::Integer(0, 25)),
        may("max_values", Rule::Integer(1, 25)),
        may("disabled", Rule::Flag),
        may("required", Rule::Flag),
        may("default_values", Rule::List(&Rule::Object(&DEFAULT), 0, 25)),
        may("channel_types", Rule::List(&Rule::Integer(0, 16), 0, 25)),
    ],
    also: |checker, select, at| range(checker, bounds(select), at),
};

/// A row of buttons, or with one select.
pub(super) static ROW: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[1])),
        NUMBER,
        must(
            "components",
            Rule::List(
                &Rule::Union(&[
                    (2, &BUTTON),
                    (3, &STRING_SELECT),
                    (5, &ENTITY_SELECT),
                    (6, &ENTITY_SELECT),
                    (7, &ENTITY_SELECT),
                    (8, &ENTITY_SELECT),
                ]),
                1,
                BUTTONS_MAX,
            ),
        ),
    ],
    also: |checker, row, at| {
        let inner: &[Value] = row["components"].as_array().map_or(&[], Vec::as_slice);
        if inner.len() > 1 && inner.iter().any(|component| component["type"] != 2) {
            let message = "A select fills a row alone";
            checker.problem(
                &below(at, "components"),
                "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
                message,
            );
        }
    },
};

/// Checks that no two components go by the same id.
pub(super) fn ids_differ(checker: &mut Checker, holder: &Value, at: &[String]) {
    let mut seen = Vec::new();
    visit(
        &holder["components"],
        &below(at, "components"),
        &mut |component, at| {
            let id = component["custom_id"].as_str().unwrap_or_default();
            if !id.is_empty() && seen.contains(&id.to_owned()) {
                let message = "Component custom id cannot be duplicated";
                checker.problem(
                    &below(at, "custom_id"),
                    "COMPONENT_CUSTOM_ID_DUPLICATED",
                    message,
                );
            }
            seen.push(id.to_owned());
        },
    );
}

/// Visits each component with its place.
fn visit(components: &Value, at: &[String], look: &mut impl FnMut(&Value, &[String])) {
    for (index, component) in components.as_array().into_iter().flatten().enumerate() {
        let at = below(at, &index.to_string());
        look(component, &at);
        visit(&component["components"], &below(&at, "components"), look);
        if component["component"].is_object() {
            look(&component["component"], &below(&at, "component"));
        }
    }
}
