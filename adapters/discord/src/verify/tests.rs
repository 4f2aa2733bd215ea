use breakglass_core::time::Timestamp;
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;

use super::envelope::Stranger;
use super::signature::Forged;
use super::*;

const SIGNED_AT: i64 = 1_531_420_618;
const BODY: &[u8] = br#"{"type":1,"id":"1"}"#;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn discord() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn key() -> Key {
    Key::read(&hex::encode(discord().verifying_key().to_bytes())).unwrap()
}

fn sign(timestamp: &str, body: &[u8]) -> String {
    let signed = [timestamp.as_bytes(), body].concat();
    hex::encode(discord().sign(&signed).to_bytes())
}

fn verdict(timestamp: &str, signature: &str, body: &[u8], now: i64) -> Result<(), Forged> {
    check(&key(), timestamp, signature, body, at(now))
}

#[test]
fn a_key_is_read_or_not_at_all() {
    // The public key of RFC 8032, 7.1, TEST 3.
    let key = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
    assert!(Key::read(key).is_some());
    for wrong in ["", "fc51", "zz", &key.repeat(2)] {
        assert!(Key::read(wrong).is_none(), "{wrong}");
    }
}

#[test]
fn signatures_live_five_minutes() {
    let signature = sign("1531420618", BODY);
    for (now, expected) in [
        (SIGNED_AT, Ok(())),
        (SIGNED_AT + 300, Ok(())),
        (SIGNED_AT + 301, Err(Forged::Stale)),
        (SIGNED_AT - 300, Ok(())),
        (SIGNED_AT - 301, Err(Forged::Stale)),
    ] {
        assert_eq!(
            verdict("1531420618", &signature, BODY, now),
            expected,
            "at {now}"
        );
    }
}

#[test]
fn malformed_headers_are_refused() {
    let good = sign("1531420618", BODY);
    let plus = sign("+1531420618", BODY);
    for (timestamp, signature) in [
        ("", good.as_str()),
        ("now", &good),
        ("+1531420618", &plus),
        ("1531420618", ""),
        ("1531420618", "zz"),
        ("1531420618", &good[..64]),
        ("99999999999999999999", &good),
    ] {
        assert!(
            verdict(timestamp, signature, BODY, SIGNED_AT).is_err(),
            "{timestamp} {signature}"
        );
    }
}

#[test]
fn another_key_signs_nothing() {
    let signed = [b"1531420618".as_slice(), BODY].concat();
    let other = SigningKey::from_bytes(&[8; 32]).sign(&signed);
    let other = hex::encode(other.to_bytes());
    assert_eq!(
        verdict("1531420618", &other, BODY, SIGNED_AT),
        Err(Forged::Mismatch)
    );
}

/// A key of small order would take any message; the strict check takes none by it.
#[test]
fn a_weak_key_takes_nothing() {
    let weak = Key::read(&format!("01{}", "00".repeat(31))).unwrap();
    let signature = format!("01{}", "00".repeat(63));
    let verdict = check(&weak, "1531420618", &signature, BODY, at(SIGNED_AT));
    assert_eq!(verdict, Err(Forged::Mismatch));
}

proptest! {
    #[test]
    fn any_changed_bit_is_found(byte in 0..BODY.len(), bit in 0..8_u8) {
        let signature = sign("1531420618", BODY);
        let mut body = BODY.to_vec();
        body[byte] ^= 1 << bit;
        prop_assert_eq!(
            verdict("1531420618", &signature, &body, SIGNED_AT),
            Err(Forged::Mismatch)
        );
    }

    #[test]
    fn nothing_forged_is_taken(
        timestamp in "\\PC{0,20}",
        signature in "[0-9a-f]{128}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(verdict(&timestamp, &signature, &body, SIGNED_AT).is_err());
        prop_assert!(verdict("1531420618", &signature, &body, SIGNED_AT).is_err());
    }

    #[test]
    fn whatever_was_signed_is_taken(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let signature = sign("1531420618", &body);
        prop_assert_eq!(verdict("1531420618", &signature, &body, SIGNED_AT), Ok(()));
    }

    #[test]
    fn no_key_makes_it_panic(hex in "\\PC{0,80}") {
        let _key = Key::read(&hex);
    }
}

#[test]
fn an_interaction_counts_once() {
    let seen = Seen::default();
    assert!(seen.first_time(1, 10));
    assert!(!seen.first_time(1, 10));
    assert!(seen.first_time(2, 10));
}

#[test]
fn only_human_members_of_our_guild_come_in() {
    let ours = Ours {
        application: "10".to_owned(),
        guild: "20".to_owned(),
    };
    let envelope = Envelope {
        application: "10".to_owned(),
        guild: Some("20".to_owned()),
        user: "30".to_owned(),
        member: true,
        bot: false,
        silenced_until: None,
    };
    let but = |edit: fn(&mut Envelope)| {
        let mut changed = envelope.clone();
        edit(&mut changed);
        changed
    };
    for (envelope, expected) in [
        (envelope.clone(), Ok(())),
        (
            but(|e| e.application = "11".into()),
            Err(Stranger::Application),
        ),
        (but(|e| e.application.clear()), Err(Stranger::Application)),
        (but(|e| e.guild = None), Err(Stranger::Direct)),
        (but(|e| e.guild = Some("21".into())), Err(Stranger::Guild)),
        (but(|e| e.member = false), Err(Stranger::Guild)),
        (but(|e| e.bot = true), Err(Stranger::Bot)),
        (but(|e| e.user.clear()), Err(Stranger::Bot)),
        (but(|e| e.user = "10".into()), Err(Stranger::Bot)),
        (
            but(|e| e.silenced_until = Some(at(101))),
            Err(Stranger::Silenced),
        ),
        (but(|e| e.silenced_until = Some(at(100))), Ok(())),
    ] {
        assert_eq!(member(&envelope, &ours, at(100)), expected, "{envelope:?}");
    }
}
