//! A workspace with our app in it, the adapter connected to it, and a desk behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use breakglass_core::time::Timestamp;
use breakglass_sandbox::{
    App, Channel, Clock, Delivery, Message, Options, Person, Sandbox, Sharing, Shortcut,
    ShortcutKind, Standing, Usergroup,
};
use breakglass_slack::{Mode, Pace, SlackChat, SlackConfig};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::desk::{PATIENCE, TestDesk};

pub(super) const MAYA: &str = "U01MAYA";
pub(super) const BO: &str = "U02BO";
pub(super) const STRANGER: &str = "U09STRANGER";
pub(super) const APPROVERS: &str = "C0APPR";
pub(super) const SECURITY: &str = "C0SECU";
/// A channel that the bot is in and never posts to.
pub(super) const LOUNGE: &str = "C0LOUNGE";

/// Our app as it is installed.
pub(super) fn app() -> App {
    let shortcut = |callback_id: &str, kind| Shortcut {
        name: "Break-glass access".to_owned(),
        callback_id: callback_id.to_owned(),
        kind,
    };
    App {
        shortcuts: vec![
            shortcut("breakglass_request", ShortcutKind::Global),
            shortcut("breakglass_request_about", ShortcutKind::Message),
        ],
        ..App::default()
    }
}

/// The workspace as it is when all is well.
pub(super) fn options() -> Options {
    let bot = app().bot_user;
    let all = [MAYA, BO, STRANGER, bot.as_str()];
    let stranger = Standing::Stranger {
        team: "T0ELSEWHERE".to_owned(),
    };
    Options {
        app: app(),
        people: vec![
            Person::member(MAYA, "maya", "Maya Lind"),
            Person::member(BO, "bo", "Bo Ek"),
            Person::member("U03GUS", "gus", "Gus Guest").with_standing(Standing::Guest),
            Person::member("U04LEFT", "left", "Lea Left").with_standing(Standing::Deactivated),
            Person::member("U05BOT", "robot", "Robot").with_standing(Standing::Bot),
            Person::member(STRANGER, "sam", "Sam Stranger").with_standing(stranger),
        ],
        channels: vec![
            Channel::public(APPROVERS, "approvers", &all),
            Channel::private(SECURITY, "security", &all),
            Channel::public(LOUNGE, "lounge", &all),
            Channel::public("C0SHARED", "shared", &all).with_sharing(Sharing::External),
            Channel::public("C0ALONE", "alone", &[MAYA]),
        ],
        usergroups: vec![Usergroup::new("S01SRE", "sre", &[MAYA, BO, "U04LEFT"])],
        ..Options::default()
    }
}

/// Impatient where a test waits for the end of patience.
pub(super) fn pace() -> Pace {
    Pace {
        call: Duration::from_millis(500),
        sockets: 2,
        settle: Duration::from_millis(100),
        ..Pace::default()
    }
}

/// A clock that a test can move.
#[derive(Debug, Clone, Default)]
pub(super) struct MovedClock(Arc<AtomicI64>);

impl MovedClock {
    pub(super) fn forward(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Timestamp {
        let moved = self.0.load(Ordering::SeqCst);
        Timestamp::from_millis(Clock::system().now_ms() + moved)
    }
}

pub(super) fn config(sandbox: &Sandbox, delivery: &Delivery, clock: &MovedClock) -> SlackConfig {
    let app = app();
    let clock = clock.clone();
    SlackConfig {
        mode: match delivery {
            Delivery::Socket => Mode::Socket {
                app_token: app.app_token.into(),
            },
            Delivery::Http { .. } => Mode::Http {
                signing_secret: app.signing_secret.into(),
            },
        },
        bot_token: app.bot_token.into(),
        team: "T0SANDBOX".to_owned(),
        approvers_channel: APPROVERS.to_owned(),
        security_channel: SECURITY.to_owned(),
        help_channel: None,
        api_url: sandbox.api_url(),
        test_mode: true,
        clock: Arc::new(move || clock.now()),
        pace: pace(),
    }
}

/// Everything that runs in a test; it stops when it is dropped.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) sandbox: Sandbox,
    pub(super) chat: SlackChat,
    pub(super) desk: Arc<TestDesk>,
    pub(super) clock: MovedClock,
    stop: CancellationToken,
    listening: Option<JoinHandle<()>>,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Office {
    /// Socket Mode, connected.
    pub(super) async fn open() -> Self {
        let office = Self::closed(options()).await;
        office.connected(2).await;
        office
    }

    /// Socket Mode, not waiting until it is connected.
    pub(super) async fn closed(options: Options) -> Self {
        Self::paced(options, |_| {}).await
    }

    /// The same with another pace.
    pub(super) async fn paced(options: Options, change: impl FnOnce(&mut Pace)) -> Self {
        let clock = MovedClock::default();
        let sandbox = Sandbox::start(options).await.unwrap();
        let mut config = config(&sandbox, &Delivery::Socket, &clock);
        change(&mut config.pace);
        Self::around(sandbox, SlackChat::new(config).unwrap(), clock)
    }

    /// Another server of the same app in the same workspace, with so many sockets.
    pub(super) fn beside(office: &Self, sockets: u32) -> Self {
        let clock = MovedClock::default();
        let mut config = config(&office.sandbox, &Delivery::Socket, &clock);
        config.pace.sockets = sockets;
        Self::around(
            office.sandbox.clone(),
            SlackChat::new(config).unwrap(),
            clock,
        )
    }

    pub(super) fn around(sandbox: Sandbox, chat: SlackChat, clock: MovedClock) -> Self {
        let desk = Arc::new(TestDesk::new(&[APPROVERS, SECURITY]));
        let stop = CancellationToken::new();
        let listening = {
            let (chat, desk, stop) = (chat.clone(), Arc::clone(&desk), stop.clone());
            tokio::spawn(async move { chat.listen(desk, stop).await })
        };
        Self {
            sandbox,
            chat,
            desk,
            clock,
            stop,
            listening: Some(listening),
        }
    }

    pub(super) async fn connected(&self, sockets: u32) {
        let mut watch = self.chat.lines();
        let open = timeout(PATIENCE, watch.wait_for(|seen| seen.open == sockets));
        open.await.expect("in time").expect("the adapter is there");
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

    pub(super) async fn slash(&self, user: &str, text: &str) -> breakglass_sandbox::Slashed {
        self.sandbox
            .slash(user, APPROVERS, "/breakglass", text)
            .await
            .unwrap()
    }

    /// The newest message that only `user` sees, once there is one that says `text`.
    pub(super) async fn told(&self, user: &str, text: &str) -> Message {
        let says = |sandbox: &Sandbox| {
            let mut all = sandbox
                .ephemerals(user)
                .into_iter()
                .chain(sandbox.messages(user));
            all.rfind(|message| message.text.contains(text))
        };
        match self.sandbox.wait_for(PATIENCE, says).await {
            Some(message) => message,
            None => panic!(
                "nobody told {user} {text:?}: {:?}",
                self.sandbox.ephemerals(user)
            ),
        }
    }
}
