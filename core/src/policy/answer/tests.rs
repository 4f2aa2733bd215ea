use super::*;
use crate::fact::Known;
use crate::policy::tests::{file, question};
use crate::ruling::Severity;

/// A Monday, 11:00 UTC.
const MONDAY: Timestamp = Timestamp::from_millis(1_772_449_200_000);

const BASE: &str = "\
version = 1
person = [
  { id = 'ann' }, { id = 'bea' }, { id = 'cy', employment = 'contractor' }, { id = 'dan' },
  { id = 'guy', guest = true }, { id = 'lea' },
]
group = [
  { id = 'ops', members = ['ann', 'cy', 'guy'], slack_usergroup = 'S1' },
  { id = 'sec', members = ['bea', 'guy'], slack_usergroup = 'S2' },
  { id = 'leads', members = ['lea'], slack_usergroup = 'S3' },
]
target = [
  { id = 'db', sensitivity = 'high', blast_radius = 'team', provisioner = 'pg', owners = ['person:dan'],
    roles = [{ id = 'read', grants = 'r' }, { id = 'write', grants = 'w' }] },
  { id = 'dev', sensitivity = 'low', blast_radius = 'service', provisioner = 'pg',
    roles = [{ id = 'write', grants = 'w' }] },
]
[defaults]
reviewers = ['group:sec']
";

fn policy(rules: &str) -> Policy {
    let text = format!("{BASE}{rules}");
    Policy::parse(&[file("p", &text)]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn rule(id: &str, keys: &str) -> String {
    let usual = [
        ("who", "['group:ops']"),
        ("roles", "['db/write']"),
        ("approvals", "[{ from = ['group:sec'], count = 1 }]"),
    ];
    let usual = usual
        .iter()
        .filter(|(key, _)| !keys.contains(&format!("{key} = ")));
    let usual: Vec<_> = usual
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect();
    format!("[[rule]]\nid = '{id}'\n{keys}\n{}", usual.concat())
}

/// The ruling in one line.
fn in_short(ruling: &Ruling) -> String {
    match &ruling.answer {
        Answer::Allow(paths) => {
            let paths = paths.iter().map(|path| {
                let rule = path.terms.rule.to_string();
                if path.fillable {
                    rule
                } else {
                    format!("{rule} (unfillable)")
                }
            });
            format!(
                "{} by {}",
                ruling.duration,
                paths.collect::<Vec<_>>().join(", ")
            )
        }
        Answer::Deny(denial) => {
            let mut words = vec!["no".to_owned()];
            words.extend(denial.guard.iter().map(|guard| format!("guard {guard}")));
            words.extend(
                denial
                    .longest
                    .iter()
                    .map(|longest| format!("longest {longest}")),
            );
            let unknown: Vec<_> = denial.unknown.keys().cloned().collect();
            let could: Vec<_> = denial
                .could_ask
                .iter()
                .map(|(t, r)| format!("{t}/{r}"))
                .collect();
            for (label, names) in [("unknown", unknown), ("could ask", could)] {
                words.extend((!names.is_empty()).then(|| format!("{label} {}", names.join(" "))));
            }
            words.join(", ")
        }
    }
}

/// Asks as `ann` for `db/write`, with changes to question and facts.
fn check(rules: &str, change: impl FnOnce(&mut Question, &mut Facts), expected: &str) {
    let (mut question, mut facts) = (question("ann", "db/write"), Facts::default());
    change(&mut question, &mut facts);
    let ruling = policy(rules).answer(&question, &facts, MONDAY);
    assert_eq!(
        in_short(&ruling),
        expected,
        "{rules}\n{question:?}\n{ruling:?}"
    );
}

fn as_asked(_: &mut Question, _: &mut Facts) {}

fn lasting(length: &'static str) -> impl Fn(&mut Question, &mut Facts) {
    move |question, _| question.duration = Some(length.parse().unwrap())
}

fn asked_by(person: &'static str) -> impl Fn(&mut Question, &mut Facts) {
    move |question, _| question.requester = person.parse().unwrap()
}

fn unknown(names: &'static [&'static str]) -> impl Fn(&mut Question, &mut Facts) {
    move |_, facts| {
        for name in names {
            facts.suppose_unknown(name).unwrap();
        }
    }
}

fn supposing(facts: &'static [(&'static str, &'static str)]) -> impl Fn(&mut Question, &mut Facts) {
    move |_, known| {
        for (key, value) in facts {
            known.suppose(key, value).unwrap();
        }
    }
}

#[test]
fn nothing_is_allowed_unless_a_rule_says_so() {
    check("", as_asked, "no");
    check(
        &rule("a", "roles = ['db/read']"),
        as_asked,
        "no, could ask db/read",
    );
    check(
        &rule("a", "roles = ['dev/*', 'db/read']"),
        as_asked,
        "no, could ask db/read dev/write",
    );
    check(&rule("a", "who = ['group:sec']"), as_asked, "no");
    check(&rule("a", ""), as_asked, "30 min by a");
}

#[test]
fn people_who_are_not_listed_or_not_active_get_nothing() {
    let any = rule("a", "who = ['everyone']\non_behalf = ['everyone']");
    let inactive = |person: &'static str| {
        move |_: &mut Question, facts: &mut Facts| {
            facts.inactive.insert(person.parse().unwrap());
        }
    };
    check(&any, asked_by("bea"), "30 min by a (unfillable)");
    check(&any, asked_by("nobody"), "no");
    check(&any, inactive("ann"), "no");
    check(
        &any,
        |question, _| question.beneficiary = "nobody".parse().unwrap(),
        "no",
    );
    check(
        &any,
        |question, _| question.role = "nothing".parse().unwrap(),
        "no",
    );
    check(
        &any,
        |question, _| question.target = "nowhere".parse().unwrap(),
        "no",
    );
    // A guest may ask.
    check(
        &any,
        |question, _| question.beneficiary = "guy".parse().unwrap(),
        "30 min by a",
    );
}

#[test]
fn selectors_mean_whom_they_say() {
    let who = |who: &str| rule("a", &format!("who = ['{who}']"));
    check(&who("person:ann"), as_asked, "30 min by a");
    check(&who("person:bea"), as_asked, "no");
    check(&who("employment:employee"), as_asked, "30 min by a");
    check(&who("employment:contractor"), as_asked, "no");
    check(&who("everyone"), as_asked, "30 min by a");
    check(&who("owners-of-target"), as_asked, "no");
    let dan = |question: &mut Question, _: &mut Facts| {
        question.requester = "dan".parse().unwrap();
        question.beneficiary = "dan".parse().unwrap();
    };
    check(&who("owners-of-target"), dan, "30 min by a");
    let told = |question: &mut Question, facts: &mut Facts| {
        dan(question, facts);
        facts.suppose_member("ops".parse().unwrap(), "dan".parse().unwrap());
    };
    check(&who("group:ops"), dan, "no");
    check(&who("group:ops"), told, "30 min by a");
}

#[test]
fn asking_for_somebody_else_needs_a_rule_that_says_so() {
    let rules = [
        rule("own", "max_duration = '2h'"),
        rule("by-lead", "on_behalf = ['group:leads']"),
    ];
    let rules = rules.concat();
    check(&rules, as_asked, "30 min by own, by-lead");
    check(&rules, asked_by("lea"), "30 min by by-lead");
    check(&rules, asked_by("dan"), "no");
    // What matters is whom the access is for.
    check(
        &rules,
        |question, _| {
            question.requester = "ann".parse().unwrap();
            question.beneficiary = "lea".parse().unwrap();
        },
        "no",
    );
    check(
        &rules,
        |question, facts| {
            question.requester = "dan".parse().unwrap();
            facts.suppose_unknown("group:leads").unwrap();
        },
        "no, unknown group:leads",
    );
}

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

const GUARD: &str =
    "[[guard]]\nid = 'g'\nroles = ['*/write']\nwho = ['employment:contractor']\nreason = 'No.'\n";

#[test]
fn a_guard_stops_requester_and_beneficiary() {
    let rules = format!(
        "{}{GUARD}",
        rule("a", "on_behalf = ['everyone']\nroles = ['db/*']")
    );
    let for_cy =
        |question: &mut Question, _: &mut Facts| question.beneficiary = "cy".parse().unwrap();
    check(&rules, as_asked, "30 min by a");
    check(&rules, for_cy, "no, guard g, could ask db/read");
    check(&rules, asked_by("cy"), "no, guard g, could ask db/read");
    check(
        &rules,
        |question, _| {
            question.beneficiary = "cy".parse().unwrap();
            question.role = "read".parse().unwrap();
        },
        "30 min by a",
    );
}

#[test]
fn a_guard_is_lifted_only_by_what_is_known() {
    let guarded = |keys: &str| {
        format!("{}{GUARD}{keys}\n", rule("a", "")).replace("employment:contractor", "group:ops")
    };
    check(
        &guarded("when = 'context.denied_1h'"),
        as_asked,
        "30 min by a",
    );
    check(
        &guarded("when = 'context.denied_1h'"),
        supposing(&[("denied_1h", "true")]),
        "no, guard g",
    );
    check(
        &guarded("when = 'context.denied_1h'"),
        unknown(&["denied_1h"]),
        "no, guard g, unknown denied_1h",
    );
    check(
        &guarded("unless = 'context.on_call'"),
        as_asked,
        "no, guard g",
    );
    check(
        &guarded("unless = 'context.on_call'"),
        supposing(&[("on_call", "true")]),
        "30 min by a",
    );
    check(
        &guarded("unless = 'context.on_call'"),
        unknown(&["on_call"]),
        "no, guard g, unknown on_call",
    );
    // Read, though it couldn't have decided anything.
    check(
        &guarded("when = 'context.risk > 99 && context.on_call'"),
        unknown(&["on_call"]),
        "no, guard g, unknown on_call",
    );
    // Cedar itself would skip a `forbid` that overflows.
    let overflow = "when = 'context.requests_24h * 9223372036854775807 > 0 && context.risk > 99'";
    check(
        &guarded(overflow),
        supposing(&[("requests_24h", "1")]),
        "30 min by a",
    );
    check(
        &guarded(overflow),
        supposing(&[("requests_24h", "2")]),
        "no, guard g",
    );
    let overflow = "unless = 'context.requests_24h * 9223372036854775807 > 0 || context.on_call'";
    check(
        &guarded(overflow),
        supposing(&[("requests_24h", "2")]),
        "no, guard g",
    );
    // The duration is seen as it was settled, rounded up.
    check(
        &guarded("when = 'context.duration_minutes > 30'"),
        as_asked,
        "30 min by a",
    );
    check(
        &guarded("when = 'context.duration_minutes > 30'"),
        lasting("1801s"),
        "no, guard g",
    );
    check(
        &guarded("when = 'context.duration_minutes > 29'"),
        as_asked,
        "no, guard g",
    );
}

#[test]
fn a_guard_about_people_who_could_not_be_looked_up_matches() {
    let rules = format!("{}{GUARD}", rule("a", "who = ['everyone']"))
        .replace("employment:contractor", "group:leads");
    check(&rules, as_asked, "30 min by a");
    check(
        &rules,
        unknown(&["group:leads"]),
        "no, guard g, unknown group:leads",
    );
    // Ann is surely one of ops.
    let rules = rules.replace("group:leads", "group:ops");
    check(&rules, unknown(&["group:ops"]), "no, guard g");
}

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
