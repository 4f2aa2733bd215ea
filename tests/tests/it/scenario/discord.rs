//! People at work in the demo's Discord guild.

use async_trait::async_trait;
use breakglass::demo::guild::{self, APPROVERS, INCIDENT, SECURITY};
use breakglass_sandbox::discord::{Channel, Fault, Guild, Member, Message, Options};
use serde_json::{Value, json};

use super::hands::{Away, Call, Hands, Line, PATIENCE, Place, Who};

/// Where people whom the policy doesn't list are made known.
pub(super) const HELP: &str = "810000000000000004";

pub(super) struct DiscordHands(pub(super) Guild);

pub(super) const fn account(who: Who) -> &'static str {
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
pub(super) fn options() -> Options {
    let mut options = guild::options();
    let stranger = Member::new(account(Who::Sam), "sam.stranger", "Sam Stranger", &[]);
    options.members.push(stranger);
    let help = Channel::public(HELP, "access-help");
    options.channels.push(help);
    options
}

impl DiscordHands {
    fn messages(guild: &Guild, place: Place) -> Vec<Message> {
        match place {
            Place::Approvers => guild.messages(APPROVERS),
            Place::ApproversThreads => {
                let heads = guild.messages(APPROVERS).into_iter();
                heads.flat_map(|head| guild.thread(&head)).collect()
            }
            Place::Security => {
                let threads = Self::messages(guild, Place::SecurityThreads);
                let heads = guild.messages(SECURITY).into_iter();
                heads.chain(threads).collect()
            }
            Place::SecurityThreads => {
                let heads = guild.messages(SECURITY).into_iter();
                heads.flat_map(|head| guild.thread(&head)).collect()
            }
            Place::Help => guild.messages(HELP),
            Place::Direct(who) => guild.messages(account(who)),
            Place::Own(who) => guild.ephemerals(account(who)),
        }
    }

    async fn message(&self, place: Place, words: &str) -> Message {
        self.message_with(place, words, None).await
    }

    /// The same may be said in several messages, of which one has the button.
    async fn message_with(&self, place: Place, words: &str, button: Option<&str>) -> Message {
        let has = |message: &Message, wanted| message.buttons().iter().any(|there| there == wanted);
        let found = self.0.wait_for(PATIENCE, |guild| {
            let all = Self::messages(guild, place).into_iter();
            all.rev().find(|message| {
                let is_meant = button.is_none_or(|button| has(message, button));
                is_meant && message.shown().contains(words)
            })
        });
        found.await.unwrap_or_else(|| self.never(place, words))
    }

    fn never(&self, place: Place, words: &str) -> ! {
        let (said, complaints) = (self.said(place), self.complaints());
        panic!("Discord, {place:?}: never {words:?}, but {said:#?}; {complaints:?}")
    }
}

#[async_trait]
impl Hands for DiscordHands {
    async fn types(&self, who: Who, line: &Line<'_>) {
        let (name, options) = match line {
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
            Line::Withdraw(None) => ("withdraw", json!({})),
            Line::Withdraw(Some(request)) => ("withdraw", json!({ "id": request })),
            Line::Lockdown(why) => ("lockdown", json!({ "why": why })),
            Line::Link => ("link", json!({})),
            Line::Enter(code) => ("link", json!({ "code": code })),
            Line::Unlink => ("unlink", json!({})),
        };
        let command = format!("/breakglass {name}");
        let typed = self.0.slash(account(who), INCIDENT, &command, options);
        typed.await.unwrap();
    }

    async fn presses(&self, who: Who, place: Place, words: &str, button: &str) {
        let message = self.message_with(place, words, Some(button)).await;
        self.0.press(account(who), &message, button).await.unwrap();
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

    async fn finds(&self, place: Place, words: &str) -> String {
        self.message(place, words).await.shown()
    }

    async fn finds_all(&self, place: Place, words: &str, times: usize) -> Vec<String> {
        let found = self.0.wait_for(PATIENCE, |guild| {
            let all = Self::messages(guild, place);
            let all = all.iter().map(Message::shown);
            let all: Vec<String> = all.filter(|text| text.contains(words)).collect();
            Some(all).filter(|all| all.len() >= times)
        });
        found.await.unwrap_or_else(|| self.never(place, words))
    }

    async fn buttons(&self, place: Place, words: &str) -> Vec<String> {
        self.message(place, words).await.buttons()
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

    fn said(&self, place: Place) -> Vec<String> {
        Self::messages(&self.0, place)
            .iter()
            .map(Message::shown)
            .collect()
    }

    fn complaints(&self) -> Vec<String> {
        self.0.complaints()
    }
}
