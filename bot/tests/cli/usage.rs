//! Wrong usage, help and the version.

use super::shell::Shell;

#[test]
fn wrong_usage_exits_with_2_and_names_the_nearest() {
    let shell = Shell::new();
    shell
        .run("lockdwn status")
        .exits(2)
        .says("a similar subcommand exists: 'lockdown'");
    shell
        .run("grants revoke BG-7")
        .exits(2)
        .says("--reason <TEXT>");
    shell
        .run("grants revoke BG-x --reason why")
        .exits(2)
        .says("a request is called BG-1, BG-2");
    shell.run("").exits(2).says("Usage: breakglass");
}

#[test]
fn help_and_version_are_facts() {
    let shell = Shell::new();
    shell.run("--help").exits(0).tells("BREAKGLASS_CONFIG");
    shell.run("--version").exits(0).tells("breakglass 0.");
}
