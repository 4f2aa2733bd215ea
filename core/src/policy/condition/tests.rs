use super::*;
use crate::fact::Known;
use crate::policy::circumstances::Value;

fn parsed(text: &str, side: Side) -> Result<Condition, String> {
    let checked = Grammar::default().condition(text, side);
    checked.map_err(|complaint| match complaint.suggestion {
        Some(suggestion) => format!("{}; did you mean {suggestion}?", complaint.message),
        None => complaint.message,
    })
}

#[test]
fn anything_but_facts_compared_with_values_is_rejected() {
    for text in [
        // Pasted text that would close its brace and start a policy of its own.
        "true } ; permit(principal,action,resource) when { true",
        "true };\npermit(principal, action, resource) when { true",
        "true } unless { false",
        "true } when { true",
        "true }; //",
        "true /* } */",
        "context.on_call }; forbid(principal, action, resource); //",
        "@id(\"x\") permit(principal, action, resource);",
        "",
        " ",
        "// nothing",
        "context.on_call context.on_call",
        "context.on_call; context.on_call",
        // What isn't a fact.
        "principal == resource",
        "principal in Group::\"sre\"",
        "action == Action::\"ask\"",
        "resource.owner == principal",
        "context == context",
        "context has on_call",
        "context has on_call && context.on_call",
        "context.on_call.x",
        "{on_call: true}.on_call",
        "ip(\"127.0.0.1\").isLoopback()",
        "decimal(\"1.0\").lessThan(decimal(\"2.0\"))",
        "context.platform like \"*\"",
        "?principal == context",
        "context.sevrity <= 1",
        // What isn't true or false, or mixes kinds.
        "1",
        "\"true\"",
        "context.severity",
        "context.severity == \"1\"",
        "context.on_call == 1",
        "context.on_call && context.severity",
        "context.employment == \"contracter\"",
        "[\"slack\", \"irc\"].contains(context.platform)",
        "false",
        "context.on_call && false",
    ] {
        let rejected = parsed(text, Side::Guard);
        assert!(rejected.is_err(), "{text} was taken as {rejected:?}");
    }
}

#[test]
fn complaints_say_what_is_wrong() {
    let complaints: Vec<_> = [
        "context.sevrity <= 1",
        "context.severity == \"1\"",
        "context.employment == \"contracter\"",
        "principal == resource",
        "context.severity",
        "context.on_call &&",
        "true } ; permit(principal,action,resource) when { true",
        "context.duration_minutes > 3",
        "context.on_call && false",
    ]
    .map(|text| format!("{text}\n    {}", parsed(text, Side::Rule).unwrap_err()))
    .into();
    insta::assert_snapshot!(complaints.join("\n"));
}

#[test]
fn what_is_taken_means_what_it_says() {
    for (text, reads) in [
        ("true", &[][..]),
        (
            "context.on_call // } ; permit(principal, action, resource);",
            &[Key::OnCall],
        ),
        ("context[\"on_call\"]", &[Key::OnCall]),
        ("context.platform == \"} ; permit\"  || true", &[]),
        ("[1, 2].contains(context.severity)", &[Key::Severity]),
        (
            "if context.on_call then context.risk < 50 else false",
            &[Key::Risk, Key::OnCall],
        ),
        (
            "context.severity * 10 + context.risk - 1 < -(3)",
            &[Key::Severity, Key::Risk],
        ),
    ] {
        match parsed(text, Side::Guard) {
            Ok(condition) => {
                assert_eq!(condition.text(), text);
                assert_eq!(condition.reads(), reads);
            }
            Err(complaint) => assert!(complaint.contains("never is"), "{text}: {complaint}"),
        }
    }
}

#[test]
fn nesting_breaks_nothing() {
    let nested = |open: &str, inner: &str, close: &str, times: usize| {
        let text = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
        parsed(&text, Side::Rule).is_ok()
    };
    assert!(nested("(", "true", ")", 8));
    assert!(!nested("(", "true", ")", 9));
    assert!(nested("if true then ", "true", " else true", 24));
    assert!(nested("context.on_call||", "true", "", 24));
    assert!(nested("", "1<1", "+1", 24));
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("!", ""),
        ("-", ""),
        ("true||", ""),
        ("", "+1"),
    ] {
        for times in [25, 160, 5000] {
            assert!(!nested(open, "true", close, times));
        }
    }
    assert!(!nested("", "true", " ", 1000));
}

fn on_call_and(severity: i64) -> Circumstances {
    let mut circumstances = Circumstances::default();
    circumstances.set(Key::OnCall, Known::Known(Value::Bool(true)));
    circumstances.set(Key::Severity, Known::Known(Value::Long(severity)));
    circumstances.set(Key::FirstTime, Known::Unknown("no answer".to_owned()));
    circumstances
}

#[test]
fn what_reads_something_unknown_or_fails_is_neither_true_nor_false() {
    let check = |text: &str, severity: i64, expected: Holds| {
        let condition = parsed(text, Side::Guard).unwrap();
        assert_eq!(condition.holds(&on_call_and(severity)), expected, "{text}");
    };
    check("context.on_call && context.severity <= 1", 1, Holds::Yes);
    check("context.on_call && context.severity <= 1", 2, Holds::No);
    check(
        "context.first_time",
        1,
        Holds::Unknown(vec![Key::FirstTime]),
    );
    // Cedar would not look at the right side; we say what it reads, not what decides it.
    check(
        "context.on_call || context.first_time",
        1,
        Holds::Unknown(vec![Key::FirstTime]),
    );
    let overflow = "context.severity * 9223372036854775807 > 0";
    check(overflow, 1, Holds::Yes);
    let failed = parsed(overflow, Side::Guard)
        .unwrap()
        .holds(&on_call_and(2));
    assert!(matches!(failed, Holds::Failed(why) if why.contains("overflow")));
}

#[test]
fn why_not_names_the_parts_that_do_not_hold() {
    let check = |text: &str, expected: &[&str]| {
        let condition = parsed(text, Side::Guard).unwrap();
        assert_eq!(condition.why_not(&on_call_and(3)), expected, "{text}");
    };
    check(
        "context.on_call && context.severity <= 1",
        &["not context.severity <= 1: context.severity is 3"],
    );
    check(
        "!context.on_call && context.has_incident",
        &["context.on_call is true", "context.has_incident is false"],
    );
    check(
        "context.first_time && context.on_call",
        &["context.first_time is unknown: no answer"],
    );
}

#[test]
fn a_condition_rests_on_claims_alone_if_one_way_to_it_does() {
    for (text, expected) in [
        ("context.severity <= 1", true),
        ("context.has_incident", true),
        ("!(context.severity > 1)", true),
        (
            "context.severity <= 1 && context.platform == \"slack\"",
            true,
        ),
        ("context.severity <= 1 || context.on_call", true),
        (
            "if context.on_call then true else context.has_incident && !context.on_behalf",
            false,
        ),
        (
            "if context.on_behalf then true else context.has_incident",
            true,
        ),
        ("context.on_call && context.severity <= 1", false),
        ("context.severity_verified && context.severity <= 1", false),
        ("context.on_call", false),
        ("true", false),
    ] {
        assert_eq!(
            parsed(text, Side::Guard).unwrap().rests_on_claims(),
            expected,
            "{text}"
        );
    }
    assert!(
        parsed("context.severity > 2", Side::Guard)
            .unwrap()
            .opposite_rests_on_claims()
    );
}

#[test]
fn a_condition_is_impossible_if_no_combination_of_facts_makes_it_true() {
    for (text, expected) in [
        ("context.severity < 1", false),
        ("context.severity <= 1 && context.severity >= 3", false),
        ("context.hour > 23", false),
        ("context.hour > 22", true),
        ("context.on_call && !context.on_call", false),
        (
            "context.employment == \"employee\" && context.employment == \"contractor\"",
            false,
        ),
        ("[6, 7].contains(context.weekday)", true),
        ("[0, 8].contains(context.weekday)", false),
        ("context.open_grants > 5000000000", false),
        ("context.requests_24h == 17 && context.risk != 0", true),
        // Sums aren't tried out.
        ("context.severity + context.hour > 100", true),
    ] {
        assert_eq!(
            parsed(text, Side::Guard).unwrap().is_possible(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn keys_stand_in_their_own_order() {
    for (position, key) in Key::ALL.into_iter().enumerate() {
        assert_eq!(key as usize, position);
        assert_eq!(Key::named(key.as_str()), Some(key));
    }
}

proptest::proptest! {
    /// Whatever is taken reads only what we know, and printing what was parsed parses as the same.
    #[test]
    fn any_text_is_rejected_or_understood(
        text in "(context\\.(on_call|severity|hour|x)|true|false|[ ()!&|<>=;{}+*0-9\"/-]|permit|when|&&|\\|\\|){0,12}"
    ) {
        if let Ok(condition) = parsed(&text, Side::Rule) {
            let printed = condition.tree.to_string();
            let again = parsed(&printed, Side::Rule).unwrap();
            proptest::prop_assert_eq!(again.tree, condition.tree);
        }
    }
}
