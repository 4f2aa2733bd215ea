//! People at work in the demo's Slack workspace.

use std::sync::Arc;

use async_trait::async_trait;
use breakglass::demo::workspace::{self, APPROVERS, SECURITY};
use breakglass_sandbox::{Channel, Fault, Message, Options, Person, Sandbox, View};
use serde_json::Value;

use super::hands::{Away, Call, Hands, Line, PATIENCE, Place, Who};

/// Where people whom the policy doesn't list are made known.
pub(super) const HELP: &str = "C0HELP";

pub(super) struct SlackHands(pub(super) Arc<Sandbox>);

pub(super) const fn account(who: Who) -> &'static str {
    match who {
        Who::Maya => "U01MAYA",
        Who::Bo => "U02BO",
        Who::Ines => "U03INES",
        Who::Tom => "U04TOM",
        Who::Lee => "U05LEE",
        Who::Noor => "U06NOOR",
        Who::Sam => "U07SAM",
    }
}

/// The demo's workspace, with somebody whom the policy doesn't list.
pub(super) fn options() -> Options {
    let mut options = workspace::options(([127, 0, 0, 1], 0).into());
    let sam = account(Who::Sam);
    let stranger = Person::member(sam, "sam", "Sam Stranger");
    options.people.push(stranger);
    let members = [sam, account(Who::Lee), "U0BREAKGLASS"];
    let help = Channel::public(HELP, "access-help", &members);
    options.channels.push(help);
    options
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
                let threads = Self::messages(sandbox, Place::SecurityThreads);
                let heads = sandbox.messages(SECURITY).into_iter();
                heads.chain(threads).collect()
            }
            Place::SecurityThreads => {
                let heads = sandbox.messages(SECURITY).into_iter();
                heads.flat_map(|head| sandbox.thread(&head)).collect()
            }
            Place::Help => sandbox.messages(HELP),
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
        found.await.unwrap_or_else(|| self.never(place, words))
    }

    /// The form that is open to somebody, once it is as wanted.
    async fn view(&self, who: Who, is_meant: impl Fn(&View) -> bool + Send + Sync) -> View {
        let open = |sandbox: &Sandbox| sandbox.view(account(who)).filter(&is_meant);
        let view = self.0.wait_for(PATIENCE, open).await;
        view.unwrap_or_else(|| {
            let open = self.0.view(account(who));
            panic!("no such form for {who:?}, but {open:#?}")
        })
    }

    fn never(&self, place: Place, words: &str) -> ! {
        let (said, complaints) = (self.said(place), self.complaints());
        panic!("Slack, {place:?}: never {words:?}, but {said:#?}; {complaints:?}")
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
            Line::Status => "status".to_owned(),
            Line::End => "end".to_owned(),
            Line::Withdraw(None) => "withdraw".to_owned(),
            Line::Withdraw(Some(request)) => format!("withdraw {request}"),
            Line::Lockdown(why) => format!("lockdown {why}"),
            Line::Link => "link".to_owned(),
            Line::Enter(code) => format!("link {code}"),
            Line::Unlink => "unlink".to_owned(),
        };
        let channel = if who == Who::Sam { HELP } else { "C0INCIDENT" };
        let typed = self.0.slash(account(who), channel, "/breakglass", &text);
        typed.await.unwrap();
    }

    async fn presses(&self, who: Who, place: Place, words: &str, button: &str) {
        let message = self.message_with(place, words, Some(button)).await;
        self.0.press(account(who), &message, button).await.unwrap();
    }

    async fn fills(&self, who: Who, fields: &[(&str, &str)]) {
        let has_fields = |view: &View| {
            let content = view.content.to_string();
            fields.iter().all(|(name, _)| content.contains(name))
        };
        let view = self.view(who, has_fields).await;
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

    async fn finds_all(&self, place: Place, words: &str, times: usize) -> Vec<String> {
        let found = self.0.wait_for(PATIENCE, |sandbox| {
            let all = Self::messages(sandbox, place);
            let all = all.iter().map(shown).filter(|text| text.contains(words));
            Some(all.collect::<Vec<_>>()).filter(|all| all.len() >= times)
        });
        found.await.unwrap_or_else(|| self.never(place, words))
    }

    async fn buttons(&self, place: Place, words: &str) -> Vec<String> {
        self.message(place, words).await.buttons()
    }

    async fn opens(&self, who: Who, words: &str) -> String {
        held(&self.view(who, |view| held(view).contains(words)).await)
    }

    async fn looks_up(&self, who: Who, words: &str) -> String {
        self.opens(who, words).await
    }

    async fn is_sent_back(&self, who: Who, fault: &str, typed: &str) {
        let says_so = |view: &View| view.errors.values().any(|error| error.contains(fault));
        let view = self.view(who, says_so).await;
        assert!(held(&view).contains(typed), "{view:#?}");
    }

    fn lose(&self, who: Who) {
        self.0.deactivate(account(who));
    }

    fn listed(&self, who: Who) -> String {
        format!("slack = \"{}\"", account(who))
    }

    fn fail(&self, call: Call, times: usize, how: Away) {
        let method = match call {
            Call::Any => "*",
            Call::Post => "chat.postMessage",
            Call::Edit => "chat.update",
        };
        let fault = match how {
            Away::Limits => Fault::RateLimited {
                retry_after_secs: 1,
            },
            Away::Fails => Fault::ServerError,
            Away::Hangs => Fault::Hang,
            Away::LosesAnswers => Fault::LostAnswer,
        };
        self.0.fail(method, times, fault);
    }

    fn heal(&self) {
        self.0.heal();
    }

    fn said(&self, place: Place) -> Vec<String> {
        Self::messages(&self.0, place).iter().map(shown).collect()
    }

    fn complaints(&self) -> Vec<String> {
        self.0.complaints()
    }
}

fn shown(message: &Message) -> String {
    format!("{}\n{}", message.text, message.shown())
}

/// What somebody reads in a form, with what stands in its fields.
fn held(view: &View) -> String {
    format!("{}\n{}", view.shown(), view.values())
}
