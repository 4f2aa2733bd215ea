//! What `doctor` says about Discord: token, application, guild, intents, channels, roles.

use std::collections::{BTreeMap, BTreeSet};

use breakglass_core::id::{GroupId, Platform};
use breakglass_core::port::chat::{ChatError, Named};
use breakglass_core::port::provisioner::Finding;
use serde::Deserialize;
use serenity::http::Route;
use serenity::model::permissions::Permissions;

use super::Client;
use super::calls::Channel;
use super::config::Mode;

/// Of an application: it may read members, as an application in many guilds and as one in few.
const MEMBERS_INTENT: u64 = 1 << 14 | 1 << 15;
/// Kinds of channels that take messages and threads: text, announcements.
const TEXT_KINDS: [u8; 2] = [0, 5];

#[derive(Deserialize)]
struct Application {
    id: String,
    name: Option<String>,
    #[serde(default)]
    flags: u64,
    bot: Option<Bot>,
    interactions_endpoint_url: Option<String>,
}

#[derive(Deserialize)]
struct Bot {
    id: String,
}

#[derive(Deserialize)]
struct Guild {
    name: String,
    #[serde(default)]
    mfa_level: u8,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize)]
struct Role {
    id: String,
    permissions: String,
}

#[derive(Deserialize)]
struct OurRoles {
    #[serde(default)]
    roles: BTreeSet<String>,
}

/// Who should read a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Approvers and security.
    Few,
    /// Anybody who needs help.
    Everybody,
}

/// What is needed to judge a channel.
struct House {
    guild: String,
    roles: BTreeMap<String, Permissions>,
    bot: String,
    bot_roles: BTreeSet<String>,
}

/// Where to look when Discord doesn't answer.
const LOOK: &str = "check the network, and discord.api_url; https://discordstatus.com tells whether Discord is down";

fn failed(about: &str, error: &ChatError) -> Finding {
    error.finding(about, Platform::Discord, LOOK)
}

impl Client {
    /// Everything that can be checked without posting anything.
    pub(crate) async fn examine(&self, named: &Named) -> Vec<Finding> {
        let application: Application = match self
            .rest
            .get("application", Route::Oauth2ApplicationCurrent, Vec::new())
            .await
        {
            Ok(application) => application,
            Err(error) => return vec![failed("discord", &error)],
        };
        let mut findings = self.examine_application(&application);
        let route = Route::Guild {
            guild_id: self.guild,
        };
        let guild: Guild = match self.rest.get("guild", route, Vec::new()).await {
            Ok(guild) => guild,
            Err(ChatError::Gone(_) | ChatError::Refused(_)) => {
                findings.push(Finding::failure(
                    format!("discord: the bot isn't in the server {}", self.config.guild),
                    "invite it there, or set discord.guild",
                ));
                return findings;
            }
            Err(error) => {
                findings.push(failed("discord: the server", &error));
                return findings;
            }
        };
        findings.push(Finding::ok(format!(
            "discord: the server is {}",
            guild.name
        )));
        findings.push(if guild.mfa_level == 0 {
            Finding::warning(
                "discord: the server's moderators need no second factor".to_owned(),
                "require it in the server's safety settings",
            )
        } else {
            Finding::ok("discord: the server's moderators need a second factor".to_owned())
        });
        findings.push(self.examine_members().await);
        match self.house(&application, &guild).await {
            Ok(house) => {
                findings.extend(self.examine_channels(&house, &named.channels).await);
                findings.extend(examine_roles(&house, &named.groups));
            }
            Err(error) => findings.push(failed("discord: what the bot may do", &error)),
        }
        findings
    }

    fn examine_application(&self, application: &Application) -> Vec<Finding> {
        let name = application.name.as_deref().unwrap_or("?");
        let mut findings = Vec::new();
        findings.push(if application.id == self.config.application_id {
            Finding::ok(format!("discord: the token is for {name} ({})", application.id))
        } else {
            Finding::failure(
                format!(
                    "discord: the token is for the application {name} ({}), discord.application_id is {}",
                    application.id, self.config.application_id
                ),
                "set discord.application_id, or take the token of the other application",
            )
        });
        if application
            .bot
            .as_ref()
            .is_some_and(|bot| bot.id != application.id)
        {
            findings.push(Finding::failure(
                "discord: the application is so old that its bot has another id: its buttons can't be told from others'".to_owned(),
                "make a new application",
            ));
        }
        if application.flags & MEMBERS_INTENT == 0 {
            findings.push(Finding::failure(
                "discord: Server Members Intent is off: roles give no groups".to_owned(),
                "switch it on for the bot on https://discord.com/developers/applications",
            ));
        }
        let endpoint = application.interactions_endpoint_url.as_deref();
        let endpoint = endpoint.filter(|url| !url.is_empty());
        match (&self.config.mode, endpoint) {
            (Mode::Gateway, Some(_)) => findings.push(Finding::failure(
                "discord: the application has an interactions endpoint, so the gateway gets none"
                    .to_owned(),
                "remove the Interactions Endpoint URL, or set discord.mode to http",
            )),
            (Mode::Http { .. }, None) => findings.push(Finding::warning(
                "discord: the application has no interactions endpoint yet".to_owned(),
                "set its Interactions Endpoint URL to …/discord/interactions",
            )),
            (Mode::Gateway, None) | (Mode::Http { .. }, Some(_)) => {}
        }
        findings
    }

    async fn examine_members(&self) -> Finding {
        match self.with_members(BTreeMap::len).await {
            Ok(count) => Finding::ok(format!("discord: {count} members can be listed")),
            Err(error) => failed("discord: the members", &error),
        }
    }

    async fn house(&self, application: &Application, guild: &Guild) -> Result<House, ChatError> {
        let bot = application
            .bot
            .as_ref()
            .map_or(&application.id, |bot| &bot.id);
        let route = Route::GuildMember {
            guild_id: self.guild,
            user_id: super::id(bot)?,
        };
        let ours: OurRoles = self.rest.get("our member", route, Vec::new()).await?;
        let roles = guild.roles.iter();
        Ok(House {
            guild: self.config.guild.clone(),
            roles: roles
                .map(|role| (role.id.clone(), bits(&role.permissions)))
                .collect(),
            bot: bot.clone(),
            bot_roles: ours.roles,
        })
    }

    async fn examine_channels(&self, house: &House, named: &BTreeSet<String>) -> Vec<Finding> {
        let config = &self.config;
        let configured = [
            (
                &config.approvers_channel,
                "discord.approvers_channel",
                Readers::Few,
            ),
            (
                &config.security_channel,
                "discord.security_channel",
                Readers::Few,
            ),
        ];
        let help = config.help_channel.iter();
        let help = help.map(|channel| (channel, "discord.help_channel", Readers::Everybody));
        let named = named.iter().map(|channel| {
            (
                channel,
                "discord_approvers_channel of a target",
                Readers::Few,
            )
        });
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for (channel, role, readers) in configured.into_iter().chain(help).chain(named) {
            if !seen.insert(channel) {
                continue;
            }
            let about = format!("discord: {role} {channel}");
            findings.push(match self.channel(channel).await {
                Ok(channel) => judge(house, &about, &channel, readers),
                Err(ChatError::Gone(_)) => Finding::failure(
                    format!("{about}: no such channel"),
                    "right-click the channel and copy its id",
                ),
                Err(ChatError::Refused(_)) => Finding::failure(
                    format!("{about}: the bot can't see it"),
                    "let the bot view the channel",
                ),
                Err(error) => failed(&about, &error),
            });
        }
        findings
    }
}

/// Are all roles there, and can they be somebody's?
fn examine_roles(house: &House, named: &BTreeMap<String, GroupId>) -> Vec<Finding> {
    let unusable = |(id, group): (&String, &GroupId)| {
        if *id == house.guild {
            return Some(Finding::failure(
                format!("discord: group {group}: {id} is @everyone"),
                "make a role of its own for the group, and name it in the policy",
            ));
        }
        (!house.roles.contains_key(id)).then(|| {
            Finding::failure(
                format!("discord: group {group}: the server has no role {id}"),
                "right-click the role in the server's settings and copy its id into the policy",
            )
        })
    };
    let unusable: Vec<Finding> = named.iter().filter_map(unusable).collect();
    if unusable.is_empty() && !named.is_empty() {
        let count = named.len();
        return vec![Finding::ok(format!(
            "discord: the roles of the policy are there: {count}"
        ))];
    }
    unusable
}

fn judge(house: &House, about: &str, channel: &Channel, readers: Readers) -> Finding {
    let about = format!("{about} (#{})", channel.name.as_deref().unwrap_or("?"));
    if channel.guild_id.as_deref() != Some(&house.guild) {
        return Finding::failure(
            format!("{about} is in another server"),
            "choose a channel of discord.guild",
        );
    }
    if !TEXT_KINDS.contains(&channel.kind) {
        return Finding::failure(
            format!("{about} isn't a text channel"),
            "choose a text channel",
        );
    }
    let needed = [
        (Permissions::VIEW_CHANNEL, "View Channel"),
        (Permissions::SEND_MESSAGES, "Send Messages"),
        (Permissions::EMBED_LINKS, "Embed Links"),
        (Permissions::CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (
            Permissions::SEND_MESSAGES_IN_THREADS,
            "Send Messages in Threads",
        ),
    ];
    let may = permissions(house, channel, Some(&house.bot));
    let lacking: Vec<&str> = needed
        .iter()
        .filter(|(permission, _)| !may.contains(*permission))
        .map(|(_, name)| *name)
        .collect();
    if !lacking.is_empty() {
        return Finding::failure(
            format!("{about}: the bot lacks {}", lacking.join(", ")),
            "give it these permissions in the channel",
        );
    }
    if readers == Readers::Few
        && permissions(house, channel, None).contains(Permissions::VIEW_CHANNEL)
    {
        return Finding::warning(
            format!("{about} can be read by @everyone"),
            "take View Channel from @everyone there, and give it to approvers and security",
        );
    }
    if !may.contains(Permissions::MENTION_EVERYONE) {
        return Finding::warning(
            format!("{about}: the bot can mention only roles that anyone can"),
            "give it Mention @everyone, @here and All Roles there, or make the approvers' roles mentionable",
        );
    }
    Finding::ok(format!("{about}: the bot may post there"))
}

/// What the bot may do in a channel, or anybody: <https://docs.discord.com/developers/topics/permissions>.
fn permissions(house: &House, channel: &Channel, bot: Option<&str>) -> Permissions {
    let roles = || house.bot_roles.iter().filter(|_| bot.is_some());
    let of_role = |id: &String| house.roles.get(id).copied().unwrap_or_default();
    let base = roles().fold(of_role(&house.guild), |all, role| all | of_role(role));
    if base.contains(Permissions::ADMINISTRATOR) {
        return Permissions::all();
    }
    let overwrite = |id: &str| {
        let found = channel
            .permission_overwrites
            .iter()
            .find(|one| one.id == id);
        found.map(|one| (bits(&one.allow), bits(&one.deny)))
    };
    let apply = |base: Permissions, (allow, deny): (Permissions, Permissions)| base & !deny | allow;
    let everyone = overwrite(&house.guild).unwrap_or_default();
    let of_roles = roles().filter_map(|role| overwrite(role));
    let of_roles = of_roles.fold(Default::default(), |(allow, deny), one| {
        (allow | one.0, deny | one.1)
    });
    let own = bot.and_then(overwrite).unwrap_or_default();
    [everyone, of_roles, own].into_iter().fold(base, apply)
}

fn bits(text: &str) -> Permissions {
    Permissions::from_bits_retain(text.parse().unwrap_or_default())
}
