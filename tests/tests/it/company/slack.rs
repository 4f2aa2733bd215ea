//! People at work in the demo's Slack workspace.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use breakglass::demo::workspace::{self, APPROVERS, SECURITY};
use breakglass_core::id::Platform;
use breakglass_core::intent::Sender;
use breakglass_sandbox::{Channel, Fault, Message, MessageId, Options, Person, Sandbox, View};
use serde_json::Value;

use super::hands::{Away, Call, Hands, Line, PATIENCE, Place, Post, Who};

/// Where people whom the policy doesn't list are made known.
pub(crate) const HELP: &str = "C0HELP";

pub(crate) struct SlackHands(pub(crate) Arc<Sandbox>);

pub(crate) const fn account(who: Who) -> &'static str {
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
pub(crate) fn options() -> Options {
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
    /// What everybody in a channel sees, replies left out.
    fn heads(&self, channel: &str) -> Vec<Message> {
        let mut heads = self.0.messages(channel);
        heads.retain(|message| !message.is_reply() && message.only_for.is_none());
        heads
    }

    fn threads(&self, channel: &str) -> Vec<Message> {
        let heads = self.heads(channel).into_iter();
        heads.flat_map(|head| self.0.thread(&head)).collect()
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
}

#[async_trait]
impl Hands for SlackHands {
    fn name(&self) -> &'static str {
        "Slack"
    }

    fn sender(&self, who: Who) -> Sender {
        Sender {
            platform: Platform::Slack,
            account: account(who).to_owned(),
            workspace: workspace::TEAM.to_owned(),
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
            text: format!("{}\n{}", message.text, message.shown()),
            buttons: message.buttons(),
            channel: message.channel,
            id: message.ts,
        };
        messages.into_iter().map(post).collect()
    }

    async fn waits(&self, limit: Duration, is_so: &(dyn Fn() -> bool + Send + Sync)) -> bool {
        let seen = self.0.wait_for(limit, |_| is_so().then_some(()));
        seen.await.is_some()
    }

    async fn tries_to_type(&self, who: Who, line: &Line<'_>) -> Result<(), String> {
        let text = match line {
            Line::Nothing => String::new(),
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
            Line::Revoke { request, why } => format!("revoke {request} {why}"),
            Line::Withdraw(None) => "withdraw".to_owned(),
            Line::Withdraw(Some(request)) => format!("withdraw {request}"),
            Line::Lockdown(why) => format!("lockdown {why}"),
            Line::Link => "link".to_owned(),
            Line::Enter(code) => format!("link {code}"),
            Line::Unlink => "unlink".to_owned(),
            Line::UnlinkOf(who) => format!("unlink @{}", format!("{who:?}").to_lowercase()),
        };
        let channel = if who == Who::Sam { HELP } else { "C0INCIDENT" };
        let typed = self.0.slash(account(who), channel, "/breakglass", &text);
        typed.await.map(drop).map_err(|error| error.to_string())
    }

    async fn tries_to_press(&self, who: Who, post: &Post, button: &str) -> Result<(), String> {
        let message = MessageId {
            channel: post.channel.clone(),
            ts: post.id.clone(),
        };
        let pressed = self.0.press(account(who), message, button).await;
        pressed.map(drop).map_err(|error| error.to_string())
    }

    async fn gives_back(&self, who: Who) {
        self.presses(who, Place::Direct(who), "Active", "End now")
            .await;
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
            Call::Form => "views.open",
            Call::People => "users.info",
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

    fn is_connected(&self) -> bool {
        self.0.connections() > 0
    }

    fn complaints(&self) -> Vec<String> {
        self.0.complaints()
    }
}

/// What somebody reads in a form, with what stands in its fields.
fn held(view: &View) -> String {
    format!("{}\n{}", view.shown(), view.values())
}
