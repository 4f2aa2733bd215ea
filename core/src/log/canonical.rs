//! The one way to write a record as bytes: RFC 8785 JSON with nothing in it that two readers could take differently.

use serde::Serialize;
use serde_json::Value;

/// The greatest integer that every JSON reader takes exactly (RFC 8785 appendix D): 2^53 - 1.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why something can't be written in the log. It never holds the value: that may be private.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// A number with a fraction, or one that JSON readers round: numbers that large are written as strings.
    #[error("a number in a log record is not an integer below 2^53")]
    Number,
    /// It has no form in JSON.
    #[error("a log record can't be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// The canonical bytes of a record: strings, integers within ±(2^53 - 1), booleans, null, lists and tables.
pub fn canonical<T: Serialize>(record: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(record).map_err(CanonicalError::Json)?;
    check_numbers(&value)?;
    serde_jcs::to_vec(&value).map_err(CanonicalError::Json)
}

fn check_numbers(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => {
            let magnitude = number
                .as_i64()
                .map(i64::unsigned_abs)
                .or_else(|| number.as_u64());
            match magnitude {
                Some(magnitude) if magnitude <= INTEGER_MAX => Ok(()),
                Some(_) | None => Err(CanonicalError::Number),
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
    }
}
