//! Keys and signed heads, against the example that C2SP signed-note's first implementation publishes.

use super::{ORIGIN, head, key};
use crate::log::{Frontier, Head, HeadError, KeyError, SigningKey, TreeHash, VerifyingKey};

/// The published example: a key, its public half, and a note that it signed.
const SKEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\
    \n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn signed() -> (Head, String) {
    let mut frontier = Frontier::new();
    frontier.append(TreeHash::of_leaf(b"one"));
    let head = head(&frontier);
    let text = head.sign(&key()).unwrap();
    (head, text)
}

#[test]
fn the_published_key_is_read_and_written_as_it_is() {
    let key = SigningKey::parse(SKEY).unwrap();
    assert_eq!(key.to_text(), SKEY);
    assert_eq!(key.verifying_key().as_str(), VKEY);
    assert_eq!(
        *key.verifying_key(),
        VerifyingKey::parse(&format!("{VKEY}\n")).unwrap()
    );
}

#[test]
fn the_published_note_is_signed_by_the_published_key_and_is_no_checkpoint() {
    let key = VerifyingKey::parse(VKEY).unwrap();
    assert_eq!(Head::open(NOTE, &key), Err(HeadError::Malformed));
    let changed = NOTE.replace("answer", "question");
    assert_eq!(Head::open(&changed, &key), Err(HeadError::Signature));
}

#[test]
fn a_head_is_a_checkpoint_that_its_key_opens() {
    let (head, text) = signed();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(ORIGIN));
    assert_eq!(lines.next(), Some("1"));
    assert_eq!(Head::open(&text, key().verifying_key()), Ok(head.clone()));
    assert_eq!(
        head.sign(&key()).unwrap(),
        text,
        "the same head is signed the same way"
    );
}

#[test]
fn a_head_of_another_key_is_refused() {
    let (head, _) = signed();
    let other = SigningKey::from_seed(ORIGIN, [8; 32]).unwrap();
    let text = head.sign(&other).unwrap();
    assert_eq!(
        Head::open(&text, key().verifying_key()),
        Err(HeadError::Signature)
    );
}

#[test]
fn a_head_of_another_log_is_refused_though_our_key_signed_it() {
    let (mut head, _) = signed();
    head.origin = "other.example.com/log".to_owned();
    let text = head.sign(&key()).unwrap();
    assert_eq!(
        Head::open(&text, key().verifying_key()),
        Err(HeadError::Origin)
    );
}

#[test]
fn a_witness_may_sign_beside_us_but_not_instead() {
    let (head, text) = signed();
    let witness = SigningKey::parse(SKEY).unwrap();
    let theirs = head.sign(&witness).unwrap();
    let line = theirs.lines().last().unwrap();
    let both = format!("{text}{line}\n");
    assert_eq!(Head::open(&both, key().verifying_key()), Ok(head));
    assert_eq!(
        Head::open(&theirs, key().verifying_key()),
        Err(HeadError::Signature)
    );
}

#[test]
fn every_byte_of_a_head_counts() {
    let (head, text) = signed();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (at % 7);
        let Ok(changed) = String::from_utf8(bytes) else {
            continue;
        };
        assert_ne!(
            Head::open(&changed, key().verifying_key()),
            Ok(head.clone()),
            "byte {at}"
        );
    }
}

#[test]
fn what_is_not_a_key_is_refused_without_showing_it() {
    for text in [
        "",
        "PRIVATE+KEY+",
        "PRIVATE+KEY+a+00000000+AAAA",
        VKEY,
        "nonsense",
    ] {
        let refused = SigningKey::parse(text).unwrap_err();
        assert_eq!(refused, KeyError::Signing, "{text}");
    }
    for text in [
        "",
        "a+b",
        SKEY,
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert_eq!(
            VerifyingKey::parse(text),
            Err(KeyError::Verifying),
            "{text}"
        );
    }
    for origin in ["", "two words", "a+b", "line\nbreak"] {
        assert_eq!(
            SigningKey::from_seed(origin, [1; 32]).unwrap_err(),
            KeyError::Origin
        );
    }
}

#[test]
fn a_secret_is_never_shown_for_debugging() {
    let shown = format!("{:?}", key());
    assert!(shown.contains(key().verifying_key().as_str()));
    assert!(!shown.contains("PRIVATE"));
    assert!(!shown.contains(&hex::encode([7; 8])));
}

#[test]
fn derived_secrets_differ_by_purpose_and_by_key() {
    let other = SigningKey::from_seed(ORIGIN, [8; 32]).unwrap();
    assert_eq!(key().derive("a"), key().derive("a"));
    assert_ne!(key().derive("a"), key().derive("b"));
    assert_ne!(key().derive("a"), other.derive("a"));
}
