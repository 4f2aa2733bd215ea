//! Which rules are paths, in which order, for how long, and what they ask for.

use super::*;

#[test]
fn paths_are_ordered_by_what_they_cost() {
    let quorum = |count: u8| {
        format!("approvals = [{{ from = ['group:ops', 'group:sec'], count = {count} }}]")
    };
    let rules = [
        rule("two", &quorum(2)),
        rule("one-short", &format!("{}\nmax_duration = '40m'", quorum(1))),
        rule("one-long", &quorum(1)),
        rule(
            "alone",
            "approvals = 'none'\nwhen = 'context.on_call'\nmax_duration = '30m'",
        ),
        rule(
            "one-long-too",
            &format!(
                "{}\nwhen = 'context.hour == 11'\nmax_duration = '1h'",
                quorum(1)
            )
            .replace("'group:ops', ", ""),
        ),
        rule("three", &quorum(3).replace("'group:ops'", "'group:leads'")),
    ];
    // `one-short` would be shadowed; its own condition keeps it.
    let rules = rules.concat().replace(
        "max_duration = '40m'",
        "max_duration = '40m'\nincident = { required = false }",
    );
    let rules = rules.replace(
        "id = 'one-long'\n",
        "id = 'one-long'\nwhen = 'context.risk > 0'\n",
    );
    check(
        &rules,
        as_asked,
        "30 min by one-long, one-long-too, one-short, two, three (unfillable)",
    );
    check(
        &rules,
        supposing(&[("on_call", "true")]),
        "30 min by alone, one-long, one-long-too, one-short, two, three (unfillable)",
    );
}

#[test]
fn a_path_that_nobody_can_fill_comes_last() {
    let rules = [
        rule("one", "max_duration = '2h'"),
        rule(
            "two",
            "approvals = [{ from = ['owners-of-target', 'group:leads'], count = 2 }]",
        ),
    ]
    .concat();
    check(&rules, as_asked, "30 min by one, two");
    let bea_left = |_: &mut Question, facts: &mut Facts| {
        facts.inactive.insert("bea".parse().unwrap());
    };
    check(&rules, bea_left, "30 min by two, one (unfillable)");
    let told_more = |_: &mut Question, facts: &mut Facts| {
        facts.inactive.insert("bea".parse().unwrap());
        facts.suppose_member("sec".parse().unwrap(), "lea".parse().unwrap());
    };
    check(&rules, told_more, "30 min by one, two");
    // The requester is nobody's approver, here of two owners and leads that there are.
    let by_lea =
        |question: &mut Question, _: &mut Facts| question.requester = "lea".parse().unwrap();
    check(
        &rules.replace("[[rule]]", "[[rule]]\non_behalf = ['everyone']"),
        by_lea,
        "30 min by one, two (unfillable)",
    );
}

#[test]
fn the_duration_is_as_asked_or_the_smaller_of_the_usual_and_the_longest() {
    let short = rule("short", "max_duration = '20m'");
    let long = rule(
        "long",
        "max_duration = '3h'\nwhen = 'context.on_call'\nduration = '2h'",
    );
    let both = format!("{short}{long}");
    check(&short, as_asked, "20 min by short");
    check(&both, as_asked, "20 min by short");
    check(&both, supposing(&[("on_call", "true")]), "2 h by long");
    check(&short, lasting("20m"), "20 min by short");
    check(&short, lasting("1201s"), "no, longest 20 min");
    check(&both, lasting("3h"), "no, longest 20 min");
    check(&short, lasting("0s"), "no, longest 20 min");
}

#[test]
fn a_required_incident_must_be_named_and_fit() {
    let rules = rule(
        "a",
        "incident = { required = true, pattern = 'INC-[0-9]+|X' }",
    );
    let named = |incident: &'static str| {
        move |question: &mut Question, _: &mut Facts| question.incident = Some(incident.to_owned())
    };
    check(&rules, as_asked, "no");
    check(&rules, named("INC-1"), "30 min by a");
    check(&rules, named("INC-1x"), "no");
    check(&rules, named("aINC-1"), "no");
    check(&rules, named("XX"), "no");
    check(&rules, named("INC-1\nINC-2"), "no");
    let ruling = policy(&rules).answer(&question("ann", "db/write"), &Facts::default(), MONDAY);
    assert_eq!(
        ruling.reasons,
        ["a: an incident like INC-[0-9]+|X must be named"]
    );
}

#[test]
fn terms_say_what_the_rule_asks_for() {
    let terms = |keys: &str| {
        let ruling = policy(&rule("a", keys)).answer(
            &question("ann", "db/write"),
            &Facts::default(),
            MONDAY,
        );
        match ruling.answer {
            Answer::Allow(mut paths) => paths.remove(0).terms,
            Answer::Deny(denial) => panic!("{denial:?}"),
        }
    };
    for (keys, break_glass, reviewed) in [
        ("", false, true),
        ("review = 'break-glass'", false, false),
        ("review = 'always'", false, true),
        ("review = 'never'", false, false),
        ("kind = 'planned'", false, false),
        ("kind = 'planned'\nreview = 'always'", false, true),
        ("approvals = 'none'", true, true),
        ("approvals = 'none'\nreview = 'never'", true, true),
    ] {
        let terms = terms(keys);
        assert_eq!(
            (terms.break_glass, terms.reviewed),
            (break_glass, reviewed),
            "{keys}"
        );
    }
    let terms = terms("window = '1m'\nescalate = [{ after = '30s', to = ['group:leads'] }]");
    assert_eq!(
        (terms.window, terms.escalate[0].after),
        (Length::from_mins(1), Length::from_secs(30))
    );
    assert_eq!(terms.reviewers, ["group:sec".parse().unwrap()]);
}
