//! Who may get access, and for whom.

use super::*;

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
