use super::*;
use crate::policy::tests::{example, question};

fn explained(question: &Question, facts: &Facts) -> String {
    let explanation = example().explain(question, facts, Timestamp::from_millis(1_772_417_640_000));
    let json = serde_json::to_string_pretty(&explanation.to_json()).unwrap();
    let text = format!("{explanation}\n{json}");
    text.replace(example().hash().as_str(), "sha256:…")
}

#[test]
fn an_allow_is_explained() {
    let question = Question {
        incident: Some("INC-7".to_owned()),
        ..question("maya", "orders-db/admin")
    };
    insta::assert_snapshot!(explained(&question, &Facts::default()));
}

#[test]
fn a_denial_by_a_guard_is_explained() {
    insta::assert_snapshot!(explained(
        &question("carl", "orders-db/admin"),
        &Facts::default()
    ));
}

#[test]
fn a_denial_by_rules_is_explained() {
    let mut facts = Facts::default();
    facts.suppose_unknown("on_call").unwrap();
    facts.suppose_unknown("group:sre").unwrap();
    insta::assert_snapshot!(explained(&question("tess", "orders-db/read"), &facts));
}
