//! What `doctor` says about Slack when something is wrong: what it is, and what to do.

use breakglass_core::port::chat::{Chat as _, Named};
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use breakglass_sandbox::{Delivery, Fault, Options, Sandbox};
use breakglass_slack::{SlackChat, SlackConfig};

use super::office::{MovedClock, app, config, options};

async fn findings(
    options: Options,
    channels: &[&str],
    change: impl FnOnce(&mut SlackConfig, &Sandbox),
) -> Vec<Finding> {
    let sandbox = Sandbox::start(options).await.unwrap();
    let mut config = config(&sandbox, &Delivery::Socket, &MovedClock::default());
    change(&mut config, &sandbox);
    let named = Named {
        channels: channels.iter().map(ToString::to_string).collect(),
        groups: [("S01SRE".to_owned(), "sre".parse().unwrap())].into(),
    };
    SlackChat::new(config).unwrap().examine(&named).await
}

/// Exactly one finding says `text`, is as bad as expected, and says what to do.
fn check(findings: &[Finding], level: FindingLevel, text: &str) {
    let found: Vec<&Finding> = findings.iter().filter(|f| f.what.contains(text)).collect();
    let [found] = found.as_slice() else {
        panic!("{text:?} is not said once in {findings:#?}");
    };
    assert_eq!(found.level, level, "{found:?}");
    assert!(!found.mend.is_empty(), "{found:?}");
}

#[tokio::test]
async fn all_is_well() {
    let findings = findings(options(), &[], |_, _| {}).await;
    let bad: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.level != FindingLevel::Ok)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(findings.len(), 6, "{findings:#?}");
}

#[tokio::test]
async fn wrong_tokens_are_told() {
    let wrong = |config: &mut SlackConfig, _: &Sandbox| config.bot_token = "xoxb-wrong".into();
    let told = findings(options(), &[], wrong).await;
    check(
        &told,
        FindingLevel::Failure,
        "the bot token is refused (invalid_auth)",
    );
    let wrong = |config: &mut SlackConfig, _: &Sandbox| {
        config.mode = breakglass_slack::Mode::Socket {
            app_token: "xapp-wrong".into(),
        };
    };
    let told = findings(options(), &[], wrong).await;
    check(&told, FindingLevel::Failure, "slack: the app token");
}

#[tokio::test]
async fn the_wrong_workspace_is_told() {
    let wrong = |config: &mut SlackConfig, _: &Sandbox| config.team = "T0OTHER".to_owned();
    let told = findings(options(), &[], wrong).await;
    check(&told, FindingLevel::Failure, "slack.team is T0OTHER");
}

#[tokio::test]
async fn scopes_too_few_and_too_many_are_told() {
    let mut app = app();
    app.scopes.retain(|scope| scope != "usergroups:read");
    app.scopes.push("files:write".to_owned());
    let options = Options { app, ..options() };
    let told = findings(options, &[], |_, _| {}).await;
    check(&told, FindingLevel::Failure, "lacks usergroups:read");
    check(
        &told,
        FindingLevel::Warning,
        "more than it needs: files:write",
    );
}

#[tokio::test]
async fn each_channel_is_looked_at() {
    let channels = ["C0NOWHERE", "C0SHARED", "C0ALONE", "C0ALONE"];
    let told = findings(options(), &channels, |_, _| {}).await;
    check(&told, FindingLevel::Failure, "C0NOWHERE: no such channel");
    check(
        &told,
        FindingLevel::Failure,
        "(#shared) is shared with another company",
    );
    check(
        &told,
        FindingLevel::Failure,
        "(#alone): the bot isn't in it",
    );
}

#[tokio::test]
async fn a_user_group_that_is_not_there_is_told() {
    let mut options = options();
    options.usergroups.clear();
    let told = findings(options, &[], |_, _| {}).await;
    let text = "group sre: there is no user group S01SRE, or it is disabled";
    check(&told, FindingLevel::Failure, text);
}

#[tokio::test]
async fn slack_being_away_is_told_on_one_line() {
    for fault in [Fault::ServerError, Fault::Hang] {
        let told = findings(options(), &[], |_, sandbox| sandbox.fail("*", 9, fault)).await;
        assert_eq!(told[0].level, FindingLevel::Failure, "{told:#?}");
        assert!(told[0].mend.contains("network"), "{told:#?}");
    }
}
