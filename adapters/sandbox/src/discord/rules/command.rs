//! Slash commands and their options. <https://docs.discord.com/developers/interactions/application-commands>

use serde_json::Value;

use super::check::{Checker, Field, Rule, Shape, below, may, must, shape};

/// A command's names, descriptions and values together.
const CHARS_MAX: usize = 8_000;

const NAME: Rule = Rule::Form(
    is_name,
    "APPLICATION_COMMAND_INVALID_NAME",
    "Command name is invalid",
);

/// 1 to 32 letters, digits, `-`, `_` or `'`, in lower case where there is one.
fn is_name(text: &str) -> bool {
    let is_fine = |c: char| matches!(c, '-' | '_' | '\'') || c.is_alphanumeric();
    (1..=32).contains(&text.chars().count())
        && text.chars().all(is_fine)
        && text.to_lowercase() == text
}

const TYPE: Field = must("type", Rule::OneOf(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
const DESCRIPTION: Rule = Rule::Text(1, 100);
const NAMES: Field = may("name_localizations", Rule::Languages(&NAME));
const DESCRIPTIONS: Field = may("description_localizations", Rule::Languages(&DESCRIPTION));

const CHOICE_NAME: Field = must("name", Rule::Text(1, 100));
const CHOICE_NAMES: Field = may("name_localizations", Rule::Languages(&Rule::Text(1, 100)));
const VALUE_CHARS_MAX: usize = 6_000;

/// What an option can be completed to, whatever its type.
static CHOICE: Shape = shape(&[
    CHOICE_NAME,
    CHOICE_NAMES,
    must("value", Rule::Scalar(VALUE_CHARS_MAX)),
]);

static TEXT_CHOICE: Shape = shape(&[
    CHOICE_NAME,
    CHOICE_NAMES,
    must("value", Rule::Text(0, VALUE_CHARS_MAX)),
]);

static INTEGER_CHOICE: Shape = shape(&[CHOICE_NAME, CHOICE_NAMES, must("value", INTEGER)]);

static NUMBER_CHOICE: Shape = shape(&[CHOICE_NAME, CHOICE_NAMES, must("value", Rule::Number)]);

/// What a double holds exactly, for clients in JavaScript.
const INTEGER: Rule = Rule::Integer(-(1 << 53) + 1, (1 << 53) - 1);

/// An option whose values the app gives, or completes.
static TEXT: Shape = Shape {
    fields: &[
        TYPE,
        must("name", NAME),
        NAMES,
        must("description", DESCRIPTION),
        DESCRIPTIONS,
        may("required", Rule::Flag),
        may("autocomplete", Rule::Flag),
        may("choices", Rule::List(&Rule::Object(&TEXT_CHOICE), 0, 25)),
        may("min_length", Rule::Integer(0, 6_000)),
        may("max_length", Rule::Integer(1, 6_000)),
    ],
    also: completed_or_chosen,
};

static WHOLE: Shape = Shape {
    fields: &[
        TYPE,
        must("name", NAME),
        NAMES,
        must("description", DESCRIPTION),
        DESCRIPTIONS,
        may("required", Rule::Flag),
        may("autocomplete", Rule::Flag),
        may("choices", Rule::List(&Rule::Object(&INTEGER_CHOICE), 0, 25)),
        may("min_value", INTEGER),
        may("max_value", INTEGER),
    ],
    also: completed_or_chosen,
};

static NUMBER: Shape = Shape {
    fields: &[
        TYPE,
        must("name", NAME),
        NAMES,
        must("description", DESCRIPTION),
        DESCRIPTIONS,
        may("required", Rule::Flag),
        may("autocomplete", Rule::Flag),
        may("choices", Rule::List(&Rule::Object(&NUMBER_CHOICE), 0, 25)),
        may("min_value", Rule::Number),
        may("max_value", Rule::Number),
    ],
    also: completed_or_chosen,
};

fn completed_or_chosen(checker: &mut Checker, option: &Value, at: &[String]) {
    let has_choices = option["choices"]
        .as_array()
        .is_some_and(|choices| !choices.is_empty());
    if option["autocomplete"] == true && has_choices {
        let message = "Autocomplete and choices exclude each other";
        checker.problem(
            &below(at, "autocomplete"),
            "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
            message,
        );
    }
}

static FLAG: Shape = shape(&[
    TYPE,
    must("name", NAME),
    NAMES,
    must("description", DESCRIPTION),
    DESCRIPTIONS,
    may("required", Rule::Flag),
]);

static CHANNEL: Shape = shape(&[
    TYPE,
    must("name", NAME),
    NAMES,
    must("description", DESCRIPTION),
    DESCRIPTIONS,
    may("required", Rule::Flag),
    may("channel_types", Rule::Set(&Rule::Integer(0, 16), 0, 25)),
]);

/// Options that take a value.
const LEAVES: &[(i64, &Shape)] = &[
    (3, &TEXT),
    (4, &WHOLE),
    (5, &FLAG),
    (6, &FLAG),
    (7, &CHANNEL),
    (8, &FLAG),
    (9, &FLAG),
    (10, &NUMBER),
    (11, &FLAG),
];

static SUBCOMMAND: Shape = Shape {
    fields: &[
        TYPE,
        must("name", NAME),
        NAMES,
        must("description", DESCRIPTION),
        DESCRIPTIONS,
        may("required", Rule::Flag),
        may("options", Rule::List(&Rule::Union(LEAVES), 0, 25)),
    ],
    also: in_order,
};

static GROUP: Shape = Shape {
    fields: &[
        TYPE,
        must("name", NAME),
        NAMES,
        must("description", DESCRIPTION),
        DESCRIPTIONS,
        may("required", Rule::Flag),
        may(
            "options",
            Rule::List(&Rule::Union(&[(1, &SUBCOMMAND)]), 1, 25),
        ),
    ],
    also: in_order,
};

const OPTIONS: Rule = Rule::List(
    &Rule::Union(&[
        (1, &SUBCOMMAND),
        (2, &GROUP),
        (3, &TEXT),
        (4, &WHOLE),
        (5, &FLAG),
        (6, &FLAG),
        (7, &CHANNEL),
        (8, &FLAG),
        (9, &FLAG),
        (10, &NUMBER),
        (11, &FLAG),
    ]),
    0,
    25,
);

/// What the options of a command must fulfil together: names differ, required ones come first, subcommands stand alone.
fn in_order(checker: &mut Checker, holder: &Value, at: &[String]) {
    let options: &[Value] = holder["options"].as_array().map_or(&[], Vec::as_slice);
    let is_sub = |option: &Value| matches!(option["type"].as_i64(), Some(1 | 2));
    for (index, option) in options.iter().enumerate() {
        let before = || options.iter().take(index);
        let at = below(&below(at, "options"), &index.to_string());
        if before().any(|before| before["name"] == option["name"]) {
            let message = "Option names must be unique";
            checker.problem(
                &below(&at, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                message,
            );
        }
        if option["required"] == true && before().any(|before| before["required"] != true) {
            let message = "Required options must be placed before non-required options";
            checker.problem(
                &below(&at, "required"),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                message,
            );
        }
        if before().any(|before| is_sub(before) != is_sub(option)) {
            let message = "Sub-command and sub-command group option types are mutually exclusive to all other types";
            checker.problem(
                &below(&at, "type"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                message,
            );
        }
    }
}

/// A command of the app.
pub(in super::super) static COMMAND: Shape = Shape {
    fields: &[
        may("id", Rule::Snowflake),
        must("name", Rule::Text(1, 32)),
        may("name_localizations", Rule::Languages(&Rule::Text(1, 32))),
        may("description", Rule::Text(0, 100)),
        DESCRIPTIONS,
        may("options", OPTIONS),
        may("default_member_permissions", Rule::Bits),
        may("dm_permission", Rule::Flag),
        may("contexts", Rule::Set(&Rule::OneOf(&[0, 1, 2]), 1, 3)),
        may("integration_types", Rule::Set(&Rule::OneOf(&[0, 1]), 1, 2)),
        may("handler", Rule::NotHere),
        may("type", Rule::OneOf(&[1, 2, 3])),
        may("nsfw", Rule::Flag),
    ],
    also: |checker, command, at| {
        in_order(checker, command, at);
        if command["type"].as_i64().unwrap_or(1) == 1 {
            checker.check(&NAME, &command["name"], &below(at, "name"));
            checker.check(
                &DESCRIPTION,
                &command["description"],
                &below(at, "description"),
            );
        }
        if chars(command) > CHARS_MAX {
            let message = format!("Command exceeds maximum size ({CHARS_MAX})");
            checker.problem(at, "APPLICATION_COMMAND_TOO_LARGE", message);
        }
    },
};

/// The letters of all names, descriptions and values.
fn chars(holder: &Value) -> usize {
    let own = ["name", "description", "value"]
        .map(|key| holder[key].as_str().map_or(0, |text| text.chars().count()));
    let below = ["options", "choices"].map(|key| {
        holder[key]
            .as_array()
            .into_iter()
            .flatten()
            .map(chars)
            .sum::<usize>()
    });
    own.into_iter().chain(below).sum()
}

/// All commands of the app.
pub(in super::super) static COMMANDS: Rule = Rule::List(&Rule::Object(&COMMAND), 0, 110);

/// What an option can be completed to.
pub(in super::super) static CHOICES: Shape =
    shape(&[must("choices", Rule::List(&Rule::Object(&CHOICE), 0, 25))]);
