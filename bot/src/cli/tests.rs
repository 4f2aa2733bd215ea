use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<CommandLine, clap::Error> {
    CommandLine::try_parse_from(["breakglass"].into_iter().chain(line.split(' ')))
}

#[test]
fn the_command_line_makes_sense_to_clap() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_command_takes_the_configuration_and_json() {
    let line = parse("grants list --config x.toml --json").unwrap();
    assert_eq!(line.everywhere.config, Some("x.toml".into()));
    assert!(line.everywhere.json);
}

#[test]
fn revoking_names_one_grant_or_all_and_says_why() {
    for right in [
        "grants revoke BG-7 --reason gone",
        "grants revoke 7 --reason gone",
        "grants revoke --all --reason x",
    ] {
        assert!(parse(right).is_ok(), "{right}");
    }
    for (wrong, kind) in [
        ("grants revoke BG-7", ErrorKind::MissingRequiredArgument),
        (
            "grants revoke --reason x",
            ErrorKind::MissingRequiredArgument,
        ),
        (
            "grants revoke BG-7 --all --reason x",
            ErrorKind::ArgumentConflict,
        ),
        ("grants revoke BG --reason x", ErrorKind::ValueValidation),
        ("grants revoke --all --reason ", ErrorKind::ValueValidation),
        ("lockdown on", ErrorKind::MissingRequiredArgument),
    ] {
        assert_eq!(parse(wrong).unwrap_err().kind(), kind, "{wrong}");
    }
}

#[test]
fn no_command_approves_or_reviews() {
    for wrong in [
        "requests approve BG-7",
        "reviews close BG-7",
        "grants extend BG-7",
    ] {
        assert_eq!(
            parse(wrong).unwrap_err().kind(),
            ErrorKind::InvalidSubcommand,
            "{wrong}"
        );
    }
}
