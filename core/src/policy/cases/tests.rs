use super::*;
use crate::policy::tests::{example, file};

const EXAMPLE: &str = include_str!("../../../../docs/example/policy-tests.toml");

#[test]
fn the_cases_of_the_example_pass() {
    let policy = example();
    let cases =
        read(&file("policy-tests.toml", EXAMPLE), &policy).unwrap_or_else(|f| panic!("{f}"));
    let mut report = Report::default();
    report.run("policy-tests.toml", &cases, &policy);
    assert_eq!(report.to_string(), "12 passed, 0 failed\n");
}

fn check(text: &str, report: &str) {
    let policy = example();
    let text = format!("[[case]]\nname = 'it'\nas = 'maya'\nrole = 'orders-db/admin'\n{text}");
    let printed = match read(&file("t.toml", &text), &policy) {
        Ok(cases) => {
            let mut report = Report::default();
            report.run("t.toml", &cases, &policy);
            report.to_string()
        }
        Err(faults) => faults.to_string(),
    };
    assert_eq!(printed, report);
}

#[test]
fn what_differs_is_told() {
    check(
        "incident = 'INC-1'\nexpect = 'deny'\nguard = 'no-contractor-admin'\nrule = 'on-call-alone'\n\
         approvals = 'none'\nmax_duration = '30m'\napproved_by = ['dana']\nquorum = true\n\
         risk_at_least = 90\n",
        "t.toml: it: expected deny, but two-people allows it; expected rule on-call-alone, not \
         two-people; guard no-contractor-admin doesn't forbid it; expected approvals none, not 1 of \
         group:dba and 1 of group:security; expected max_duration 30 min, not 1 h; approvals by dana \
         don't fill the quorum; the risk is 55\n0 passed, 1 failed\n",
    );
    check(
        "expect = 'allow'\nrule = 'two-people'\nguard = 'no-contractor-admin'\n",
        "t.toml: it: expected allow, not deny: on-call-alone: context.on_call is false; not \
         context.severity <= 1: context.severity is 5 two-people: an incident like INC-[0-9]+ must be \
         named; expected guard no-contractor-admin, not no guard: on-call-alone: context.on_call is \
         false; not context.severity <= 1: context.severity is 5 two-people: an incident like \
         INC-[0-9]+ must be named; a denial has no rule\n0 passed, 1 failed\n",
    );
}

#[test]
fn cases_are_read_strictly() {
    check(
        "expect = 'alow'\nfor = 'mya'\nunknown = ['on_cal']\ngroups = { sr = ['bo'] }\n\
         facts = { on_call = 1, first_tme = true }\nquorum = true\nrule = 'x'\nat = '2026-03-02'\n",
        "t.toml:5:10: case[0].expect: \"alow\" is not one of allow, deny; did you mean allow?\n\
         t.toml:6:7: case[0].for: there is no person mya; did you mean maya?\n\
         t.toml:7:12: case[0].unknown[0]: there is no fact \"on_cal\"; did you mean on_call?\n\
         t.toml:8:17: case[0].groups.sr: there is no group sr; did you mean sre?\n\
         t.toml:9:21: case[0].facts.on_call: must be true or false, not a whole number\n\
         t.toml:9:24: case[0].facts.first_tme: unknown key; did you mean first_time?\n\
         t.toml:10:10: case[0].quorum: approved_by and quorum go together\n\
         t.toml:12:6: case[0].at: must be an instant like 2026-03-02T02:14:00Z, without quotes, not a text\n",
    );
}
