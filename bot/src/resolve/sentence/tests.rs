use breakglass_core::document::SourceFile;
use breakglass_core::intent::Typed;
use breakglass_core::policy::Policy;

use super::give_back;

const EXAMPLE: &str = include_str!("../../../../docs/example/policy.toml");

fn check(target: Option<&str>, role: Option<&str>, expected: &str) {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: EXAMPLE.to_owned(),
    };
    let policy = Policy::parse(&[file]).unwrap_or_else(|faults| panic!("{faults}"));
    let typed = Typed {
        target: target.map(str::to_owned),
        role: role.map(str::to_owned),
        why: "is stuck".to_owned(),
        ..Typed::default()
    };
    assert_eq!(
        give_back(&policy, &typed).why,
        expected,
        "{target:?} {role:?}"
    );
}

#[test]
fn names_stay_where_they_are() {
    check(Some("orders-db"), Some("admin"), "is stuck");
    check(Some("ORDERS_DB"), Some("adm"), "is stuck");
    check(Some("orders-db/admin"), None, "is stuck");
    check(None, None, "is stuck");
}

#[test]
fn names_that_are_nearly_right_are_asked_about() {
    check(Some("order-db"), Some("admin"), "is stuck");
    check(Some("orders-db"), Some("admn"), "is stuck");
    check(Some("orders"), Some("admin"), "is stuck");
}

#[test]
fn words_of_the_sentence_go_back_to_it() {
    check(Some("orders-db"), Some("zzgq"), "zzgq is stuck");
    check(Some("zzgq"), None, "zzgq is stuck");
    check(Some("zzgq"), Some("wwkk"), "zzgq wwkk is stuck");
}
