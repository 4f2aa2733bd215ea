//! The Discord adapter: what people do in a guild comes in as intents, what they see goes out as messages and modals.

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
use self::verify::Key;

pub use self::client::config::{API_URL, Clock, DiscordConfig, DiscordError, Mode, Pace};
pub use self::client::{PersonRow, Registered};
pub use self::render::command::commands;

/// A guild.
#[derive(Debug, Clone)]
pub struct DiscordChat {
    client: Arc<Client>,
    lines: Arc<watch::Sender<Lines>>,
}

impl DiscordChat {
    /// Checks the configuration; nothing is called yet, as Discord may be away.
    pub fn new(config: DiscordConfig) -> Result<Self, DiscordError> {
        Ok(Self {
            client: Arc::new(Client::new(config)?),
            lines: Arc::new(watch::Sender::new(Lines::default())),
        })
    }

    /// Takes in what people do, through the gateway, until `stop`. In HTTP mode it returns at once.
    pub async fn listen(&self, desk: Arc<dyn Desk>, stop: CancellationToken) {
        let door = Door::new(desk, Arc::clone(&self.client));
        let lines = Arc::clone(&self.lines);
        inbound::listen(Arc::clone(&self.client), door, lines, stop).await;
    }

    /// The route of HTTP mode, to be served where Discord reaches it; none in gateway mode.
    pub fn router(&self, desk: Arc<dyn Desk>) -> axum::Router {
        let config = self.client.config();
        let key = match &config.mode {
            Mode::Gateway => None,
            Mode::Http { public_key } => Key::read(public_key),
        };
        key.map_or_else(axum::Router::new, |key| {
            let door = Door::new(desk, Arc::clone(&self.client));
            inbound::router(door, key, Arc::clone(&config.clock))
        })
    }

    /// How our connection to the gateway is.
    pub fn lines(&self) -> watch::Receiver<Lines> {
        self.lines.subscribe()
    }

    /// Declares `/breakglass` to the guild.
    pub async fn register(&self) -> Result<Registered, ChatError> {
        self.client.register().await
    }

    /// The human members with a role, for `people import`.
    pub async fn people_of(&self, role: &str) -> Result<Vec<PersonRow>, ChatError> {
        self.client.people_of(role).await
    }
}

#[async_trait]
impl Chat for DiscordChat {
    fn platform(&self) -> Platform {
        Platform::Discord
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

    fn link(&self, channel: &str, message: Option<&MessageRef>) -> String {
        self.client.link_to(channel, message)
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
        self.client.post_card(channel, card).await
    }

    async fn update_card(&self, message: &MessageRef, card: &Card) -> Result<(), ChatError> {
        self.client.update_card(message, card).await
    }

    async fn post(
        &self,
        place: &Place,
        effect: &str,
        notice: &Notice,
    ) -> Result<MessageRef, ChatError> {
        match place {
            Place::Channel(channel) => self.client.post_notice(channel, effect, notice).await,
            Place::Thread(under) => self.client.post_in_thread(under, effect, notice).await,
            Place::Account { account, card } => {
                let approvers = &self.client.config().approvers_channel;
                let card = self.client.link_to(approvers, card.as_ref());
                self.client
                    .post_directly(account, &card, (effect, notice))
                    .await
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
        let message = render::answer(&self.client.frame(), answer);
        self.client.answer(to, reply, message, show).await
    }

    async fn open_form(&self, reply: &Reply, form: &FormView) -> Result<String, ChatError> {
        self.client.open_form(reply, form).await?;
        // Nothing is drawn again in Discord's modals, so they have no name.
        Ok(String::new())
    }

    async fn update_form(
        &self,
        _view: &str,
        reply: &Reply,
        form: &FormView,
    ) -> Result<(), ChatError> {
        self.client.open_form(reply, form).await
    }

    /// Discord has no home page; `/breakglass list` shows the same.
    async fn publish_home(&self, _account: &str, _home: &HomeView) -> Result<(), ChatError> {
        Ok(())
    }

    async fn account(&self, account: &str) -> Result<AccountStatus, ChatError> {
        self.client.account(account).await
    }

    async fn account_now(&self, account: &str) -> Result<AccountStatus, ChatError> {
        self.client.account_now(account).await
    }

    async fn group_members(&self, group: &str) -> Result<BTreeSet<String>, ChatError> {
        self.client.group_members(group).await
    }

    async fn examine(&self, named: &Named) -> Vec<Finding> {
        self.client.examine(named).await
    }
}
