//! Buttons, inputs and pickers. <https://docs.slack.dev/reference/block-kit/block-elements>

use super::super::check::{Field, Rule, Shape, may, must, shape};
use super::menus::initial_is_offered;
use super::objects::{CHOICE, CONFIRM, DISPATCH_CONFIG, OPTION};
use super::{ID_CHARS_MAX, PLACEHOLDER_CHARS_MAX, URL_CHARS_MAX};

pub(super) const ACTION_ID: Field = may("action_id", Rule::Name(ID_CHARS_MAX));
pub(super) const PLACEHOLDER: Field = may("placeholder", Rule::Plain(PLACEHOLDER_CHARS_MAX));
pub(super) const FOCUS: Field = may("focus_on_load", Rule::Flag);
pub(super) const ASKS: Field = may("confirm", Rule::Object(&CONFIRM));
const DISPATCH: Field = may("dispatch_action_config", Rule::Object(&DISPATCH_CONFIG));
/// Radio buttons and checkboxes hold at most so many.
const CHOICES_MAX: usize = 10;
const INPUT_CHARS_MAX: usize = 3_000;

pub(super) static BUTTON: Shape = shape(
    "button",
    &[
        must("text", Rule::Plain(75)),
        ACTION_ID,
        may("value", Rule::String(2_000)),
        may("url", Rule::Name(URL_CHARS_MAX)),
        may("style", Rule::Word(&["primary", "danger"])),
        may("accessibility_label", Rule::Name(75)),
        ASKS,
    ],
);

pub(super) static OVERFLOW: Shape = shape(
    "overflow",
    &[
        must("options", Rule::Objects(&OPTION, 1, 5)),
        ACTION_ID,
        ASKS,
    ],
);

pub(super) static IMAGE: Shape = shape(
    "image",
    &[
        must("image_url", Rule::Name(URL_CHARS_MAX)),
        must("alt_text", Rule::Name(2_000)),
    ],
);

pub(super) static CHECKBOXES: Shape = Shape {
    kind: Some("checkboxes"),
    fields: &[
        must("options", Rule::Objects(&CHOICE, 1, CHOICES_MAX)),
        may("initial_options", Rule::Objects(&CHOICE, 1, CHOICES_MAX)),
        ACTION_ID,
        ASKS,
        FOCUS,
    ],
    also: initial_is_offered,
};

pub(super) static RADIO: Shape = Shape {
    kind: Some("radio_buttons"),
    fields: &[
        must("options", Rule::Objects(&CHOICE, 1, CHOICES_MAX)),
        may("initial_option", Rule::Object(&CHOICE)),
        ACTION_ID,
        ASKS,
        FOCUS,
    ],
    also: initial_is_offered,
};

pub(super) static TEXT_INPUT: Shape = Shape {
    kind: Some("plain_text_input"),
    fields: &[
        ACTION_ID,
        may("initial_value", Rule::String(INPUT_CHARS_MAX)),
        may("multiline", Rule::Flag),
        may("min_length", Rule::Integer(0, 3_000)),
        may("max_length", Rule::Integer(1, 3_000)),
        PLACEHOLDER,
        DISPATCH,
        FOCUS,
    ],
    also: |checker, element, at| {
        let bound = |key: &str| element[key].as_i64();
        if let (Some(min), Some(max)) = (bound("min_length"), bound("max_length"))
            && min > max
        {
            checker.problem(at, "min_length is larger than max_length");
        }
    },
};

pub(super) static EMAIL_INPUT: Shape = shape("email_text_input", LINE);
pub(super) static URL_INPUT: Shape = shape("url_text_input", LINE);
const LINE: &[Field] = &[
    ACTION_ID,
    may("initial_value", Rule::String(INPUT_CHARS_MAX)),
    PLACEHOLDER,
    DISPATCH,
    FOCUS,
];

pub(super) static NUMBER_INPUT: Shape = shape(
    "number_input",
    &[
        must("is_decimal_allowed", Rule::Flag),
        ACTION_ID,
        may("initial_value", Rule::String(100)),
        may("min_value", Rule::String(100)),
        may("max_value", Rule::String(100)),
        PLACEHOLDER,
        DISPATCH,
        FOCUS,
    ],
);

pub(super) static DATE: Shape = shape(
    "datepicker",
    &[
        ACTION_ID,
        may("initial_date", Rule::Name(10)),
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static TIME: Shape = shape(
    "timepicker",
    &[
        ACTION_ID,
        may("initial_time", Rule::Name(5)),
        may("timezone", Rule::Name(100)),
        PLACEHOLDER,
        ASKS,
        FOCUS,
    ],
);
pub(super) static DATE_TIME: Shape = shape(
    "datetimepicker",
    &[
        ACTION_ID,
        // Ten digits: <https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element>
        may(
            "initial_date_time",
            Rule::Integer(1_000_000_000, 9_999_999_999),
        ),
        ASKS,
        FOCUS,
    ],
);
