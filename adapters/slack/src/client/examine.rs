//! What `doctor` says about Slack: tokens, scopes, channels.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::id::{GroupId, Platform};
use breakglass_core::port::chat::{ChatError, Named};
use breakglass_core::port::provisioner::Finding;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, fault};
use crate::client::config::Mode;
use crate::render::manifest::BOT_SCOPES;

/// A channel with more members than this is called wide.
const MEMBERS_WIDE: u32 = 500;

#[derive(Deserialize)]
struct Auth {
    ok: bool,
    error: Option<String>,
    team: Option<String>,
    team_id: Option<String>,
    user: Option<String>,
    bot_id: Option<String>,
}

#[derive(Deserialize)]
struct Groups {
    usergroups: Vec<Usergroup>,
}

#[derive(Deserialize)]
struct Usergroup {
    id: String,
}

#[derive(Deserialize)]
struct ChannelInfo {
    channel: Channel,
}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "Slack's own flags")]
struct Channel {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    is_member: bool,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    is_shared: bool,
    #[serde(default)]
    is_ext_shared: bool,
    #[serde(default)]
    is_org_shared: bool,
    #[serde(default)]
    is_pending_ext_shared: bool,
    num_members: Option<u32>,
}

/// Where to look when Slack doesn't answer.
const LOOK: &str =
    "check the network, and slack.api_url; https://slack-status.com tells whether Slack is down";

fn failed(about: &str, error: &ChatError) -> Finding {
    error.finding(about, Platform::Slack, LOOK)
}

impl Client {
    /// Everything that can be checked without posting anything.
    pub(crate) async fn examine(&self, named: &Named) -> Vec<Finding> {
        let (mut findings, usable) = self.examine_bot().await;
        if let Some(finding) = self.examine_app_token().await {
            findings.push(finding);
        }
        if !usable {
            return findings;
        }
        let config = self.config();
        let mut seen = BTreeSet::new();
        let configured = [
            (&config.approvers_channel, "slack.approvers_channel"),
            (&config.security_channel, "slack.security_channel"),
        ];
        let of_targets = named.channels.iter();
        let of_targets = of_targets.map(|channel| (channel, "slack_approvers_channel of a target"));
        let help = config.help_channel.iter();
        let help = help.map(|channel| (channel, "slack.help_channel"));
        for (channel, role) in configured.into_iter().chain(help).chain(of_targets) {
            if seen.insert(channel) {
                findings.push(self.examine_channel(channel, role).await);
            }
        }
        if !named.groups.is_empty() {
            findings.extend(self.examine_groups(&named.groups).await);
        }
        findings
    }

    /// Are all user groups there? One that is disabled isn't listed.
    async fn examine_groups(&self, named: &BTreeMap<String, GroupId>) -> Vec<Finding> {
        let listed: Groups = match self.get("usergroups.list", &[]).await {
            Ok(listed) => listed,
            // Told with the other scopes already.
            Err(ChatError::Refused(why)) if why.contains("missing_scope") => return Vec::new(),
            Err(error) => return vec![failed("slack: the user groups", &error)],
        };
        let there: BTreeSet<&String> = listed.usergroups.iter().map(|group| &group.id).collect();
        let missing = named.iter().filter(|(id, _)| !there.contains(id));
        let missing: Vec<Finding> = missing
            .map(|(id, group)| {
                Finding::failure(
                    format!("slack: group {group}: there is no user group {id}, or it is disabled"),
                    "copy its id (it begins with S) from the user group's menu into the policy",
                )
            })
            .collect();
        if missing.is_empty() {
            let count = named.len();
            return vec![Finding::ok(format!(
                "slack: the user groups of the policy are there: {count}"
            ))];
        }
        missing
    }

    /// Token, team, app, scopes; and whether it is worth going on.
    async fn examine_bot(&self) -> (Vec<Finding>, bool) {
        let url = format!("{}/auth.test", self.config().api_url.trim_end_matches('/'));
        let token = self.config().bot_token.expose_secret();
        let answer = match self
            .raw
            .post("auth.test", &url, Some(token), "{}".to_owned())
            .await
        {
            Ok(answer) if answer.status.is_success() => answer,
            Ok(answer) => {
                let error = fault::sort_status("auth.test", answer.status.as_u16());
                return (vec![failed("slack", &error)], false);
            }
            Err(error) => return (vec![failed("slack", &error)], false),
        };
        let Ok(auth) = serde_json::from_slice::<Auth>(&answer.body) else {
            let what = "slack: what answers at slack.api_url isn't Slack".to_owned();
            return (vec![Finding::failure(what, "check slack.api_url")], false);
        };
        if !auth.ok {
            let code = auth.error.unwrap_or_default();
            let what = format!("slack: the bot token is refused ({code})");
            return (
                vec![Finding::failure(what, fault::mend(&code, None))],
                false,
            );
        }
        let team = auth.team_id.unwrap_or_default();
        let name = auth.team.unwrap_or_default();
        let bot = auth.user.unwrap_or_default();
        if auth.bot_id.is_none() {
            let what = format!("slack: the token is a person's ({bot}), not a bot's");
            return (
                vec![Finding::failure(
                    what,
                    "set slack.bot_token to the token that begins with xoxb-",
                )],
                false,
            );
        }
        if team != self.team() {
            let what = format!(
                "slack: the bot token is for the workspace {name} ({team}), slack.team is {}",
                self.team()
            );
            return (
                vec![Finding::failure(
                    what,
                    "set slack.team, or take the token of the other workspace",
                )],
                false,
            );
        }
        let mut findings = Vec::new();
        match self.ours().await {
            Ok(ours) => findings.push(Finding::ok(format!(
                "slack: @{bot} of app {} in {name} ({team})",
                ours.app
            ))),
            Err(error) => findings.push(failed("slack: which app we are", &error)),
        }
        let granted = answer
            .headers
            .get("x-oauth-scopes")
            .and_then(|scopes| scopes.to_str().ok());
        findings.extend(scopes(granted));
        (findings, true)
    }

    async fn examine_app_token(&self) -> Option<Finding> {
        let (Mode::Socket { .. }, Some(token)) = (&self.config().mode, self.app_token()) else {
            return None;
        };
        let opened: Result<Value, ChatError> = self
            .post_as(token, "apps.connections.open", &json!({}))
            .await;
        Some(match opened {
            Ok(_) => Finding::ok("slack: the app token opens sockets".to_owned()),
            Err(ChatError::Refused(why)) if why.contains("missing_scope") => Finding::failure(
                "slack: the app token lacks connections:write".to_owned(),
                "make an app-level token with connections:write and set slack.app_token",
            ),
            Err(ChatError::Refused(why)) if why.contains("socket_mode") => Finding::failure(
                "slack: Socket Mode is off for the app".to_owned(),
                "switch Socket Mode on in the app's settings, or set slack.mode to http",
            ),
            Err(ChatError::Refused(why)) => {
                let said = why.split_once(':').map_or(why.as_str(), |(said, _)| said);
                Finding::failure(
                    format!("slack: the app token is refused: {said}"),
                    "make an app-level token with connections:write under Basic Information, and set slack.app_token",
                )
            }
            Err(error) => failed("slack: the app token", &error),
        })
    }

    async fn examine_channel(&self, channel: &str, role: &str) -> Finding {
        let about = format!("slack: {role} {channel}");
        let parameters = [("channel", channel), ("include_num_members", "true")];
        let info: Result<ChannelInfo, ChatError> =
            self.get("conversations.info", &parameters).await;
        match info {
            Ok(info) => channel_finding(&about, &info.channel),
            Err(ChatError::Refused(why)) if why.contains("channel_not_found") => Finding::failure(
                format!("{about}: no such channel, or a private one that the bot isn't in"),
                "check the id (it begins with C or G), and invite the bot: /invite @breakglass",
            ),
            Err(error) => failed(&about, &error),
        }
    }
}

fn channel_finding(about: &str, channel: &Channel) -> Finding {
    let name = channel.name.as_deref().unwrap_or("?");
    let about = format!("{about} (#{name})");
    if channel.is_ext_shared || channel.is_pending_ext_shared {
        return Finding::failure(
            format!("{about} is shared with another company"),
            "choose a channel that only your own workspace sees",
        );
    }
    if channel.is_shared || channel.is_org_shared {
        return Finding::failure(
            format!("{about} is shared with other workspaces"),
            "choose a channel of this workspace alone",
        );
    }
    if channel.is_archived {
        return Finding::failure(
            format!("{about} is archived"),
            "unarchive it or choose another",
        );
    }
    if !channel.is_member {
        return Finding::failure(
            format!("{about}: the bot isn't in it"),
            "invite it there: /invite @breakglass",
        );
    }
    match channel.num_members {
        Some(members) if members > MEMBERS_WIDE => Finding::warning(
            format!("{about} has {members} members: all of them read every request"),
            "choose a channel with approvers and security only",
        ),
        Some(members) => Finding::ok(format!(
            "{about}: the bot is in it, with {} others",
            members.saturating_sub(1)
        )),
        None => Finding::ok(format!("{about}: the bot is in it")),
    }
}

/// Compares what the token may do with what we need.
fn scopes(granted: Option<&str>) -> Vec<Finding> {
    let Some(granted) = granted else {
        return vec![Finding::warning(
            "slack: the token's scopes aren't told".to_owned(),
            "compare them with `breakglass slack manifest`",
        )];
    };
    let granted: BTreeSet<&str> = granted
        .split(',')
        .map(str::trim)
        .filter(|scope| !scope.is_empty())
        .collect();
    let needed = BTreeSet::from(BOT_SCOPES);
    let list = |scopes: Vec<&&str>| scopes.into_iter().copied().collect::<Vec<_>>().join(", ");
    let missing = list(needed.difference(&granted).collect());
    let extra = list(granted.difference(&needed).collect());
    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(Finding::failure(
            format!("slack: the bot token lacks {missing}"),
            "add the scopes as in `breakglass slack manifest`, and install the app again",
        ));
    }
    if !extra.is_empty() {
        findings.push(Finding::warning(
            format!("slack: the bot token may do more than it needs: {extra}"),
            "remove the scopes in the app's settings, and install it again",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "slack: the bot token has the scopes it needs, no more".to_owned(),
        ));
    }
    findings
}
