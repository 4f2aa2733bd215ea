//! Whatever is sent or typed, reading it doesn't panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{read, words};
use super::{incident, interaction};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!("breakglass")),
        Just(json!("press.approve.BG-7.0123456789abcdef.0")),
        Just(json!("request.1800.1.-.0.a/b")),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![
            Just("options".to_owned()),
            Just("components".to_owned()),
            Just("custom_id".to_owned()),
            Just("value".to_owned()),
            Just("name".to_owned()),
            "[a-z_]{1,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_payload_makes_it_panic(kind in 0_u8..7, data in any_json(), payload in any_json()) {
        drop(read(&payload, &incident()));
        drop(read(&interaction(kind, data), &incident()));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(payload) = serde_json::from_slice::<Value>(&bytes) {
            drop(read(&payload, &incident()));
        }
    }

    #[test]
    fn no_words_make_it_panic(words in "\\PC{0,60}") {
        let _length = words::duration(&words);
        let _level = words::severity(&words);
        drop(words::incident(&incident(), &words));
        let _request = words::request(&words);
        drop(crate::render::custom_id::read(&words));
    }
}
