use super::*;

#[test]
fn says_what_happened_what_to_do_and_who_can_help() {
    let trouble = Trouble::new("can't read x.toml", "Pass --config FILE.")
        .details(["no such file"])
        .ask("Who runs breakglass.");
    assert_eq!(
        trouble.to_string(),
        "can't read x.toml\n  no such file\nWhat to do: Pass --config FILE.\nWho can help: Who runs breakglass."
    );
}

#[test]
fn fits_one_screen() {
    let trouble = Trouble::new("40 faults", "Mend them.").details((0..40).map(|n| n.to_string()));
    let text = trouble.to_string();
    assert!(text.contains("… and 24 more"), "{text}");
    assert!(text.lines().count() < 24, "{text}");
}
