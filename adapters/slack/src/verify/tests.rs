use breakglass_core::time::Timestamp;
use hmac::{Hmac, Mac as _};
use proptest::prelude::*;
use sha2::Sha256;

use super::envelope::Stranger;
use super::signature::{Forged, Signed};
use super::*;

/// The example in Slack's documentation.
const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SIGNED_AT: i64 = 1_531_420_618;
const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

fn verdict(timestamp: &str, signature: &str, body: &str, now: i64) -> Result<i64, Forged> {
    check(
        SECRET.as_bytes(),
        timestamp,
        signature,
        body.as_bytes(),
        at(now),
    )
    .map(|signed| signed.at)
}

fn sign(timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

#[test]
fn the_documented_example_is_taken() {
    assert_eq!(
        verdict("1531420618", SIGNATURE, BODY, SIGNED_AT),
        Ok(SIGNED_AT)
    );
}

#[test]
fn signatures_live_five_minutes() {
    for (now, expected) in [
        (SIGNED_AT + 300, Ok(SIGNED_AT)),
        (SIGNED_AT + 301, Err(Forged::Stale)),
        (SIGNED_AT - 300, Ok(SIGNED_AT)),
        (SIGNED_AT - 301, Err(Forged::Stale)),
    ] {
        assert_eq!(
            verdict("1531420618", SIGNATURE, BODY, now),
            expected,
            "at {now}"
        );
    }
}

#[test]
fn malformed_headers_are_refused() {
    for (timestamp, signature) in [
        ("", SIGNATURE),
        ("now", SIGNATURE),
        ("+1531420618", SIGNATURE),
        ("1531420618", ""),
        ("1531420618", "v1=00"),
        ("1531420618", "v0=zz"),
        ("1531420618", "v0="),
        ("1531420618", "v0=a2114d57"),
        ("99999999999999999999", SIGNATURE),
    ] {
        assert!(
            verdict(timestamp, signature, BODY, SIGNED_AT).is_err(),
            "{timestamp} {signature}"
        );
    }
}

proptest! {
    #[test]
    fn any_changed_bit_is_found(byte in 0..BODY.len(), bit in 0..7_u8) {
        let mut body = BODY.as_bytes().to_vec();
        body[byte] ^= 1 << bit;
        let verdict = check(SECRET.as_bytes(), "1531420618", SIGNATURE, &body, at(SIGNED_AT));
        prop_assert_eq!(verdict, Err(Forged::Mismatch));
    }

    #[test]
    fn whatever_was_signed_is_taken(body in "\\PC{0,200}") {
        let signature = sign("1531420618", &body);
        prop_assert_eq!(verdict("1531420618", &signature, &body, SIGNED_AT), Ok(SIGNED_AT));
    }
}

#[test]
fn a_signature_counts_once() {
    let seen = Seen::default();
    let signed = |byte| Signed {
        at: 10,
        mac: [byte; 32],
    };
    assert!(seen.first_time(signed(1), 10));
    assert!(!seen.first_time(signed(1), 10));
    assert!(seen.first_time(signed(2), 10));
}

fn ours() -> Ours {
    Ours {
        app: "A1".to_owned(),
        team: "T1".to_owned(),
        bot: "B1".to_owned(),
        bot_user: "U0BOT".to_owned(),
    }
}

fn envelope() -> Envelope {
    Envelope {
        app: Some("A1".to_owned()),
        team: Some("T1".to_owned()),
        enterprise_install: false,
        user: "U1".to_owned(),
        user_team: Some("T1".to_owned()),
        bot: false,
    }
}

#[test]
fn only_humans_of_our_workspace_come_in() {
    for (envelope, expected) in knocks() {
        assert_eq!(member(&envelope, &ours()), expected, "{envelope:?}");
    }
}

fn knocks() -> [(Envelope, Result<(), Stranger>); 11] {
    let but = |edit: fn(&mut Envelope)| {
        let mut changed = envelope();
        edit(&mut changed);
        changed
    };
    [
        (envelope(), Ok(())),
        (but(|e| e.user_team = None), Ok(())),
        (but(|e| e.app = Some("A2".into())), Err(Stranger::App)),
        (but(|e| e.app = None), Err(Stranger::App)),
        (but(|e| e.team = Some("T2".into())), Err(Stranger::Team)),
        (but(|e| e.team = None), Err(Stranger::Team)),
        (
            but(|e| e.user_team = Some("T2".into())),
            Err(Stranger::Team),
        ),
        (but(|e| e.enterprise_install = true), Err(Stranger::Team)),
        (but(|e| e.bot = true), Err(Stranger::Bot)),
        (but(|e| e.user = "U0BOT".into()), Err(Stranger::Bot)),
        (but(|e| e.user.clear()), Err(Stranger::Bot)),
    ]
}

#[test]
fn only_our_own_messages_are_ours() {
    for (app, bot, expected) in [
        (Some("A1"), Some("B1"), true),
        (Some("A1"), None, true),
        (None, Some("B1"), true),
        (Some("A2"), Some("B1"), false),
        (None, Some("B2"), false),
        (None, None, false),
    ] {
        assert_eq!(ours().posted(app, bot), expected, "{app:?} {bot:?}");
    }
}
