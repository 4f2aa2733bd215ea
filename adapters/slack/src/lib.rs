//! The Slack adapter: what people do in a workspace comes in as intents, what they see goes out as Block Kit.

mod client;
mod inbound;
mod render;
mod verify;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use breakglass_core::id::Platform;
use breakglass_core::intent::{Reply, Sender};
use breakglass_core::notice::{Answer, Card, FormView, HomeView, Notice};
use breakglass_core::port::chat::{
    AccountStatus, Chat, ChatError, Desk, Lines, MessageRef, Named, Place, Show,
};
use breakglass_core::port::provisioner::Finding;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::client::Client;
use self::inbound::Door;

pub use self::client::PersonRow;
pub use self::client::config::{API_URL, Clock, Mode, Pace, SlackConfig, SlackError};
pub use self::render::manifest::{BOT_SCOPES, Reach, manifest};

/// A workspace.
#[derive(Debug, Clone)]
pub struct SlackChat {
    client: Arc<Client>,
    lines: Arc<watch::Sender<Lines>>,
}

impl SlackChat {
    /// Checks the configuration; nothing is called yet, as Slack may be away.
    pub fn new(config: SlackConfig) -> Result<Self, SlackError> {
        Ok(Self {
            client: Arc::new(Client::new(config)?),
            lines: Arc::new(watch::Sender::new(Lines::default())),
        })
    }

    /// Takes in what people do, in Socket Mode, until `stop`. In HTTP mode it returns at once.
    pub async fn listen(&self, desk: Arc<dyn Desk>, stop: CancellationToken) {
        let door = Door::new(desk, Arc::clone(&self.client));
        let lines = Arc::clone(&self.lines);
        inbound::listen(Arc::clone(&self.client), door, lines, stop).await;
    }

    /// The routes of HTTP mode, to be served where Slack reaches them; none in Socket Mode.
    pub fn router(&self, desk: Arc<dyn Desk>) -> axum::Router {
        match &self.client.config().mode {
            Mode::Socket { .. } => axum::Router::new(),
            Mode::Http { signing_secret } => inbound::router(
                Door::new(desk, Arc::clone(&self.client)),
                signing_secret.clone(),
                Arc::clone(&self.client.config().clock),
            ),
        }
    }

    /// How our sockets are, and whether somebody else has one: to be told as an alarm.
    pub fn lines(&self) -> watch::Receiver<Lines> {
        self.lines.subscribe()
    }

    /// The active humans of a user group, for `people import`.
    pub async fn people_of(&self, group: &str) -> Result<Vec<PersonRow>, ChatError> {
        self.client.people_of(group).await
    }
}

#[async_trait]
impl Chat for SlackChat {
    fn platform(&self) -> Platform {
        Platform::Slack
    }

    fn host(&self) -> String {
        self.client.config().host()
    }

    fn approvers_channel(&self) -> String {
        self.client.config().approvers_channel.clone()
    }

    fn security_channel(&self) -> String {
        self.client.config().security_channel.clone()
    }

    /// Slack's own redirect knows channels only: <https://docs.slack.dev/interactivity/deep-linking>.
    fn link(&self, channel: &str, message: Option<&MessageRef>) -> String {
        let channel = message.map_or(channel, |message| &message.channel);
        let team = self.client.team();
        format!("https://slack.com/app_redirect?team={team}&channel={channel}")
    }

    async fn help_channel(&self) -> Result<Option<(String, String)>, ChatError> {
        let Some(id) = &self.client.config().help_channel else {
            return Ok(None);
        };
        let name = self.client.channel_name(id).await?;
        Ok(Some((id.clone(), format!("#{name}"))))
    }

    async fn listing(&self, account: &str) -> Result<String, ChatError> {
        Ok(self.client.person_of(account).await?.to_string())
    }

    async fn post_card(&self, channel: &str, card: &Card) -> Result<MessageRef, ChatError> {
        let picture = render::card(&self.client.frame(), card);
        self.client.post_message(channel, None, &picture).await
    }

    async fn update_card(&self, message: &MessageRef, card: &Card) -> Result<(), ChatError> {
        let picture = render::card(&self.client.frame(), card);
        self.client.update_message(message, &picture).await
    }

    async fn post(
        &self,
        place: &Place,
        effect: &str,
        notice: &Notice,
    ) -> Result<MessageRef, ChatError> {
        let picture = render::notice(&self.client.frame(), effect, notice);
        match place {
            Place::Channel(channel) => self.client.post_message(channel, None, &picture).await,
            Place::Thread(under) => {
                let thread = Some(under.message.as_str());
                self.client
                    .post_message(&under.channel, thread, &picture)
                    .await
            }
            Place::Account { account, .. } => {
                let channel = self.client.direct_channel(account).await?;
                self.client.post_message(&channel, None, &picture).await
            }
        }
    }

    async fn answer(
        &self,
        to: &Sender,
        reply: &Reply,
        answer: &Answer,
        show: Show,
    ) -> Result<(), ChatError> {
        let picture = render::answer(&self.client.frame(), answer);
        // An answer may take the place of an answer, never of a card that others see.
        let show = match (show, &reply.message) {
            (Show::InPlace, None) => Show::InPlace,
            (Show::InPlace, Some(_)) | (Show::New, _) => Show::New,
        };
        self.client.answer(to, reply, &picture, show).await
    }

    async fn open_form(&self, reply: &Reply, form: &FormView) -> Result<String, ChatError> {
        let trigger = reply
            .trigger
            .as_deref()
            .ok_or_else(|| ChatError::Gone("there is nothing to open a form by".to_owned()))?;
        let view = render::form(&self.client.frame(), reply, form);
        self.client.open_view(trigger, &view).await
    }

    async fn update_form(
        &self,
        view: &str,
        reply: &Reply,
        form: &FormView,
    ) -> Result<(), ChatError> {
        let drawn = render::form(&self.client.frame(), reply, form);
        self.client.update_view(view, &drawn).await
    }

    async fn publish_home(&self, account: &str, home: &HomeView) -> Result<(), ChatError> {
        let view = render::home(&self.client.frame(), home);
        self.client.publish_view(account, &view).await
    }

    async fn account(&self, account: &str) -> Result<AccountStatus, ChatError> {
        self.client.account(account).await
    }

    async fn account_now(&self, account: &str) -> Result<AccountStatus, ChatError> {
        self.client.account_now(account).await
    }

    async fn group_members(&self, group: &str) -> Result<BTreeSet<String>, ChatError> {
        Ok((*self.client.group_members(group).await?).clone())
    }

    async fn examine(&self, named: &Named) -> Vec<Finding> {
        self.client.examine(named).await
    }
}
