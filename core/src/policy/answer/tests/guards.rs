//! What guards stop, and what lifts them.

use super::*;

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
