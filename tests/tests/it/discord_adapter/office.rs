//! A guild with our app in it, the adapter connected to it, and a desk behind.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::time::Timestamp;
use breakglass_discord::{DiscordChat, DiscordConfig, Mode, Pace};
use breakglass_sandbox::discord::{self, Answer, Answered, Guild, Message};
use breakglass_sandbox::{Clock, Options, Sandbox};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::desk::{PATIENCE, TestDesk};

pub(super) const GUILD: &str = "800000000000000000";
pub(super) const MAYA: &str = "200000000000000001";
pub(super) const BO: &str = "200000000000000002";
pub(super) const ROBOT: &str = "200000000000000003";
pub(super) const DBA: &str = "300000000000000001";
pub(super) const APPROVERS: &str = "400000000000000001";
pub(super) const SECURITY: &str = "400000000000000002";
/// A channel that everybody sees and the bot never posts to.
pub(super) const LOUNGE: &str = "400000000000000003";

/// The guild as it is when all is well.
pub(super) fn options() -> discord::Options {
    let app = discord::App::default();
    discord::Options {
        id: GUILD.to_owned(),
        members: vec![
            discord::Member::new(MAYA, "maya", "Maya Lind", &[]),
            discord::Member::new(BO, "bo", "Bo Ek", &[DBA]),
            discord::Member::bot(ROBOT, "robot"),
        ],
        roles: vec![discord::Role::new(DBA, "dba")],
        channels: vec![
            discord::Channel::private(APPROVERS, "approvers", &[DBA, MAYA, &app.id]),
            discord::Channel::private(SECURITY, "security", &[DBA, MAYA, &app.id]),
            discord::Channel::public(LOUNGE, "lounge"),
        ],
        // On a machine that is slow, other people's time-outs don't count.
        answer_within: PATIENCE,
        ..discord::Options::default()
    }
}

pub(super) fn config(guild: &Guild, mode: Mode) -> DiscordConfig {
    let app = discord::App::default();
    DiscordConfig {
        mode,
        token: app.token.into(),
        application_id: app.id,
        guild: GUILD.to_owned(),
        approvers_channel: APPROVERS.to_owned(),
        security_channel: SECURITY.to_owned(),
        help_channel: None,
        api_url: guild.api_url(),
        test_mode: true,
        clock: Arc::new(|| Timestamp::from_millis(Clock::system().now_ms())),
        pace: Pace {
            call: Duration::from_secs(1),
            again: Duration::from_millis(50),
            look: Duration::from_millis(20),
            ..Pace::default()
        },
    }
}

/// Everything that runs in a test; it stops when it is dropped.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) guild: Guild,
    pub(super) chat: DiscordChat,
    pub(super) desk: Arc<TestDesk>,
    stop: CancellationToken,
    listening: Option<JoinHandle<()>>,
    _sandbox: Sandbox,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Office {
    /// Connected to the gateway, its command declared.
    pub(super) async fn open() -> Self {
        Self::with(options()).await
    }

    /// The same in another guild.
    pub(super) async fn with(options: discord::Options) -> Self {
        let office = Self::quiet(options).await.listening();
        office.chat.register().await.unwrap();
        office.connected().await;
        office
    }

    /// Nothing is listened to yet.
    pub(super) async fn quiet(options: discord::Options) -> Self {
        let sandbox = sandbox(options).await;
        let guild = sandbox.guild();
        let chat = DiscordChat::new(config(&guild, Mode::Gateway)).unwrap();
        Self::around(sandbox, chat)
    }

    pub(super) fn around(sandbox: Sandbox, chat: DiscordChat) -> Self {
        Self {
            guild: sandbox.guild(),
            chat,
            desk: Arc::new(TestDesk::new(&[APPROVERS, SECURITY])),
            stop: CancellationToken::new(),
            listening: None,
            _sandbox: sandbox,
        }
    }

    pub(super) fn listening(mut self) -> Self {
        let (chat, desk, stop) = (self.chat.clone(), Arc::clone(&self.desk), self.stop.clone());
        self.listening = Some(tokio::spawn(async move { chat.listen(desk, stop).await }));
        self
    }

    pub(super) async fn connected(&self) {
        self.lines(1).await;
        let here = |guild: &Guild| (guild.connections() == 1).then_some(());
        self.guild.wait_for(PATIENCE, here).await.expect("in time");
    }

    /// Waits until so many connections are open, as the adapter sees it.
    pub(super) async fn lines(&self, open: u32) {
        let mut watch = self.chat.lines();
        let seen = timeout(PATIENCE, watch.wait_for(|seen| seen.open == open));
        seen.await.expect("in time").expect("the adapter is there");
    }

    /// Stops listening, and waits for it.
    pub(super) async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(listening) = self.listening.take() {
            timeout(PATIENCE, listening)
                .await
                .expect("in time")
                .unwrap();
        }
    }

    pub(super) async fn slash(&self, user: &str, sub: &str, options: Value) -> Answered {
        let command = format!("/breakglass {sub}");
        let slashed = self.guild.slash(user, APPROVERS, &command, options);
        slashed.await.unwrap()
    }

    /// What only `user` sees, once it says `text`.
    pub(super) async fn told(&self, user: &str, text: &str) -> Message {
        let says = |guild: &Guild| {
            let mut all = guild.ephemerals(user).into_iter();
            all.rfind(|message| message.shown().contains(text))
        };
        match self.guild.wait_for(PATIENCE, says).await {
            Some(message) => message,
            None => panic!(
                "nobody told {user} {text:?}: {:?}",
                self.guild.ephemerals(user)
            ),
        }
    }
}

pub(super) async fn sandbox(guild: discord::Options) -> Sandbox {
    let options = Options {
        guild,
        ..Options::default()
    };
    Sandbox::start(options).await.unwrap()
}

/// The words of a first answer.
pub(super) fn said(answered: &Answered) -> String {
    let Answer::Message(message) = &answered.answer else {
        panic!("no message but {:?}", answered.answer);
    };
    message.shown()
}
