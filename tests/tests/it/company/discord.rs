//! People at work in the demo's Discord guild.

use std::time::Duration;

use async_trait::async_trait;
use breakglass::demo::guild::{self, APPROVERS, INCIDENT, SECURITY};
use breakglass_core::id::Platform;
use breakglass_core::intent::Sender;
use breakglass_sandbox::discord::{Channel, Fault, Guild, Member, Message, MessageId, Options};
use serde_json::{Value, json};

use super::hands::{Away, Call, Hands, Line, PATIENCE, Place, Post, Who};

/// Where people whom the policy doesn't list are made known.
pub(crate) const HELP: &str = "810000000000000004";

pub(crate) struct DiscordHands(pub(crate) Guild);

pub(crate) const fn account(who: Who) -> &'static str {
    match who {
        Who::Maya => "820000000000000001",
        Who::Bo => "820000000000000002",
        Who::Ines => "820000000000000003",
        Who::Tom => "820000000000000004",
        Who::Lee => "820000000000000005",
        Who::Noor => "820000000000000006",
        Who::Sam => "820000000000000007",
    }
}

/// The demo's guild, with somebody whom the policy doesn't list.
pub(crate) fn options() -> Options {
    let mut options = guild::options();
    let stranger = Member::new(account(Who::Sam), "sam.stranger", "Sam Stranger", &[]);
    options.members.push(stranger);
    let help = Channel::public(HELP, "access-help");
    options.channels.push(help);
    options
}

impl DiscordHands {
    /// What everybody in a channel sees; threads are channels of their own.
    fn heads(&self, channel: &str) -> Vec<Message> {
        let mut heads = self.0.messages(channel);
        heads.retain(|message| message.only_for.is_none());
        heads
    }

    fn threads(&self, channel: &str) -> Vec<Message> {
        let heads = self.heads(channel).into_iter();
        heads.flat_map(|head| self.0.thread(&head)).collect()
    }
}

#[async_trait]
impl Hands for DiscordHands {
    fn name(&self) -> &'static str {
        "Discord"
    }

    fn sender(&self, who: Who) -> Sender {
        Sender {
            platform: Platform::Discord,
            account: account(who).to_owned(),
            workspace: guild::GUILD.to_owned(),
        }
    }

    fn posts(&self, place: Place) -> Vec<Post> {
        let messages = match place {
            Place::Approvers => self.heads(APPROVERS),
            Place::ApproversThreads => self.threads(APPROVERS),
            Place::Security => [self.heads(SECURITY), self.threads(SECURITY)].concat(),
            Place::SecurityHeads => self.heads(SECURITY),
            Place::SecurityThreads => self.threads(SECURITY),
            Place::Help => self.heads(HELP),
            Place::Direct(who) => self.0.messages(account(who)),
            Place::Own(who) => self.0.ephemerals(account(who)),
        };
        let post = |message: Message| Post {
            text: message.shown(),
            buttons: message.buttons(),
            channel: message.channel,
            id: message.id,
        };
        messages.into_iter().map(post).collect()
    }

    async fn waits(&self, limit: Duration, is_so: &(dyn Fn() -> bool + Send + Sync)) -> bool {
        let seen = self.0.wait_for(limit, |_| is_so().then_some(()));
        seen.await.is_some()
    }

    async fn tries_to_type(&self, who: Who, line: &Line<'_>) -> Result<(), String> {
        let (name, options) = match line {
            Line::Nothing => ("request", json!({})),
            Line::Ask {
                target,
                role,
                duration,
                severity,
                incident,
                why,
            } => {
                let mut options = json!({
                    "target": target, "role": role, "duration": duration, "severity": severity, "why": why,
                });
                if let Some(incident) = incident {
                    options["incident"] = json!(incident);
                }
                ("request", options)
            }
            Line::Status => ("status", json!({})),
            Line::End => ("end", json!({})),
            Line::Revoke { request, why } => ("revoke", json!({ "id": request, "why": why })),
            Line::Withdraw(None) => ("withdraw", json!({})),
            Line::Withdraw(Some(request)) => ("withdraw", json!({ "id": request })),
            Line::Lockdown(why) => ("lockdown", json!({ "why": why })),
            Line::Link => ("link", json!({})),
            Line::Enter(code) => ("link", json!({ "code": code })),
            Line::Unlink => ("unlink", json!({})),
            Line::UnlinkOf(who) => ("unlink", json!({ "person": account(*who) })),
        };
        let command = format!("/breakglass {name}");
        let typed = self.0.slash(account(who), INCIDENT, &command, options);
        typed.await.map(drop).map_err(|error| error.to_string())
    }

    async fn tries_to_press(&self, who: Who, post: &Post, button: &str) -> Result<(), String> {
        let message = MessageId {
            channel: post.channel.clone(),
            id: post.id.clone(),
        };
        let pressed = self.0.press(account(who), message, button).await;
        pressed.map(drop).map_err(|error| error.to_string())
    }

    /// Only what is done in the guild counts.
    async fn gives_back(&self, who: Who) {
        let told = self.finds(Place::Direct(who), "End now").await;
        assert!(told.contains("/breakglass end id:BG-1"), "{told}");
        self.types(who, &Line::End).await;
    }

    async fn fills(&self, who: Who, fields: &[(&str, &str)]) {
        let open = |guild: &Guild| guild.view(account(who)).map(|_| ());
        self.0.wait_for(PATIENCE, open).await.expect("a form opens");
        let filled = fields
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).into()));
        let filled = Value::Object(filled.collect());
        self.0.submit_view(account(who), filled).await.unwrap();
    }

    async fn opens(&self, who: Who, words: &str) -> String {
        let form = |guild: &Guild| Some(guild.view(account(who))?.shown());
        let open = |guild: &Guild| form(guild).filter(|form| form.contains(words));
        let found = self.0.wait_for(PATIENCE, open).await;
        found.unwrap_or_else(|| panic!("no form for {who:?} says {words:?}: {:?}", form(&self.0)))
    }

    async fn looks_up(&self, who: Who, words: &str) -> String {
        self.reads(who, words).await
    }

    /// No form may follow a form: what is wrong is told in words, and a button opens it again.
    async fn is_sent_back(&self, who: Who, fault: &str, typed: &str) {
        let told = self.reads(who, fault).await;
        assert!(told.contains(typed), "{told}");
        let place = Place::Own(who);
        self.presses(who, place, fault, "Open the form again").await;
        self.opens(who, typed).await;
    }

    fn lose(&self, who: Who) {
        self.0.leave(account(who));
    }

    fn listed(&self, who: Who) -> String {
        format!("discord = \"{}\"", account(who))
    }

    fn fail(&self, call: Call, times: usize, how: Away) {
        let route = match call {
            Call::Any => "*",
            Call::Post => "POST /channels/{channel_id}/messages",
            Call::Edit => "PATCH /channels/{channel_id}/messages/{message_id}",
            Call::Form => "POST /interactions/{interaction_id}/{interaction_token}/callback",
            Call::People => "GET /guilds/{guild_id}/members",
        };
        let fault = match how {
            Away::Limits => Fault::RateLimited {
                retry_after_secs: 1.0,
            },
            Away::Fails => Fault::ServerError,
            Away::Hangs => Fault::Hang,
            Away::LosesAnswers => Fault::LostAnswer,
        };
        self.0.fail(route, times, fault);
    }

    fn heal(&self) {
        self.0.heal();
    }

    fn is_connected(&self) -> bool {
        self.0.connections() > 0
    }

    fn complaints(&self) -> Vec<String> {
        self.0.complaints()
    }
}
