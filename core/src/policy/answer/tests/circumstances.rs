//! What conditions see, what is unknown, and how risk adds up.

use super::*;

#[test]
fn what_is_unknown_opens_no_door() {
    check(
        &rule("a", "when = 'context.on_call'"),
        unknown(&["on_call"]),
        "no, unknown on_call",
    );
    check(
        &rule("a", "when = '!context.on_call'"),
        unknown(&["on_call"]),
        "no, unknown on_call",
    );
    check(
        &rule("a", "when = 'context.hour == 11 || context.on_call'"),
        unknown(&["on_call"]),
        "no, unknown on_call",
    );
    check(
        &rule(
            "a",
            "when = 'context.requests_24h * 9223372036854775807 > 0'",
        ),
        supposing(&[("requests_24h", "2")]),
        "no",
    );
    check(
        &rule("a", "who = ['group:leads']"),
        unknown(&["group:leads"]),
        "no, unknown group:leads",
    );
    check(&rule("a", ""), unknown(&["group:ops"]), "30 min by a");
    // The risk is a guess when one of its signals is.
    check(
        &rule("a", "when = 'context.risk < 90'"),
        unknown(&["first_time"]),
        "no, unknown risk",
    );
    check(
        &rule("a", "when = 'context.risk < 90'"),
        unknown(&["on_call"]),
        "30 min by a",
    );
    // About an incident that isn't named nothing is unknown.
    check(
        &rule("a", "when = '!context.incident_open'"),
        unknown(&["incident_open"]),
        "30 min by a",
    );
    check(
        &rule("a", "when = '!context.incident_open'"),
        |question, facts| {
            question.incident = Some("INC-1".to_owned());
            facts.incident_open = Known::Unknown("the tracker didn't answer".to_owned());
        },
        "no, unknown incident_open",
    );
}

#[test]
fn conditions_see_what_was_asked() {
    let when = |condition: &str| rule("a", &format!("when = '{condition}'"));
    check(&when("context.severity == 5"), as_asked, "30 min by a");
    check(
        &when("context.severity == 2"),
        |question, _| question.severity = Severity::new(2).ok(),
        "30 min by a",
    );
    check(
        &when("context.has_incident"),
        |question, _| question.incident = Some("x".to_owned()),
        "30 min by a",
    );
    check(
        &when("context.hour == 11 && context.weekday == 1"),
        as_asked,
        "30 min by a",
    );
    check(
        &when("context.platform == \"slack\""),
        as_asked,
        "30 min by a",
    );
    check(
        &when("context.employment == \"employee\""),
        as_asked,
        "30 min by a",
    );
    check(&when("!context.on_behalf"), as_asked, "30 min by a");
    let for_ann = rule("a", "when = 'context.on_behalf'\non_behalf = ['everyone']");
    check(&for_ann, asked_by("cy"), "30 min by a");
    check(&when("context.risk == 30"), as_asked, "30 min by a");
    check(
        &when("context.risk == 45"),
        supposing(&[("first_time", "true"), ("requests_24h", "3")]),
        "30 min by a",
    );
    check(
        &when("context.open_grants == 4294967295"),
        supposing(&[("open_grants", "4294967295")]),
        "30 min by a",
    );
}

#[test]
fn risk_adds_up() {
    let check = |facts: Facts, at: &str, score: u8, names: &[&str]| {
        let ruling = policy("").answer(&question("ann", "db/write"), &facts, at.parse().unwrap());
        let found: Vec<_> = ruling
            .risk
            .factors
            .iter()
            .map(|factor| factor.name.as_str())
            .collect();
        let always = ["sensitivity", "blast_radius"];
        let names: Vec<_> = always.iter().chain(names).copied().collect();
        assert_eq!(
            (ruling.risk.score, found),
            (score, names),
            "{facts:?} at {at}"
        );
    };
    let (day, none) = ("2026-03-02T11:00:00Z", Facts::default());
    check(none.clone(), day, 30, &[]);
    for (odd, at) in [
        (false, "2026-03-02T07:00:00Z"),
        (true, "2026-03-02T06:59:59Z"),
        (false, "2026-03-02T19:59:59Z"),
        (true, "2026-03-02T20:00:00Z"),
        (true, "2026-03-07T12:00:00Z"),
        (true, "2026-03-08T12:00:00Z"),
    ] {
        let names: &[&str] = if odd { &["odd_hour"] } else { &[] };
        check(none.clone(), at, if odd { 35 } else { 30 }, names);
    }
    let mut facts = Facts {
        requests_24h: Known::Known(2),
        ..Facts::default()
    };
    check(facts.clone(), day, 30, &[]);
    facts.requests_24h = Known::Known(3);
    check(facts.clone(), day, 35, &["burst"]);
    facts.first_time = Known::Known(true);
    facts.denied_1h = Known::Unknown("the store didn't answer".to_owned());
    check(facts, day, 50, &["first_time", "denied_1h", "burst"]);
}
