use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::*;
use crate::fact::{Facts, Known};
use crate::ruling::{Answer, Question, Quorum};
use crate::time::Timestamp;

const EXAMPLE: &str = include_str!("../../../docs/example/policy.toml");

pub(super) fn file(name: &str, text: &str) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

pub(super) fn example() -> Policy {
    static READ: LazyLock<Policy> = LazyLock::new(|| {
        Policy::parse(&[file("policy.toml", EXAMPLE)]).unwrap_or_else(|faults| panic!("{faults}"))
    });
    READ.clone()
}

#[test]
fn the_example_has_neither_faults_nor_warnings() {
    assert_eq!(example().warnings(), []);
}

/// `person` asks for `target/role`, for themselves, on Slack, and says no more.
pub(super) fn question(person: &str, role: &str) -> Question {
    let (target, role) = role.split_once('/').unwrap();
    Question {
        requester: person.parse().unwrap(),
        beneficiary: person.parse().unwrap(),
        target: target.parse().unwrap(),
        role: role.parse().unwrap(),
        duration: None,
        severity: None,
        incident: None,
        platform: Platform::Slack,
    }
}

#[test]
fn the_whole_text_gives_the_same_policy_back() {
    let main = "version = 1\ninclude = ['people/*.toml']\n";
    let files = [
        file("policy.toml", main),
        file("people/b.toml", "[[person]]\nid = 'bo'\n"),
        file(
            "people/å.toml",
            "# == 1 policy.toml\n[[person]]\nid = 'maya'",
        ),
    ];
    let policy = Policy::parse(&files).unwrap();
    let again = Policy::from_text(policy.text()).unwrap();
    assert_eq!(again.hash(), policy.hash());
    assert_eq!(again.text(), policy.text());
    assert_eq!(again.people().len(), 2);
    assert!(policy.hash().as_str().starts_with("sha256:"));

    // The order in which a disk lists the included files doesn't matter; anything else does.
    let [first, second, third] = files.clone();
    assert_eq!(
        Policy::parse(&[first, third, second]).unwrap().hash(),
        policy.hash()
    );
    let mut changed = files;
    changed[2].text.push(' ');
    assert_ne!(Policy::parse(&changed).unwrap().hash(), policy.hash());
}

#[test]
fn what_is_not_the_text_of_a_policy_is_refused() {
    let text = example().text().to_owned();
    for broken in [
        "x",
        &text[1..],
        &text[..text.len() - 1],
        &format!("{text}x"),
        "",
    ] {
        assert!(Policy::from_text(broken).is_err());
    }
    assert!(Policy::parse(&[]).is_err());
}

#[test]
fn a_policy_that_was_accepted_is_read_for_ever() {
    const GOLDEN: &str = include_str!("golden/v1.txt");
    let policy = Policy::from_text(GOLDEN).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(policy.text(), GOLDEN);
    assert_eq!(
        policy.hash().as_str(),
        "sha256:d111bdb6bf8d7e7fb1770780c7a0ffe240589dc5f11a276255a4af7b23c1cb7a"
    );
    let question = Question {
        incident: Some("INC-1".to_owned()),
        ..question("maya", "orders-db/admin")
    };
    let ruling = policy.answer(&question, &Facts::default(), Timestamp::default());
    assert_eq!(
        ruling.reasons,
        [
            "two-people allows it for at most 1 h when 1 of group:dba and 1 of group:security approve"
        ]
    );
}

#[test]
fn what_lints_and_types_refuse_today_is_read_if_it_was_accepted_but_opens_no_door() {
    let clauses = "\
        version = 1\n\
        person = [{ id = 'ann' }, { id = 'bea' }]\n\
        group = [{ id = 'ops', members = ['bea'] }]\n\
        target = [{ id = 'db', provisioner = 'p', roles = [{ id = 'r', grants = 'r' }, { id = 's', grants = 's' }] }]\n\
        [[rule]]\nid = 'shadowing'\nwho = ['everyone']\nroles = ['db/r']\n\
        approvals = [{ from = ['group:ops'], count = 1 }]\n\
        [[rule]]\nid = 'shadowed'\nwho = ['person:ann']\nroles = ['db/r']\n\
        approvals = [{ from = ['group:ops'], count = 1 }]\n\
        [[rule]]\nid = 'ill-typed'\nwho = ['everyone']\nroles = ['db/s']\nwhen = 'context.on_call > 3'\n\
        approvals = [{ from = ['group:ops'], count = 1 }]\n";
    let files = [file("p", clauses)];
    assert_eq!(Policy::parse(&files).unwrap_err().0.len(), 2);
    let policy = Policy::from_text(&source::to_text(&files)).unwrap();
    let answer = |role| {
        let ruling = policy.answer(
            &question("ann", role),
            &Facts::default(),
            Timestamp::default(),
        );
        matches!(ruling.answer, Answer::Allow(_))
    };
    assert!(answer("db/r"));
    assert!(!answer("db/s"));
}

#[test]
fn what_cannot_be_evaluated_is_refused_though_it_was_accepted() {
    for broken in [
        "version = 2",
        "version = 1\n[[rule]]\nid = 'a'",
        "version = 1\nunknown = 1",
        "version = 1\n[[guard]]\nid = 'a'\nwho = ['everyone']\nroles = ['*/*']\nwhen = 'context.'",
    ] {
        let text = source::to_text(&[file("p", broken)]);
        assert!(Policy::from_text(&text).is_err(), "{broken}");
    }
}

#[test]
fn everything_can_be_looked_up() {
    let policy = example();
    let maya = policy.person_by(Platform::Slack, "U01MAYA").unwrap();
    assert_eq!(
        (maya.id.as_str(), maya.name.as_str()),
        ("maya", "Maya Lind")
    );
    assert_eq!(
        policy
            .person_by(Platform::Discord, "200000000000000001")
            .unwrap()
            .id,
        maya.id
    );
    assert!(policy.person_by(Platform::Discord, "U01MAYA").is_none());
    assert!(policy.person_by(Platform::Cli, "maya").is_none());
    let target = policy.target(&"orders-db".parse().unwrap()).unwrap();
    assert_eq!(
        policy
            .role(&target.id, &"admin".parse().unwrap())
            .unwrap()
            .grants,
        "orders_admin"
    );
    let rule = policy.rule(&"two-people".parse().unwrap()).unwrap();
    assert_eq!((rule.justification().min, rule.approvals_needed()), (20, 2));
    assert!(
        policy
            .guard(&"no-contractor-admin".parse().unwrap())
            .is_some()
    );
    assert!(policy.incident_pattern().is_match("see INC-12, please"));
    assert_eq!(policy.timezone().name(), "Europe/Stockholm");
}

#[test]
fn a_login_is_the_override_or_made_of_the_template() {
    let check = |person: &str, template: &str, expected: Result<&str, &str>| {
        let policy = example();
        let person = policy.person(&person.parse().unwrap()).unwrap();
        let found = account(person, &"orders-postgres".parse().unwrap(), template);
        let found = found.map_err(|error| error.to_string());
        assert_eq!(
            found.as_deref().map_err(String::as_str),
            expected,
            "{template}"
        );
    };
    check("maya", "{id}", Ok("maya_l"));
    check("bo", "{id}", Ok("bo"));
    check("bo", "ops-{email_local}@{id}", Ok("ops-bo@bo"));
    check("bo", "{email}", Ok("bo@example.com"));
    let wrong = Err("the login of orders-postgres may use {id}, {email} and {email_local} only");
    check("bo", "{name}", wrong);
    check("bo", "{id", wrong);
    let mut person = example().person(&"bo".parse().unwrap()).unwrap().clone();
    person.email = None;
    let none = account(
        &person,
        &"orders-postgres".parse().unwrap(),
        "{email_local}",
    )
    .unwrap_err();
    assert_eq!(
        none.to_string(),
        "bo has no e-mail address, which the login of orders-postgres is made of"
    );
}

#[test]
fn powers_are_for_those_who_are_named() {
    let mut facts = Facts::default();
    let check = |person: &str, power: Power, facts: &Facts| {
        let target = "orders-db".parse().unwrap();
        match example().may(power, &person.parse().unwrap(), Some(&target), facts) {
            Known::Known(may) => may.to_string(),
            Known::Unknown(why) => why,
        }
    };
    assert_eq!(check("lee", Power::Lockdown, &facts), "true");
    assert_eq!(check("maya", Power::Lockdown, &facts), "false");
    assert_eq!(check("tess", Power::See, &facts), "true");
    assert_eq!(check("nobody", Power::See, &facts), "false");
    // The owners of a target revoke on it, and do no more.
    assert_eq!(check("dana", Power::Revoke, &facts), "true");
    assert_eq!(check("dana", Power::Deny, &facts), "false");
    facts.suppose_unknown("group:security").unwrap();
    assert_eq!(
        check("maya", Power::Lockdown, &facts),
        "supposed to be unknown"
    );
    assert_eq!(check("lee", Power::Lockdown, &facts), "true");
    assert_eq!(check("dana", Power::Revoke, &facts), "true");
    facts.inactive.insert("lee".parse().unwrap());
    assert_eq!(check("lee", Power::Lockdown, &facts), "false");
}

#[test]
fn a_quorum_is_filled_by_distinct_people_each_in_one_slot() {
    let policy = example();
    let quorum = |from: &[&str], count| Quorum {
        from: from
            .iter()
            .map(|selector| selector.parse().unwrap())
            .collect(),
        count,
    };
    let check = |approvals: &[Quorum], approvers: &[&str], filled: bool| {
        let approvers = approvers.iter().map(|id| id.parse().unwrap()).collect();
        let target = "orders-db".parse().unwrap();
        let found = policy.is_filled_by(approvals, &target, &approvers, &Facts::default());
        assert_eq!(found, filled, "{approvals:?} by {approvers:?}");
    };
    let both = [quorum(&["group:sre"], 1), quorum(&["group:dba"], 1)];
    check(&both, &["bo"], false);
    check(&both, &["bo", "maya"], true);
    check(&both, &["bo", "dana"], true);
    check(&both, &["maya", "carl"], false);
    check(&[quorum(&["group:sre", "group:dba"], 2)], &["bo"], false);
    check(
        &[quorum(&["group:sre", "group:dba"], 2)],
        &["bo", "dana", "maya"],
        true,
    );
    check(&[quorum(&["owners-of-target"], 2)], &["bo", "dana"], true);
    // Bo has to make room: for owners only bo and dana will do, for sre only bo and maya.
    let moving = [
        quorum(&["group:sre"], 1),
        quorum(&["owners-of-target"], 1),
        quorum(&["group:dba"], 1),
    ];
    check(&moving, &["bo", "dana", "maya"], true);
    check(&moving, &["bo", "dana", "lee"], false);
    check(&[], &[], true);
}

/// What a quorum asks for, tried out in every way.
fn fills_by_trying(slots: &[BTreeSet<u8>], used: &mut Vec<u8>) -> bool {
    let Some((first, rest)) = slots.split_first() else {
        return true;
    };
    first.iter().any(|person| {
        let free = !used.contains(person);
        free && {
            used.push(*person);
            let filled = fills_by_trying(rest, used);
            used.pop();
            filled
        }
    })
}

proptest::proptest! {
    #[test]
    fn filling_is_as_trying_every_way(slots in proptest::collection::vec(proptest::collection::btree_set(0_u8..6, 0..4), 0..5)) {
        let people = |slot: &BTreeSet<u8>| slot.iter().map(|n| format!("p{n}").parse().unwrap()).collect();
        let asked: Vec<_> = slots.iter().map(|slot| (people(slot), 1)).collect();
        proptest::prop_assert_eq!(fill::can_fill(&asked), fills_by_trying(&slots, &mut Vec::new()));
    }

    /// Whoever may decide is listed, active, no guest, and meant by a selector for certain.
    #[test]
    fn the_eligible_are_listed_active_and_surely_meant(
        told in proptest::collection::btree_set("maya|bo|dana|ines|lee|carl|tess|ghost", 0..6),
        inactive in proptest::collection::btree_set("maya|bo|dana|ines|lee|carl|tess", 0..4),
        unknown in proptest::bool::ANY,
    ) {
        let policy = example();
        let mut facts = Facts::default();
        for person in &told {
            facts.suppose_member("sre".parse().unwrap(), person.parse().unwrap());
        }
        if unknown {
            facts.suppose_unknown("group:sre").unwrap();
        }
        facts.inactive = inactive.iter().map(|id| id.parse().unwrap()).collect();
        let target = "orders-db".parse().unwrap();
        let selectors = ["group:sre", "owners-of-target"].map(|text| text.parse().unwrap());
        let eligible = policy.eligible(&selectors, &target, &facts);
        for person in policy.people() {
            let meant = policy.selects_any(&selectors, &person.id, Some(&target), &facts);
            let expected = meant == Known::Known(true) && policy.may_decide(&person.id, &facts);
            proptest::prop_assert_eq!(eligible.contains(&person.id), expected);
        }
        proptest::prop_assert!(eligible.iter().all(|id| policy.person(id).is_some()));
        proptest::prop_assert!(eligible.is_disjoint(&facts.inactive));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC*", cut in 0_usize..6000, put in "[\\[\\]{}='\",.a-z0-9\n ]{0,8}") {
        Policy::parse(&[file("x", &text)]).ok();
        Policy::from_text(&text).ok();
        // The example with a wound.
        let cut = EXAMPLE.char_indices().map(|(at, _)| at).find(|at| *at >= cut).unwrap_or(EXAMPLE.len());
        let wounded = format!("{}{put}{}", &EXAMPLE[..cut], &EXAMPLE[cut..]);
        Policy::parse(&[file("x", &wounded)]).ok();
    }
}
