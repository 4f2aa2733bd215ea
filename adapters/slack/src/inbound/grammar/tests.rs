use std::fmt::Write as _;

use breakglass_core::intent::Act;
use proptest::prelude::*;
use regex::Regex;

use super::parse;

fn incident() -> Regex {
    Regex::new("[A-Z][A-Z0-9]+-[0-9]+").unwrap()
}

/// The act in one line, parts that are missing left out.
fn brief(act: &Act) -> String {
    let Act::Ask(typed) = act else {
        return format!("{act:?}");
    };
    let mut line = String::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(line, "{name}={value} ").unwrap();
        }
    };
    add("target", typed.target.clone());
    add("role", typed.role.clone());
    add("duration", typed.duration.map(|d| d.to_string()));
    add("severity", typed.severity.map(|s| s.to_string()));
    add("incident", typed.incident.clone());
    add("for", typed.beneficiary.clone());
    add("why", Some(typed.why.clone()).filter(|why| !why.is_empty()));
    line.trim_end().to_owned()
}

fn check(typed: &str, expected: &str) {
    assert_eq!(brief(&parse(typed, &incident())), expected, "for `{typed}`");
}

#[test]
fn a_request_is_read_from_its_words() {
    let all = "target=orders-db role=admin duration=30 min severity=1 incident=INC-2231 \
               why=replication slot stuck";
    for typed in [
        "orders-db admin 30m sev1 INC-2231 replication slot stuck",
        "orders-db/admin 30m sev1 INC-2231 replication slot stuck",
        "orders-db / admin 30 min SEV-1 INC-2231 replication slot stuck",
        "orders-db admin sev1 INC-2231 30 replication slot stuck",
        "orders-db admin replication slot stuck 30m sev1 INC-2231",
        "orders-db admin P1 replication slot stuck INC-2231 30 min",
        "30m orders-db sev1 admin INC-2231 replication slot stuck",
        "“orders-db” ‘admin’ 30m, sev 1, INC-2231, replication slot stuck",
        "orders-db admin 30m p1 <https://acme.example/browse/INC-2231|INC-2231> replication slot stuck",
        "orders-db admin 30m p1 https://acme.example/browse/INC-2231?x=1 replication slot stuck",
        "orders-db   admin\t30minutes severity:1 INC-2231   replication slot  stuck",
    ] {
        check(typed, all);
    }
}

#[test]
fn what_is_missing_stays_missing() {
    check("orders-db", "target=orders-db");
    check("orders-db/", "target=orders-db");
    check("orders-db 30m", "target=orders-db duration=30 min");
    check("/admin", "role=admin");
    check("30m sev2", "duration=30 min severity=2");
    check("<@U1|maya> is locked out", "why=@maya is locked out");
    check(
        "orders-db <https://x.example|logs> broke",
        "target=orders-db why=logs (https://x.example) broke",
    );
}

#[test]
fn durations_are_read_in_all_their_forms() {
    for (typed, read) in [
        ("30", "30 min"),
        ("30m", "30 min"),
        ("30M", "30 min"),
        ("30 min", "30 min"),
        ("90s", "1 min 30 s"),
        ("1h", "1 h"),
        ("1h30", "1 h 30 min"),
        ("1h30m", "1 h 30 min"),
        ("1h 30m", "1 h 30 min"),
        ("1 h 30 min", "1 h 30 min"),
        ("2 hours", "2 h"),
        ("2m30", "2 min 30 s"),
        ("1d", "24 h"),
        ("0m", "0 s"),
    ] {
        check(
            &format!("db admin {typed} why not"),
            &format!("target=db role=admin duration={read} why=why not"),
        );
    }
    for word in [
        "1x",
        "30m1h",
        "1h1h",
        "99999999999m",
        "9999999d",
        "m",
        "5000",
        "0",
    ] {
        check(
            &format!("db admin {word} why"),
            &format!("target=db role=admin why={word} why"),
        );
    }
}

#[test]
fn severities_are_one_to_five() {
    for typed in [
        "sev2",
        "SEV-2",
        "Sev_2",
        "sev:2",
        "p2",
        "P2",
        "severity2",
        "severity 2",
        "sev2,",
    ] {
        check(
            &format!("db admin {typed} why"),
            "target=db role=admin severity=2 why=why",
        );
    }
    for word in ["sev0", "sev6", "p12", "prod", "sev"] {
        check(
            &format!("db admin {word} why"),
            &format!("target=db role=admin why={word} why"),
        );
    }
}

#[test]
fn it_can_be_for_somebody_else() {
    check(
        "db admin for <@U02BO|bo> stuck",
        "target=db role=admin for=U02BO why=stuck",
    );
    check(
        "db admin stuck for <@U02BO>",
        "target=db role=admin for=U02BO why=stuck",
    );
    check(
        "db for <@U02BO> admin stuck",
        "target=db role=admin for=U02BO why=stuck",
    );
    check(
        "db admin for @bo stuck",
        "target=db role=admin for=@bo why=stuck",
    );
    check("db admin for me stuck", "target=db role=admin why=stuck");
    check(
        "db admin for <!here> stuck",
        "target=db role=admin why=for @here stuck",
    );
    check("db for everybody", "target=db why=for everybody");
}

#[test]
fn a_sentence_keeps_its_words() {
    check(
        "db admin it is down for 30m",
        "target=db role=admin why=it is down for 30m",
    );
    check(
        "db admin 2 days ago it broke",
        "target=db role=admin why=2 days ago it broke",
    );
    check(
        "db admin broken by INC-7",
        "target=db role=admin incident=INC-7 why=broken by INC-7",
    );
    check(
        "db admin 1h the 15m timeout of p3 hosts",
        "target=db role=admin duration=1 h why=the 15m timeout of p3 hosts",
    );
    check(
        "db admin 30m stuck 45m",
        "target=db role=admin duration=30 min why=stuck 45m",
    );
    check(
        "db admin inc-7 is on",
        "target=db role=admin incident=INC-7 why=inc-7 is on",
    );
    check("db read-2 stuck", "target=db role=read-2 why=stuck");
}

#[test]
fn escapes_read_as_what_they_show() {
    check(
        "db admin a &lt;b&gt; &amp;amp; <#C1|ops> <#C2> <!subteam^S1|@dba> <mailto:a@x.example|a@x.example> <!channel>",
        "target=db role=admin why=a <b> &amp; #ops #C2 @dba a@x.example @channel",
    );
    check(
        "db admin see <http://x.example/a|x.example/a>, (<@U1>) <b",
        "target=db role=admin why=see http://x.example/a, (@U1) <b",
    );
    check(
        "db admin one\ntwo\n\nthree",
        "target=db role=admin why=one\ntwo\nthree",
    );
}

#[test]
fn commands_are_known_by_their_first_word() {
    for (typed, expected) in [
        (
            "",
            "OpenForm(Typed { target: None, role: None, duration: None, severity: None, incident: None, beneficiary: None, why: \"\", source: None, again: false })",
        ),
        ("STATUS", "Status"),
        ("list", "List"),
        ("help", "Help"),
        ("end", "End(None)"),
        ("end 4821", "End(Some(BG-4821))"),
        ("end bg-4821 thanks", "End(Some(BG-4821))"),
        ("end BG-1 BG-2", "Unclear(\"end BG-1 BG-2\")"),
        ("end orders-db", "Unclear(\"end orders-db\")"),
        ("withdraw #7", "Withdraw(Some(BG-7))"),
        (
            "revoke BG-7 wrong &amp; bad",
            "Revoke { request: Some(BG-7), reason: Some(\"wrong & bad\") }",
        ),
        (
            "revoke wrong person",
            "Revoke { request: None, reason: Some(\"wrong person\") }",
        ),
        ("revoke 7", "Revoke { request: Some(BG-7), reason: None }"),
        (
            "review 7 all good",
            "Review { request: Some(BG-7), finding: None, note: \"all good\" }",
        ),
        (
            "review",
            "Review { request: None, finding: None, note: \"\" }",
        ),
        ("lockdown", "Lockdown { reason: None, revoke_all: false }"),
        (
            "lockdown token leak",
            "Lockdown { reason: Some(\"token leak\"), revoke_all: false }",
        ),
        (
            "lockdown —revoke-all token leak",
            "Lockdown { reason: Some(\"token leak\"), revoke_all: true }",
        ),
        ("link", "Link { code: None }"),
        (
            "Link abcd-efgh-jkmn",
            "Link { code: Some(\"abcd-efgh-jkmn\") }",
        ),
        ("unlink", "Unlink"),
        ("unlink <@U02BO|bo>", "UnlinkOf { account: \"U02BO\" }"),
        ("unlink @bo", "UnlinkOf { account: \"@bo\" }"),
        ("unlink everybody", "Unclear(\"unlink everybody\")"),
        ("lockdown off", "Unclear(\"lockdown off\")"),
    ] {
        check(typed, expected);
    }
}

/// A word that can't be an option, a command or punctuation.
fn plain_word() -> impl Strategy<Value = String> {
    "[k-o]{2}[a-z]{1,8}".prop_filter("a word with a meaning", |word| {
        !matches!(
            word.as_str(),
            "list" | "link" | "lockdown" | "min" | "mins" | "minute" | "minutes" | "me"
        )
    })
}

fn option_word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("30m"),
        Just("1h30"),
        Just("sev1"),
        Just("P2"),
        Just("INC-12"),
        Just("for <@U1|maya>"),
        Just("<https://x.example/INC-9>"),
        Just("45"),
    ]
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,200}") {
        let _act = parse(&text, &incident());
    }

    #[test]
    fn escapes_never_make_it_panic(text in "([<>@#!|^&a-z0-9 /;]|&lt;|<@U|mailto:|://){0,60}") {
        let _act = parse(&text, &incident());
    }

    #[test]
    fn no_plain_word_is_lost(
        words in prop::collection::vec(prop_oneof![3 => plain_word(), 1 => option_word()], 1..20),
    ) {
        let plain: Vec<&String> = words
            .iter()
            .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            .collect();
        prop_assume!(!plain.is_empty());
        let Act::Ask(typed) = parse(&words.join(" "), &incident()) else {
            panic!("not a request");
        };
        let kept = [typed.target, typed.role, Some(typed.why)];
        let kept = kept.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let kept: Vec<&str> = kept
            .split_whitespace()
            .filter(|word| word.chars().all(|c| c.is_ascii_lowercase()) && *word != "for")
            .collect();
        prop_assert_eq!(kept, plain);
    }

    #[test]
    fn an_option_is_in_its_field_or_in_the_why(
        words in prop::collection::vec(prop_oneof![2 => plain_word(), 3 => option_word()], 1..12),
    ) {
        if let Act::Ask(typed) = parse(&words.join(" "), &incident()) {
            for word in words.iter().filter(|word| word.chars().any(|c| c.is_ascii_digit())) {
                let read = match word.as_str() {
                    "30m" | "1h30" | "45" => typed.duration.is_some(),
                    "sev1" | "P2" => typed.severity.is_some(),
                    "INC-12" | "<https://x.example/INC-9>" => typed.incident.is_some(),
                    _ => typed.beneficiary.is_some(),
                };
                prop_assert!(read || typed.why.split_whitespace().count() > 0);
            }
        }
    }
}
