//! What `doctor` says of a guild.

use breakglass_core::port::chat::{Chat as _, Named};
use breakglass_core::port::provisioner::{Finding, FindingLevel};
use breakglass_sandbox::discord::{Channel, Options, Permissions};

use super::office::{APPROVERS, DBA, GUILD, LOUNGE, Office, options};

async fn findings(options: Options, channels: &[&str], roles: &[&str]) -> Vec<Finding> {
    let office = Office::quiet(options).await;
    let group = |role: &&str| (role.to_string(), "dba".parse().unwrap());
    let named = Named {
        channels: channels.iter().map(ToString::to_string).collect(),
        groups: roles.iter().map(group).collect(),
    };
    office.chat.examine(&named).await
}

fn says(findings: &[Finding], level: FindingLevel, words: &str) {
    let said = findings
        .iter()
        .any(|one| one.level == level && one.what.contains(words));
    assert!(said, "no {level:?} about {words:?} in {findings:#?}");
}

#[tokio::test]
async fn all_is_well() {
    let findings = findings(options(), &[], &[DBA]).await;
    let failed = findings
        .iter()
        .any(|one| one.level == FindingLevel::Failure);
    assert!(!failed, "{findings:#?}");
    says(&findings, FindingLevel::Ok, "the token is for breakglass");
    says(&findings, FindingLevel::Ok, "members can be listed");
    says(&findings, FindingLevel::Ok, "need a second factor");
    says(
        &findings,
        FindingLevel::Ok,
        "roles of the policy are there: 1",
    );
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let mut options = options();
    options.demands_mfa = false;
    options.app.has_members_intent = false;
    options.channels.retain(|channel| channel.id != APPROVERS);
    options.channels.push(
        Channel::private("400000000000000008", "mute", &[]).with_overwrite(
            &options.app.id.clone(),
            Permissions::VIEW_CHANNEL,
            Permissions::SEND_MESSAGES,
        ),
    );
    let named = [LOUNGE, "400000000000000008"];
    let findings = findings(options, &named, &[DBA, GUILD, "9"]).await;
    says(&findings, FindingLevel::Warning, "need no second factor");
    says(
        &findings,
        FindingLevel::Failure,
        "Server Members Intent is off",
    );
    says(&findings, FindingLevel::Failure, "no such channel");
    says(&findings, FindingLevel::Warning, "can be read by @everyone");
    says(&findings, FindingLevel::Failure, "lacks Send Messages");
    says(&findings, FindingLevel::Failure, "is @everyone");
    says(
        &findings,
        FindingLevel::Failure,
        "group dba: the server has no role 9",
    );
}

#[tokio::test]
async fn a_bot_that_is_not_there_is_said() {
    let office = Office::quiet(options()).await;
    office.guild.kick_app();
    let findings = office.chat.examine(&Named::default()).await;
    says(
        &findings,
        FindingLevel::Failure,
        &format!("isn't in the server {GUILD}"),
    );
}
