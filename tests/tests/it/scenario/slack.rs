//! People at work in the demo's Slack workspace.

use std::sync::Arc;

use async_trait::async_trait;
use breakglass::demo::workspace::{APPROVERS, SECURITY};
use breakglass_sandbox::{Fault, Message, Sandbox};
use serde_json::Value;

use super::hands::{Hands, Line, PATIENCE, Place, Who};

pub(super) struct SlackHands(pub(super) Arc<Sandbox>);

pub(super) const fn account(who: Who) -> &'static str {
    match who {
        Who::Maya => "U01MAYA",
        Who::Bo => "U02BO",
        Who::Ines => "U03INES",
        Who::Lee => "U05LEE",
    }
}

impl SlackHands {
    fn messages(sandbox: &Sandbox, place: Place) -> Vec<Message> {
        match place {
            Place::Approvers => sandbox.messages(APPROVERS),
            Place::ApproversThreads => {
                let heads = sandbox.messages(APPROVERS).into_iter();
                heads.flat_map(|head| sandbox.thread(&head)).collect()
            }
            Place::Security => {
                let heads = sandbox.messages(SECURITY);
                let threads: Vec<_> = heads.iter().flat_map(|head| sandbox.thread(head)).collect();
                heads.into_iter().chain(threads).collect()
            }
            Place::Direct(who) => sandbox.messages(account(who)),
            Place::Own(who) => sandbox.ephemerals(account(who)),
        }
    }

    async fn message(&self, place: Place, words: &str) -> Message {
        self.message_with(place, words, None).await
    }

    /// The same may be said in several messages, of which one has the button.
    async fn message_with(&self, place: Place, words: &str, button: Option<&str>) -> Message {
        let has = |message: &Message, wanted| message.buttons().iter().any(|there| there == wanted);
        let found = self.0.wait_for(PATIENCE, |sandbox| {
            let all = Self::messages(sandbox, place).into_iter();
            all.rev().find(|message| {
                let is_meant = button.is_none_or(|button| has(message, button));
                is_meant && shown(message).contains(words)
            })
        });
        found.await.unwrap_or_else(|| {
            panic!(
                "Slack, {place:?}: never {words:?}, but {:#?}; {:?}",
                self.said(place),
                self.complaints()
            )
        })
    }
}

#[async_trait]
impl Hands for SlackHands {
    async fn types(&self, who: Who, line: &Line<'_>) {
        let text = match line {
            Line::Ask {
                target,
                role,
                duration,
                severity,
                incident,
                why,
            } => {
                let incident = incident.map(|id| format!("{id} ")).unwrap_or_default();
                format!("{target} {role} {duration} sev{severity} {incident}{why}")
            }
            Line::End => "end".to_owned(),
            Line::Withdraw => "withdraw".to_owned(),
            Line::Lockdown(why) => format!("lockdown {why}"),
            Line::Link => "link".to_owned(),
            Line::Enter(code) => format!("link {code}"),
            Line::Unlink => "unlink".to_owned(),
        };
        let typed = self
            .0
            .slash(account(who), "C0INCIDENT", "/breakglass", &text);
        typed.await.unwrap();
    }

    async fn presses(&self, who: Who, place: Place, words: &str, button: &str) {
        let message = self.message_with(place, words, Some(button)).await;
        self.0.press(account(who), &message, button).await.unwrap();
    }

    async fn fills(&self, who: Who, fields: &[(&str, &str)]) {
        let names: Vec<String> = fields.iter().map(|(name, _)| (*name).to_owned()).collect();
        let view = self.0.wait_for(PATIENCE, |sandbox| {
            let view = sandbox.view(account(who))?;
            let content = view.content.to_string();
            names
                .iter()
                .all(|name| content.contains(name))
                .then_some(view)
        });
        let view = view.await.expect("a form opens");
        let filled = fields
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).into()));
        let filled = Value::Object(filled.collect());
        self.0
            .submit_view(account(who), &view.id, filled)
            .await
            .unwrap();
    }

    async fn finds(&self, place: Place, words: &str) -> String {
        shown(&self.message(place, words).await)
    }

    fn said(&self, place: Place) -> Vec<String> {
        Self::messages(&self.0, place).iter().map(shown).collect()
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

fn shown(message: &Message) -> String {
    format!("{}\n{}", message.text, message.shown())
}
