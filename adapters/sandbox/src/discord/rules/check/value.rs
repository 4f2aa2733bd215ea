//! Values that stand alone: numbers, words, flags, instants.

use serde_json::Value;

use super::Rule;
use crate::discord::snowflake;

/// What is wrong with a value that stands alone.
pub(super) fn fault(rule: &Rule, value: &Value) -> Option<(&'static str, String)> {
    let text = value.as_str();
    let (fits, code, message) = match rule {
        Rule::Form(fits, code, message) => (text.is_some_and(fits), *code, (*message).to_owned()),
        Rule::Number => {
            let message = format!("Value \"{value}\" is not a number.");
            (value.is_number(), "NUMBER_TYPE_COERCE", message)
        }
        Rule::Flag => {
            let message = "Must be either true or false.".to_owned();
            (value.is_boolean(), "BOOLEAN_TYPE_CONVERT", message)
        }
        Rule::Snowflake => {
            let fits = text.is_some_and(snowflake::is_one) || value.is_u64();
            (
                fits,
                "NUMBER_TYPE_COERCE",
                format!("Value {value} is not snowflake."),
            )
        }
        Rule::Instant => {
            let fits = text.is_some_and(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok());
            (
                fits,
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {value}. Should be ISO8601."),
            )
        }
        Rule::OneOf(numbers) => {
            let choices: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let fits = value
                .as_i64()
                .is_some_and(|number| numbers.contains(&number));
            let message = format!("Value must be one of {{{}}}.", choices.join(", "));
            (fits, "BASE_TYPE_CHOICES", message)
        }
        Rule::Word(words) => {
            let message = format!("Value must be one of {{'{}'}}.", words.join("', '"));
            (
                text.is_some_and(|word| words.contains(&word)),
                "BASE_TYPE_CHOICES",
                message,
            )
        }
        Rule::Scalar(max) => {
            let fits = value.is_number() || text.is_some_and(|text| text.chars().count() <= *max);
            let message = format!("Must be {max} or fewer in length.");
            (fits, "BASE_TYPE_MAX_LENGTH", message)
        }
        Rule::Bits => {
            let fits = value.is_u64() || text.is_some_and(|text| text.parse::<u64>().is_ok());
            (
                fits,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{value}\" is not int."),
            )
        }
        Rule::Object(_)
        | Rule::List(..)
        | Rule::Set(..)
        | Rule::Union(_)
        | Rule::Languages(_)
        | Rule::Text(..)
        | Rule::Integer(..)
        | Rule::Url(_)
        | Rule::Anything
        | Rule::NotHere => return None,
    };
    (!fits).then_some((code, message))
}
