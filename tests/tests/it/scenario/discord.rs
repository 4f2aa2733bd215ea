//! People at work in the demo's Discord guild.

use async_trait::async_trait;
use breakglass::demo::guild::{APPROVERS, INCIDENT, SECURITY};
use breakglass_sandbox::discord::{Fault, Guild, Message};
use serde_json::{Value, json};

use super::hands::{Hands, Line, PATIENCE, Place, Who};

pub(super) struct DiscordHands(pub(super) Guild);

pub(super) const fn account(who: Who) -> &'static str {
    match who {
        Who::Maya => "820000000000000001",
        Who::Bo => "820000000000000002",
        Who::Ines => "820000000000000003",
        Who::Lee => "820000000000000005",
    }
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
                let heads = guild.messages(SECURITY);
                let threads: Vec<_> = heads.iter().flat_map(|head| guild.thread(head)).collect();
                heads.into_iter().chain(threads).collect()
            }
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
        found.await.unwrap_or_else(|| {
            panic!(
                "Discord, {place:?}: never {words:?}, but {:#?}; {:?}",
                self.said(place),
                self.complaints()
            )
        })
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
            Line::End => ("end", json!({})),
            Line::Withdraw => ("withdraw", json!({})),
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

    fn said(&self, place: Place) -> Vec<String> {
        Self::messages(&self.0, place)
            .iter()
            .map(Message::shown)
            .collect()
    }

    fn goes_away(&self) {
        self.0.fail("*", 1_000_000, Fault::ServerError);
    }

    fn comes_back(&self) {
        self.0.heal();
    }

    fn complaints(&self) -> Vec<String> {
        self.0.complaints()
    }
}
