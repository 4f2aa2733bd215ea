//! A database of its own for each test, with a policy in force and people who act.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use breakglass_core::command::{Actor, Ask, Command, Outcome, Report};
use breakglass_core::decide::{Decision, Situation, decide};
use breakglass_core::document::SourceFile;
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, Platform, PolicyHash, RequestId};
use breakglass_core::log::SigningKey;
use breakglass_core::policy::Policy;
use breakglass_core::port::provisioner::Presence;
use breakglass_core::refusal::Refusal;
use breakglass_core::ruling::Question;
use breakglass_core::state::{Request, State};
use breakglass_core::text::Text;
use breakglass_core::time::{Length, Timestamp};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

use crate::{
    Committed, Database, Decide, Options, PolicyText, Store, StoreError, Submission, Verdict,
};

pub(crate) const ORIGIN: &str = "breakglass.example.com/log";

/// When the tests take place.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

const POLICY: &str = r#"
version = 1
[powers]
revoke = ["group:security"]
lockdown = ["group:security"]
[[person]]
id = "maya"
name = "Maya Lind"
slack = "U0MAYA"
[[person]]
id = "bo"
name = "Bo Ek"
slack = "U0BO"
[[person]]
id = "ines"
name = "Ines Alm"
slack = "U0INES"
[[group]]
id = "sre"
members = ["maya", "bo"]
[[group]]
id = "dba"
members = ["bo", "ines"]
[[group]]
id = "security"
members = ["ines"]
[[target]]
id = "orders-db"
title = "Orders database"
sensitivity = "high"
blast_radius = "team"
provisioner = "orders"
roles = [
  { id = "read", title = "Read", grants = "orders_read" },
  { id = "admin", title = "Admin", grants = "orders_admin" },
]
[[rule]]
id = "one-dba"
who = ["everyone"]
roles = ["orders-db/*"]
approvals = [{ from = ["group:dba"], count = 1 }]
"#;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Sqlite,
    Postgres,
}

/// A database with tables and nothing in it. Its folder goes away with it, a PostgreSQL database with its
/// server.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

impl Fresh {
    pub(crate) async fn new(place: Place) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match place {
            Place::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
            Place::Postgres => postgres(&folder).await,
        };
        let database = Database::connect(&url).await.unwrap();
        database.migrate().await.unwrap();
        database.close().await.unwrap();
        Self { url, folder }
    }

    pub(crate) async fn database(&self) -> Database {
        Database::connect(&self.url).await.unwrap()
    }

    /// Opens the store as another process would.
    pub(crate) async fn open(&self) -> Store {
        self.open_with(None).await.unwrap()
    }

    pub(crate) async fn open_with(&self, checkpoint: Option<String>) -> Result<Store, StoreError> {
        Store::open(self.database().await, options(checkpoint)).await
    }

    /// What somebody who owns the database can do: triggers don't stop them.
    pub(crate) async fn meddle(&self, sql: &str) {
        let database = self.database().await;
        let connection = &database.writer;
        if self.url.starts_with("sqlite") {
            let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
            let statement = Statement::from_string(connection.get_database_backend(), triggers);
            for row in connection.query_all_raw(statement).await.unwrap() {
                let name: String = row.try_get_by_index(0).unwrap();
                connection
                    .execute_unprepared(&format!("DROP TRIGGER {name}"))
                    .await
                    .unwrap();
            }
        } else {
            let off =
                "ALTER TABLE event DISABLE TRIGGER ALL; ALTER TABLE policy DISABLE TRIGGER ALL";
            connection.execute_unprepared(off).await.unwrap();
        }
        connection.execute_unprepared(sql).await.expect(sql);
        database.close().await.unwrap();
    }
}

async fn postgres(folder: &TempDir) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where its server is"
    )]
    let url = std::env::var("BREAKGLASS_TEST_POSTGRES")
        .expect("BREAKGLASS_TEST_POSTGRES is not set: run the tests with tests/run");
    let unique = folder.path().file_name().unwrap().to_str().unwrap();
    let name = format!("s_{}", unique.trim_start_matches('.').to_lowercase());
    let server = Database::connect(&url).await.unwrap();
    server
        .writer
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    server.close().await.unwrap();
    format!("{}/{name}", url.rsplit_once('/').unwrap().0)
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [7; 32]).unwrap()
}

pub(crate) fn options(checkpoint: Option<String>) -> Options {
    Options {
        key: key(),
        decide: Arc::new(Rules::default()),
        platforms: vec![Platform::Slack],
        alarm_pagers: Vec::new(),
        checkpoint,
    }
}

fn policy(text: &str) -> Policy {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: text.to_owned(),
    };
    Policy::parse(&[file]).unwrap()
}

/// The core's own decisions, by the policy in force or by one that lists nobody.
#[derive(Debug, Default)]
struct Rules(Mutex<HashMap<PolicyHash, Arc<Policy>>>);

impl Decide for Rules {
    fn decide(
        &self,
        text: Option<&PolicyText>,
        state: &State,
        submission: &Submission,
    ) -> Result<Decision, Refusal> {
        let hash = text.map_or_else(PolicyHash::none, |text| text.hash.clone());
        let read = || match text {
            Some(text) => Arc::new(Policy::from_text(&text.body).unwrap()),
            None => Arc::new(policy("version = 1")),
        };
        let policy = self
            .0
            .lock()
            .unwrap()
            .entry(hash)
            .or_insert_with(read)
            .clone();
        let (facts, now) = (&submission.facts, submission.now);
        let situation = Situation {
            policy: &policy,
            state,
            facts,
            now,
        };
        decide(&situation, &submission.actor, &submission.command)
    }
}

/// A store with a policy in force.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) fresh: Fresh,
    pub(crate) store: Store,
}

impl World {
    pub(crate) async fn new(place: Place) -> Self {
        let fresh = Fresh::new(place).await;
        let store = fresh.open().await;
        let world = Self { fresh, store };
        let hash = world
            .store
            .keep_policy(policy(POLICY).text(), START)
            .await
            .unwrap();
        world
            .done(Actor::Server, Command::LoadPolicy { hash })
            .await;
        world
    }

    /// Closes the store and opens it again, as a restart does.
    pub(crate) async fn restart(self) -> Self {
        self.store.close().await.unwrap();
        let store = self.fresh.open().await;
        Self { store, ..self }
    }

    pub(crate) async fn submit(
        &self,
        actor: Actor,
        command: Command,
    ) -> Result<Verdict, StoreError> {
        self.store.submit(submission(actor, command, START)).await
    }

    pub(crate) async fn done(&self, actor: Actor, command: Command) -> Committed {
        self.submit(actor, command).await.unwrap().unwrap()
    }

    /// Maya asks for a role; it waits for a DBA.
    pub(crate) async fn ask(&self, role: &str) -> Request {
        self.done(person("maya"), ask("maya", role))
            .await
            .request
            .unwrap()
    }

    /// Bo approves, and the target is not called yet.
    pub(crate) async fn approve(&self, request: &Request) -> Request {
        self.done(person("bo"), approve(request))
            .await
            .request
            .unwrap()
    }

    /// Asked, approved, and read back at the target.
    pub(crate) async fn grant(&self, role: &str) -> Request {
        let request = self.ask(role).await;
        self.approve(&request).await;
        self.report(&request.asked.holding, Outcome::Given)
            .await
            .request
            .unwrap()
    }

    /// Over, and not taken away yet.
    pub(crate) async fn give_back(&self, request: &Request) {
        let request = request.id;
        self.done(person("maya"), Command::GiveBack { request })
            .await;
    }

    /// Taken away and read back.
    pub(crate) async fn end(&self, request: &Request) -> Request {
        self.give_back(request).await;
        let taken = Outcome::Taken {
            read_back: Presence::Absent,
            sessions_ended: 1,
            remains: Vec::new(),
        };
        self.report(&request.asked.holding, taken)
            .await
            .request
            .unwrap()
    }

    pub(crate) async fn report(&self, holding: &HoldingId, outcome: Outcome) -> Committed {
        let verdict = self.store.submit(report(holding, outcome)).await;
        verdict.unwrap().unwrap()
    }

    /// The check before the target is called.
    pub(crate) async fn fold(&self, request: &Request) -> Result<(), StoreError> {
        self.store
            .fold_holding(&request.asked.holding)
            .await
            .map(drop)
    }
}

pub(crate) fn report(holding: &HoldingId, outcome: Outcome) -> Submission {
    let report = Report {
        // The newest there is.
        version: u64::MAX,
        holding: holding.clone(),
        started_at: START,
        outcome,
    };
    submission(Actor::Worker, Command::Report(Box::new(report)), START)
}

pub(crate) fn submission(actor: Actor, command: Command, now: Timestamp) -> Submission {
    Submission {
        actor,
        command,
        facts: Facts::default(),
        now,
    }
}

pub(crate) fn person(id: &str) -> Actor {
    Actor::Person {
        person: id.parse().unwrap(),
        platform: Platform::Slack,
        account: format!("U0{}", id.to_ascii_uppercase()),
    }
}

/// Begins all before it waits for any.
pub(crate) async fn at_once<T: Send + 'static>(
    all: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = all.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

pub(crate) fn holding(account: &str, role: &str) -> HoldingId {
    HoldingId {
        provisioner: "orders".parse().unwrap(),
        account: account.to_owned(),
        entitlement: format!("orders_{role}"),
    }
}

pub(crate) fn ask(who: &str, role: &str) -> Command {
    Command::Ask(Box::new(Ask {
        question: Question {
            requester: who.parse().unwrap(),
            beneficiary: who.parse().unwrap(),
            target: "orders-db".parse().unwrap(),
            role: role.parse().unwrap(),
            duration: Some(Length::from_mins(15)),
            severity: None,
            incident: None,
            platform: Platform::Slack,
        },
        holding: holding(who, role),
        justification: justification(),
        source: None,
        again: false,
    }))
}

pub(crate) fn justification() -> Text {
    Text::new(
        "replication slot stuck, orders pile up",
        "00112233445566778899aabbccddeeff",
    )
    .unwrap()
}

pub(crate) fn approve(request: &Request) -> Command {
    Command::Approve {
        request: request.id,
        digest: request.digest.clone(),
        cut: None,
    }
}

pub(crate) fn id(number: u64) -> RequestId {
    RequestId::new(number)
}
