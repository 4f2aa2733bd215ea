//! The real binary on a real store, which is started again whenever it was killed, and people who use it.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use breakglass_store::crash::CrashPoint;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::company::hands::{Line, Place, Post, Who};
use super::company::{Company, LOOK_EVERY, Lines, binary};

/// Nothing here takes longer, on however slow a machine; shorter than a claim, which dies with who held it.
const PATIENCE: Duration = Duration::from_secs(45);

/// As docs/running.md has it.
const RESTART_AFTER: Duration = Duration::from_secs(1);

pub(super) const ASK: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "admin",
    duration: "3s",
    severity: 1,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

/// What there is at the end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// What happened to the request, in order.
    pub(super) events: Vec<String>,
    /// What the person held last.
    pub(super) held: bool,
    /// Was it ever there, and taken once it was given?
    pub(super) changes: Vec<String>,
    /// How `audit verify` ended.
    pub(super) audit: Option<i32>,
    /// What else is wrong.
    pub(super) trouble: Option<String>,
}

/// What the first server finds in its environment, and what becomes of one that ends by itself.
#[derive(Debug, Default)]
pub(super) struct First {
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// It is started again after a moment, as docs/running.md has it, instead of being missed.
    pub(super) may_end: bool,
}

pub(super) struct Run {
    pub(super) company: Company,
    kills: watch::Sender<u32>,
    pid: Arc<AtomicU32>,
    expected_kills: u32,
    server: JoinHandle<()>,
}

impl Run {
    pub(super) fn new(company: Company, kill: Option<(CrashPoint, u32)>) -> Self {
        let crash = kill.map(|(point, nth)| format!("{point:?}:{nth}"));
        let crash = crash.map(|crash| ("BREAKGLASS_TEST_CRASH", crash.into()));
        let first = First {
            environment: crash.into_iter().collect(),
            may_end: false,
        };
        Self {
            expected_kills: u32::from(kill.is_some()),
            ..Self::beginning(company, first)
        }
    }

    /// The first server finds this; later ones don't.
    pub(super) fn beginning(company: Company, first: First) -> Self {
        let kills = watch::Sender::new(0);
        let pid = Arc::new(AtomicU32::new(0));
        let server = keep_running(&company, first, (kills.clone(), pid.clone()));
        Self {
            kills,
            pid,
            expected_kills: 0,
            server: tokio::spawn(server),
            company,
        }
    }

    /// Kills it so many times, whenever it happens to be; for as long as this runs.
    pub(super) async fn shake(&self, mut chance: u64, times: u32) {
        while self.kills() < times {
            chance = chance
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis(100 + (chance >> 33) % 1_900)).await;
            self.kill().await;
        }
        std::future::pending::<()>().await;
    }

    /// How often it was killed.
    pub(super) fn kills(&self) -> u32 {
        *self.kills.borrow()
    }

    /// One asks, two approve, the lease ends.
    pub(super) async fn story(&self) -> Result<(), String> {
        self.asks().await?;
        self.approves(Who::Bo, "1 of 2").await?;
        self.approves(Who::Ines, "Active").await?;
        self.card(&["Ended"]).await.map(drop)
    }

    /// Stops it, and looks at what there is.
    pub(super) async fn ends(mut self, story: Result<(), String>) -> End {
        let trouble = story.err();
        // What is told after the end may be where it is killed.
        let killed = self.was_killed(self.expected_kills).await;
        let trouble = trouble.or_else(|| (!killed).then(|| "it was never killed".to_owned()));
        let trouble = trouble.map(|trouble| format!("{trouble}\n{}", self.log()));
        self.server.abort();
        let mut changes = self.company.orders.changes();
        changes.dedup();
        End {
            events: self.events().await,
            held: self.company.orders.is_held().await,
            changes,
            audit: self
                .company
                .operator_runs("audit verify")
                .await
                .status
                .code(),
            trouble,
        }
    }

    /// Types it until it is acknowledged: an act that was, isn't repeated, unless its answer was to try again.
    pub(super) async fn asks(&self) -> Result<(), String> {
        let asked = self.company.asked();
        loop {
            let told = self.told_to_try_again(Who::Maya);
            if asked.tries_to_type(Who::Maya, &ASK).await.is_err() {
                self.connected().await?;
            } else if self.card_or_answer(&["Waiting"], Who::Maya, told).await? {
                return Ok(());
            }
        }
    }

    pub(super) async fn approves(&self, who: Who, then: &str) -> Result<(), String> {
        let decided = self.company.decided();
        loop {
            let card = self.card(&["Waiting", then, "Ended"]).await?;
            if card.says(then) || card.says("Ended") {
                return Ok(());
            }
            let told = self.told_to_try_again(who);
            if decided.tries_to_press(who, &card, "Approve").await.is_err() {
                self.connected().await?;
            } else if self.card_or_answer(&[then, "Ended"], who, told).await? {
                return Ok(());
            }
        }
    }

    /// How often somebody was told that what they did had no effect.
    fn told_to_try_again(&self, who: Who) -> usize {
        let own = self.company.chats().into_iter();
        let own = own.flat_map(|chat| chat.said(Place::Own(who)));
        own.filter(|text| text.contains("Try again")).count()
    }

    /// Waits for a card, true, or for the answer to try again once more than so often.
    async fn card_or_answer(&self, words: &[&str], who: Who, told: usize) -> Result<bool, String> {
        let decided = self.company.decided();
        let posts = || decided.posts(Place::Approvers);
        let is_there = || {
            let is_meant = |post: Post| words.iter().any(|words| post.says(words));
            posts().into_iter().any(is_meant)
        };
        let either = || is_there() || self.told_to_try_again(who) > told;
        if decided.waits(PATIENCE, &either).await {
            return Ok(is_there());
        }
        Err(self.never(words))
    }

    fn never(&self, words: &[&str]) -> String {
        let cards = self.company.decided().said(Place::Approvers);
        format!("no card says one of {words:?}; there is {cards:#?}")
    }

    /// The newest card once it says one of these.
    pub(super) async fn card(&self, words: &[&str]) -> Result<Post, String> {
        let is_meant = |card: &Post| words.iter().any(|words| card.says(words));
        let (decided, place) = (self.company.decided(), Place::Approvers);
        let card = decided.newest(PATIENCE, place, &is_meant).await;
        card.ok_or_else(|| self.never(words))
    }

    /// Waits for a post to security.
    pub(super) async fn security_reads(&self, words: &str) {
        let (decided, place) = (self.company.decided(), Place::Security);
        let is_meant = |post: &Post| post.says(words);
        let post = decided.newest(PATIENCE, place, &is_meant).await;
        assert!(
            post.is_some(),
            "security reads nothing like {words:?}: {:#?}\n{}",
            decided.said(place),
            self.log()
        );
    }

    /// The server notes this.
    pub(super) async fn logs(&self, words: &str) {
        let noted = async {
            while !self.log().contains(words) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let noted = tokio::time::timeout(PATIENCE, noted).await;
        assert!(noted.is_ok(), "never {words:?}: {}", self.log());
    }

    /// Kills the server that runs; it is started again.
    pub(super) async fn kill(&self) {
        let before = *self.kills.borrow();
        let pid = i32::try_from(self.pid.load(Ordering::Relaxed)).unwrap();
        assert!(pid > 0, "nothing runs");
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        assert!(self.was_killed(before + 1).await, "it runs on");
    }

    /// So often, or more often.
    async fn was_killed(&self, times: u32) -> bool {
        let mut kills = self.kills.subscribe();
        let killed = kills.wait_for(|kills| *kills >= times);
        tokio::time::timeout(PATIENCE, killed).await.is_ok()
    }

    async fn connected(&self) -> Result<(), String> {
        let connected = self.company.lines_are(Lines::Open, PATIENCE).await;
        connected
            .then_some(())
            .ok_or_else(|| "it doesn't connect".to_owned())
    }

    /// How long after its end the access was gone, if it ever was there and went.
    pub(super) async fn late(&self) -> Option<Duration> {
        let records = self.records().await;
        let is_active = |record: &&Value| record["type"] == "activated";
        let expires_at = records.iter().find(is_active)?["expires_at"].as_i64()?;
        let late = self.company.orders.taken_at()? - expires_at;
        u64::try_from(late).ok().map(Duration::from_millis)
    }

    async fn events(&self) -> Vec<String> {
        let records = self.records().await.into_iter();
        records.map(|record| record["type"].to_string()).collect()
    }

    async fn records(&self) -> Vec<Value> {
        let shown = self.company.operator_runs("audit show BG-1 --json").await;
        serde_json::from_slice(&shown.stdout).unwrap_or_default()
    }

    pub(super) fn log(&self) -> String {
        let log = self.company.folder().join("server.log");
        std::fs::read_to_string(log).unwrap_or_default()
    }
}

/// Starts the server, and again whenever it was killed as it should be.
fn keep_running(
    company: &Company,
    mut first: First,
    (kills, pid): (watch::Sender<u32>, Arc<AtomicU32>),
) -> impl Future<Output = ()> + use<> {
    let log = company.folder().join("server.log");
    let folder = company.folder().to_owned();
    async move {
        loop {
            let log = std::fs::File::options()
                .create(true)
                .append(true)
                .open(&log);
            let mut server = binary(&folder);
            server.arg("serve").stderr(log.unwrap()).kill_on_drop(true);
            server.envs(first.environment.drain(..));
            let mut running = server.spawn().unwrap();
            pid.store(running.id().unwrap_or_default(), Ordering::Relaxed);
            let ended = running.wait().await.unwrap();
            if ended.signal() != Some(9) {
                if !first.may_end {
                    return;
                }
                tokio::time::sleep(RESTART_AFTER).await;
                continue;
            }
            kills.send_modify(|kills| *kills += 1);
        }
    }
}
