//! Codes as people type them.

use super::{ALPHABET, CODE_CHARS, Code};

#[test]
fn a_code_is_read_as_it_was_shown_and_as_people_type_it() {
    let code = Code::from_random([0, 1, 31, 32, 63, 255, 7, 8, 9, 10, 11, 12]);
    assert_eq!(code.to_string(), "AB9A-99HJ-KLMN");
    for typed in [
        "AB9A-99HJ-KLMN",
        " ab9a 99hj klmn ",
        "ab9a99hjklmn",
        "AB9A–99HJ–KLMN",
    ] {
        assert_eq!(Code::typed(typed), Some(code.clone()), "{typed}");
    }
    for typed in [
        "",
        "AB9A-99HJ",
        "AB9A-99HJ-KLMNP",
        "AB9A-99HJ-KLM0",
        "AB9A-99HJ-KLMé",
        "O0O0-I1I1-AAAA",
    ] {
        assert_eq!(Code::typed(typed), None, "{typed}");
    }
}

#[test]
fn codes_have_a_hash_of_their_own_and_are_never_shown_in_passing() {
    let code = Code::from_random([1; CODE_CHARS]);
    assert_ne!(code.hash(), Code::from_random([2; CODE_CHARS]).hash());
    assert!(!format!("{code:?}").contains("BBBB"));
}

#[test]
fn no_character_of_a_code_is_taken_for_another() {
    for taken in b"IO01" {
        assert!(!ALPHABET.contains(taken));
    }
}
