//! A company of sixteen, each with a target of their own, and one approver: the real server and the sandbox.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use breakglass::clock::{Clock, SystemClock};
use breakglass::config::Config;
use breakglass::database::migrate;
use breakglass::demo::workspace;
use breakglass::environment::Environment;
use breakglass::serve::{Plan, Server};
use breakglass_core::time::Timestamp;
use breakglass_sandbox::{Channel, Message, Options, Person, Sandbox};
use breakglass_tests::place::Place;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::time::Instant;

use super::journal::{Journal, Line};

/// How many paths can be walked at once.
pub(crate) const PEOPLE: usize = 16;

const APPROVER: &str = "UAPPROVER";
const WORK: &str = "C0WORK";
/// Nothing here takes longer, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a path begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A slash command for access that nobody else has to approve, confirmed by the person's own click.
    Slash,
    /// The click of the one approver.
    Click,
}

impl Act {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Slash => "slash",
            Self::Click => "click",
        }
    }
}

/// A path that ended with access.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) person: usize,
    request: String,
    acknowledged: Duration,
    /// Not yet without the target's part.
    own: Duration,
    begun_at: Timestamp,
}

/// How long its parts took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timed {
    pub(crate) acknowledged: Duration,
    pub(crate) own: Duration,
    pub(crate) whole: Duration,
}

/// The server and the workspace.
#[derive(Debug)]
pub(crate) struct Office {
    sandbox: Sandbox,
    server: Server,
    journal: Journal,
    metrics: PrometheusHandle,
}

impl Office {
    pub(crate) async fn open(place: &Place, journal: Journal, metrics: PrometheusHandle) -> Self {
        let sandbox = Sandbox::start(options()).await.expect("the workspace");
        let file = place.folder().join("breakglass.toml");
        std::fs::write(place.folder().join("policy.toml"), policy()).expect("a file");
        let text = configuration(&place.url, &sandbox);
        let config = Config::parse(&file, &text, &Environment::default()).expect("it is sound");
        migrate(&config.store).await.expect("tables");
        let plan = Plan {
            policy: Ok(breakglass::check::load_policy(&config).expect("it is sound")),
            config,
            clock: Arc::new(SystemClock),
            metrics: metrics.clone(),
        };
        let server = Server::start(plan).await.expect("the server");
        let connected = sandbox
            .wait_for(PATIENCE, |sandbox| {
                (sandbox.connections() > 0).then_some(())
            })
            .await;
        connected.expect("the sockets");
        Self {
            sandbox,
            server,
            journal,
            metrics,
        }
    }

    pub(crate) async fn close(self) {
        self.server.stop().await;
        self.sandbox.stop().await;
    }

    /// For a click, the request that it is about.
    pub(crate) async fn prepare(&self, act: Act, person: usize) -> String {
        let from = self.journal.len();
        match act {
            Act::Slash => String::new(),
            Act::Click => {
                let text = format!("host{person}x asked 5m disk is filling up");
                self.types(person, &text).await;
                self.requested(from, person).await
            }
        }
    }

    /// The card of a request, which is there once it is quiet.
    pub(crate) fn card(&self, person: usize, request: &str) -> Option<Message> {
        let name = format!("· {request} ");
        let mut all = self.sandbox.messages(&channel_of(person)).into_iter();
        all.find(|message| !message.is_reply() && message.text.contains(&name))
    }

    /// From the approver's click on a card to access.
    pub(crate) async fn click(&self, person: usize, request: String, card: Message) -> Path {
        let from = self.journal.len();
        let (begun_at, since) = (SystemClock.now(), Instant::now());
        let acted = self.sandbox.press(APPROVER, &card, "Approve").await;
        let acknowledged = acted.expect("a click").ack.expect("an acknowledgement");
        let at = self.finds(from, person, &request, "activated").await;
        Path {
            person,
            request,
            acknowledged: acknowledged.took,
            own: at.duration_since(since),
            begun_at,
        }
    }

    /// From a slash command, by way of the person's own confirmation, to access.
    pub(crate) async fn slash(&self, person: usize) -> Path {
        let (from, user) = (self.journal.len(), account(person));
        let before = self
            .sandbox
            .newest_ephemeral(&user)
            .map(|message| message.ts);
        let (begun_at, since) = (SystemClock.now(), Instant::now());
        let text = format!("host{person}x alone 5m rebuild an index");
        let acknowledged = self.types(person, &text).await;
        let question = self.sandbox.wait_for(PATIENCE, |sandbox| {
            let newest = sandbox.newest_ephemeral(&user)?;
            (Some(&newest.ts) > before.as_ref()).then_some(newest)
        });
        let question = question.await.expect("a question");
        let typed = since.elapsed();
        let request = self.requested(from, person).await;
        let since = Instant::now();
        let pressed = self.sandbox.press(&user, &question, "Get access").await;
        pressed.expect("a click");
        let at = self.finds(from, person, &request, "activated").await;
        Path {
            person,
            request,
            acknowledged,
            own: typed + at.duration_since(since),
            begun_at,
        }
    }

    pub(crate) async fn end(&self, path: &Path) {
        let from = self.journal.len();
        self.types(path.person, &format!("end {}", path.request))
            .await;
        self.finds(from, path.person, &path.request, "ended").await;
    }

    /// What a path came to. The person's own message tells when they could read it.
    pub(crate) fn timed(&self, path: &Path, at_target: Duration) -> Timed {
        let name = format!("Active · {} ", path.request);
        let mut direct = self.sandbox.messages(&account(path.person)).into_iter();
        let told = direct.rfind(|message| message.text.contains(&name));
        let told = told.expect("they were told").ts;
        let secs: f64 = told.parse().expect("a time stamp");
        let since = Duration::from_millis(u64::try_from(path.begun_at.millis()).unwrap_or(0));
        Timed {
            acknowledged: path.acknowledged,
            own: path.own.saturating_sub(at_target),
            whole: Duration::from_secs_f64(secs).saturating_sub(since),
        }
    }

    /// Seconds inside calls to each target so far.
    pub(crate) fn target_secs(&self) -> Vec<f64> {
        let mut secs = vec![0.0; PEOPLE];
        let page = self.metrics.render();
        let name = format!("{}_sum{{", breakglass::meter::TARGET_CALLED);
        for line in page.lines().filter(|line| line.starts_with(&name)) {
            let (labels, value) = line.rsplit_once(' ').expect("a value");
            let (_, id) = labels.split_once("provisioner=\"p").expect("a label");
            let (number, _) = id.split_once('"').expect("an id");
            let number: usize = number.parse().expect("a number");
            secs[number] += value.parse::<f64>().expect("seconds");
        }
        secs
    }

    /// Waits until everything was said.
    pub(crate) async fn quiet(&self) {
        while !self.is_quiet().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn is_quiet(&self) -> bool {
        let waiting = self.server.engine().store().waiting_effects().await;
        waiting.expect("the store").is_empty()
    }

    /// When an event of a request is written.
    async fn finds(&self, from: usize, person: usize, request: &str, event: &str) -> Instant {
        let fits = |line: &Line| line.request == request && line.event == event;
        self.within(person, self.journal.find(from, fits)).await.1
    }

    async fn within<T>(&self, person: usize, found: impl Future<Output = T>) -> T {
        let found = tokio::time::timeout(PATIENCE, found).await;
        let read = || self.sandbox.newest_ephemeral(&account(person));
        found.unwrap_or_else(|_| panic!("it never came to be; {:?}", read()))
    }

    async fn types(&self, person: usize, text: &str) -> Duration {
        let slashed = self
            .sandbox
            .slash(&account(person), WORK, "/breakglass", text)
            .await;
        slashed.expect("an acknowledgement").ack.took
    }

    async fn requested(&self, from: usize, person: usize) -> String {
        let actor = format!("person:p{person}x");
        let is_asked = |line: &Line| line.event == "requested" && line.actor == actor;
        let found = self.within(person, self.journal.find(from, is_asked)).await;
        found.0.request
    }
}

fn account(person: usize) -> String {
    format!("UP{person}X")
}

fn channel_of(person: usize) -> String {
    format!("C0HOST{person}X")
}

fn options() -> Options {
    let mut options = workspace::options(([127, 0, 0, 1], 0).into());
    let accounts: Vec<String> = (0..PEOPLE).map(account).collect();
    let mut everybody: Vec<&str> = accounts.iter().map(String::as_str).collect();
    everybody.extend([APPROVER, "U0BREAKGLASS"]);
    options.people = accounts
        .iter()
        .map(|id| Person::member(id, &id.to_lowercase(), id))
        .chain([Person::member(APPROVER, "approver", "Approver")])
        .collect();
    options.usergroups = Vec::new();
    options.channels = vec![
        Channel::public(WORK, "work", &everybody),
        Channel::private(workspace::APPROVERS, "approvals", &everybody),
        Channel::private(workspace::SECURITY, "security", &everybody),
    ];
    let own = (0..PEOPLE)
        .map(|number| Channel::private(&channel_of(number), &format!("host{number}x"), &everybody));
    options.channels.extend(own);
    options
}

fn policy() -> String {
    let mut text = format!(
        "version = 1\n\
         [defaults]\njustification = {{ min = 5, max = 500 }}\nreview = 'never'\n\
         [[person]]\nid = 'approver'\nslack = '{APPROVER}'\n\
         [[group]]\nid = 'approvers'\nmembers = ['approver']\n\
         [[rule]]\nid = 'planned'\nwho = ['everyone']\nroles = ['*/alone']\nkind = 'planned'\napprovals = 'none'\n\
         [[rule]]\nid = 'one-approver'\nwho = ['everyone']\nroles = ['*/asked']\n\
         approvals = [{{ from = ['group:approvers'], count = 1 }}]\n"
    );
    for number in 0..PEOPLE {
        let (account, channel) = (account(number), channel_of(number));
        write!(
            text,
            "[[person]]\nid = 'p{number}x'\nslack = '{account}'\n\
             [[target]]\nid = 'host{number}x'\nsensitivity = 'medium'\nblast_radius = 'team'\n\
             provisioner = 'p{number}'\nslack_approvers_channel = '{channel}'\n\
             roles = [{{ id = 'alone', grants = 'alone' }}, {{ id = 'asked', grants = 'asked' }}]\n",
        )
        .expect("a text grows");
    }
    text
}

fn configuration(store: &str, sandbox: &Sandbox) -> String {
    let app = workspace::app();
    let provisioner = |number: usize| {
        json!({
            "id": format!("p{number}"), "kind": "command", "login": "{id}", "reads_back": false,
            "program": ["/bin/true"],
        })
    };
    let provisioners: Vec<_> = (0..PEOPLE).map(provisioner).collect();
    let config = json!({
        "server": {
            "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
            "admin_socket": "breakglass.sock",
        },
        "store": { "url": store },
        "policy": { "file": "policy.toml" },
        "log": { "origin": "bench.breakglass.example/log" },
        "slack": {
            "mode": "socket", "bot_token": app.bot_token, "app_token": app.app_token,
            "team": workspace::TEAM, "approvers_channel": workspace::APPROVERS,
            "security_channel": workspace::SECURITY, "api_url": sandbox.api_url(),
        },
        "provisioner": provisioners,
    });
    toml::to_string(&config).expect("a configuration")
}
