//! The demo's company with a real server in this process, whose clock can be moved.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use breakglass::clock::{Clock as _, SystemClock};
use breakglass::engine::Engine;
use breakglass::meter::PrometheusHandle;
use breakglass::serve::{Plan, Server};
use breakglass_core::event::Event;

use crate::company::hands::{PATIENCE, Place, Who};
use crate::company::{Company, LOOK_EVERY, Lines, Setting};

pub(crate) struct Scene {
    company: Company,
    metrics: PrometheusHandle,
    server: Option<Server>,
}

impl Deref for Scene {
    type Target = Company;

    fn deref(&self) -> &Company {
        &self.company
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut Company {
        &mut self.company
    }
}

impl Scene {
    pub(crate) async fn open(setting: Setting) -> Self {
        let mut scene = Self {
            company: Company::found(setting).await,
            metrics: breakglass::meter::install().unwrap(),
            server: None,
        };
        scene.start().await;
        scene
    }

    /// Starts the server, and waits until it hears what people do.
    pub(crate) async fn start(&mut self) {
        let config = self.config();
        let plan = Plan {
            policy: breakglass::check::load_policy(&config),
            config,
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
        };
        self.server = Some(Server::start(plan).await.unwrap());
        assert!(
            self.lines_are(Lines::Open, PATIENCE).await,
            "chats are listened to"
        );
    }

    /// Stops the server, and waits until it hears nothing any more.
    pub(crate) async fn stop(&mut self) {
        self.server.take().expect("it runs").stop().await;
        assert!(
            self.lines_are(Lines::Closed, PATIENCE).await,
            "chats are left"
        );
    }

    /// The engine of the server, which runs.
    pub(crate) fn engine(&self) -> &std::sync::Arc<Engine> {
        self.server.as_ref().expect("it runs").engine()
    }

    /// The server has said that it runs and by which policy: it posts nothing more by itself.
    pub(crate) async fn is_announced(&self) {
        for chat in self.chats() {
            for words in ["breakglass is running", "Policy loaded"] {
                chat.finds(Place::Security, words).await;
            }
        }
    }

    /// The policy doesn't list this person any more where it is decided.
    pub(crate) async fn unlist(&self, who: Who) {
        self.is_announced().await;
        let line = format!("{}\n", self.decided().listed(who));
        self.rewrite("policy.toml", &line, "");
        let security = Place::Security;
        self.asked().finds_all(security, "Policy loaded", 2).await;
    }

    /// The code that this person was given where it is asked.
    pub(crate) async fn code(&self, who: Who) -> String {
        let offered = self.asked().reads(who, "/breakglass link").await;
        let is_code = |word: &&str| {
            let parts: Vec<&str> = word.split('-').collect();
            parts.len() == 3 && parts.iter().all(|part| part.len() == 4)
        };
        let words = offered.split(|c: char| c.is_whitespace() || matches!(c, ':' | '`'));
        let code = words
            .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
            .find(is_code);
        code.unwrap_or_else(|| panic!("no code in {offered}"))
            .to_owned()
    }

    /// The policy is written otherwise, where it has this.
    pub(crate) fn amends(&self, from: &str, to: &str) {
        let file = self.folder().join("policy.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains(from) {
            std::fs::write(file, text.replace(from, to)).unwrap();
        }
    }

    /// Who holds access is looked up, as every few seconds.
    pub(crate) async fn checks_rights(&self) {
        self.engine().check_rights_now().await.unwrap();
    }

    /// Waits until so many records of this kind stand in the log.
    pub(crate) async fn until_recorded(&self, kind: &str, times: usize) {
        let waiting = async {
            while self.recorded(kind).await < times {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap();
    }

    /// Every target is compared with the log, as each minute.
    pub(crate) async fn compares_again(&self) {
        self.engine().reconcile_now().await;
    }

    /// Nothing waits to be told to anybody.
    pub(crate) async fn everything_is_told(&mut self) {
        let waiting = "SELECT count(*) FROM outbox";
        self.until(waiting, "0").await;
    }

    /// Waits until no target is to be looked after.
    pub(crate) async fn errands_are_done(&mut self) {
        let waiting = "SELECT count(*) FROM outbox WHERE key LIKE 'converge%'";
        self.until(waiting, "0").await;
    }

    /// Waits until the clock says that the lease of the first request is over.
    pub(crate) async fn lease_is_over(&self) {
        let records = self.records().await;
        let until = records.iter().find_map(|record| {
            if let Event::Activated { expires_at, .. } = &record.event {
                Some(*expires_at)
            } else {
                None
            }
        });
        let left = until
            .expect("it was active")
            .millis_since(SystemClock.now());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        tokio::time::sleep(left).await;
    }

    pub(crate) async fn log_is_whole(&self) {
        let store = self.engine().store();
        let audited = store.database().audit(store.verifying_key(), &[]).await;
        let audited = audited.unwrap();
        assert!(audited.is_whole(), "{audited:?}");
    }

    /// Stops the server, and sees that the log is whole and no chat found fault with what it got.
    pub(crate) async fn close(mut self) {
        self.log_is_whole().await;
        self.leave().await;
    }

    /// The same with a log that isn't whole.
    pub(crate) async fn leave(&mut self) {
        for chat in self.chats() {
            assert_eq!(chat.complaints(), Vec::<String>::new());
        }
        self.stop().await;
    }
}
