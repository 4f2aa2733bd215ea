//! Forms. <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal>

use serde_json::Value;

use super::check::{Checker, Rule, Shape, below, may, must, shape};
use super::component::{CUSTOM_ID, ENTITY_SELECT, NUMBER, STRING_SELECT, ids_differ};

/// What is typed is at most so long.
const TEXT_CHARS_MAX: i64 = 4_000;

static TEXT_INPUT: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[4])),
        NUMBER,
        must("custom_id", CUSTOM_ID),
        must("style", Rule::OneOf(&[1, 2])),
        may("label", Rule::Text(1, 45)),
        may("value", Rule::Text(0, 4_000)),
        may("placeholder", Rule::Text(0, 100)),
        may("required", Rule::Flag),
        may("min_length", Rule::Integer(0, TEXT_CHARS_MAX)),
        may("max_length", Rule::Integer(1, TEXT_CHARS_MAX)),
    ],
    also: text_input,
};

fn text_input(checker: &mut Checker, input: &Value, at: &[String]) {
    let (min, max) = (input["min_length"].as_u64(), input["max_length"].as_u64());
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        let message = "min_length is more than max_length";
        checker.problem(&below(at, "min_length"), "BASE_TYPE_BAD_LENGTH", message);
    }
    let length = input["value"]
        .as_str()
        .map(|value| value.chars().count() as u64);
    if let Some((length, max)) = length.zip(max).filter(|(length, max)| length > max) {
        let message = format!("Must be {max} or fewer in length, not {length}.");
        checker.problem(&below(at, "value"), "BASE_TYPE_MAX_LENGTH", message);
    }
}

/// A text input in a row says what it is for; in a label, the label does.
static ROW: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[1])),
        NUMBER,
        must(
            "components",
            Rule::List(&Rule::Union(&[(4, &TEXT_INPUT)]), 1, 1),
        ),
    ],
    also: |checker, row, at| {
        let input = &row["components"][0];
        if input.is_object() && input["label"].is_null() {
            let at = below(&below(&below(at, "components"), "0"), "label");
            checker.problem(&at, "BASE_TYPE_REQUIRED", "This field is required");
        }
    },
};

static LABEL: Shape = Shape {
    fields: &[
        must("type", Rule::OneOf(&[18])),
        NUMBER,
        must("label", Rule::Text(1, 45)),
        may("description", Rule::Text(1, 100)),
        must(
            "component",
            Rule::Union(&[
                (3, &STRING_SELECT),
                (4, &TEXT_INPUT),
                (5, &ENTITY_SELECT),
                (6, &ENTITY_SELECT),
                (7, &ENTITY_SELECT),
                (8, &ENTITY_SELECT),
            ]),
        ),
    ],
    also: |checker, label, at| {
        let inner = &label["component"];
        let at = below(at, "component");
        if !inner["label"].is_null() {
            let message = "A label is set by the Label around it";
            checker.problem(&below(&at, "label"), "TEXT_INPUT_LABEL_IN_LABEL", message);
        }
        if inner["disabled"] == true {
            checker.problem(
                &below(&at, "disabled"),
                "COMPONENT_DISABLED_IN_MODAL",
                "Nothing is disabled in a modal",
            );
        }
    },
};

static TEXT: Shape = shape(&[
    must("type", Rule::OneOf(&[10])),
    NUMBER,
    must("content", Rule::Text(1, 4_000)),
]);

/// A form.
pub(in super::super) static MODAL: Shape = Shape {
    fields: &[
        must("custom_id", CUSTOM_ID),
        must("title", Rule::Text(1, 45)),
        must(
            "components",
            Rule::List(&Rule::Union(&[(1, &ROW), (10, &TEXT), (18, &LABEL)]), 1, 5),
        ),
    ],
    also: ids_differ,
};
