//! Canonical bytes.

use serde_json::json;

use crate::log::{CanonicalError, canonical};

fn written(value: &serde_json::Value) -> String {
    String::from_utf8(canonical(value).unwrap()).unwrap()
}

#[test]
fn keys_are_sorted_and_nothing_is_spaced() {
    let value = json!({"b": [1, "é\n", true, null], "a": {"z": -2, "y": ""}});
    assert_eq!(
        written(&value),
        r#"{"a":{"y":"","z":-2},"b":[1,"é\n",true,null]}"#
    );
}

#[test]
fn keys_are_sorted_by_utf_16_as_rfc_8785_says() {
    // U+1F600 begins with the surrogate D83D, so it comes before U+FB33.
    let value = json!({"\u{fb33}": 1, "\u{1f600}": 2});
    assert_eq!(written(&value), "{\"\u{1f600}\":2,\"\u{fb33}\":1}");
}

#[test]
fn integers_that_every_reader_takes_exactly_pass_and_all_others_fail() {
    let max = (1_i64 << 53) - 1;
    assert_eq!(
        written(&json!([max, -max, 0])),
        format!("[{max},{},0]", -max)
    );
    for number in [
        json!(max + 1),
        json!(-max - 1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.5),
    ] {
        let refused = canonical(&json!({"deep": [number]}));
        assert!(matches!(refused, Err(CanonicalError::Number)), "{number}");
    }
}
