//! How many commands a second are written for good, on SQLite and PostgreSQL, also with 2 ms more for each flush.
//!
//! Each of N people asks for access and withdraws, again and again: two commands, each decided by the policy
//! and written with its request, deadlines and effects. One process, one appender. The extra flush is a pause of
//! the appender just before its commit, while it holds its locks (`Database::with_slow_flush`); what the disk
//! itself takes comes on top. PostgreSQL is the server that `BREAKGLASS_TEST_POSTGRES` names, as `tests/run`
//! starts it: without fsync, so its first row shows the cost of everything but the disk.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that can't go on says so and stops"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use breakglass::engine::Decider;
use breakglass_core::command::{Actor, Ask, Command};
use breakglass_core::document::SourceFile;
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, Platform};
use breakglass_core::log::SigningKey;
use breakglass_core::policy::Policy;
use breakglass_core::ruling::Question;
use breakglass_core::text::Text;
use breakglass_core::time::Timestamp;
use breakglass_store::{Database, Options, Store, Submission};
use breakglass_tests::place::{Kind, Place};

/// How long each row is measured.
const MEASURE_FOR: Duration = Duration::from_secs(4);

/// How many people act at the same time.
const PEOPLE: [usize; 4] = [1, 16, 256, 1024];

const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(all());
}

async fn all() {
    say(&format!(
        "{:<12} {:>9} {:>7} {:>12} {:>12}",
        "database", "flush", "people", "commands/s", "commits/s"
    ));
    for kind in Kind::ALL {
        for extra_millis in [0, 2] {
            for people in PEOPLE {
                let Some(place) = Place::new(kind).await else {
                    say("postgres: BREAKGLASS_TEST_POSTGRES is not set, so it is left out");
                    return;
                };
                let (commands, commits) = measure(&place.url, people, extra_millis).await;
                let flush = format!("+{extra_millis} ms");
                let server = kind.name();
                let row =
                    format!("{server:<12} {flush:>9} {people:>7} {commands:>12.0} {commits:>12.0}");
                say(&row);
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn say(line: &str) {
    println!("{line}");
}

/// Commands and commits a second.
async fn measure(url: &str, people: usize, extra_millis: u64) -> (f64, f64) {
    let database = Database::connect(url).await.expect("the database");
    database.migrate().await.expect("tables");
    let database = database.with_slow_flush(Duration::from_millis(extra_millis));
    let store = Store::open(database, options()).await.expect("the store");
    let policy = store
        .keep_policy(policy(people).text(), START)
        .await
        .expect("the policy");
    submit(&store, Actor::Server, Command::LoadPolicy { hash: policy }).await;

    let commits = count_commits(&store);
    let done = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..people)
        .map(|number| tokio::spawn(ask_for_ever(store.clone(), number, Arc::clone(&done))))
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (from, commits_from) = (
        done.load(Ordering::Relaxed),
        commits.load(Ordering::Relaxed),
    );
    let began = tokio::time::Instant::now();
    tokio::time::sleep(MEASURE_FOR).await;
    let secs = began.elapsed().as_secs_f64();
    let commands = done.load(Ordering::Relaxed) - from;
    let commits = commits.load(Ordering::Relaxed) - commits_from;
    for worker in workers {
        worker.abort();
    }
    store.close().await.expect("goodbye");
    (per(commands, secs), per(commits, secs))
}

fn per(count: u64, secs: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / secs
}

/// Each commit publishes the new size of the log; one that overtakes the counter isn't counted, so this is a lower
/// bound.
fn count_commits(store: &Store) -> Arc<AtomicU64> {
    let commits = Arc::new(AtomicU64::new(0));
    let (counter, mut status) = (Arc::clone(&commits), store.status());
    tokio::spawn(async move {
        while status.changed().await.is_ok() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    commits
}

async fn ask_for_ever(store: Store, number: usize, done: Arc<AtomicU64>) {
    let person = format!("p{number}");
    let actor = Actor::Person {
        person: person.parse().expect("an id"),
        platform: Platform::Slack,
        account: format!("U{number}"),
    };
    loop {
        let request = submit(&store, actor.clone(), ask(&person)).await;
        let request = request.expect("a request").id;
        submit(&store, actor.clone(), Command::Withdraw { request }).await;
        done.fetch_add(2, Ordering::Relaxed);
    }
}

async fn submit(
    store: &Store,
    actor: Actor,
    command: Command,
) -> Option<breakglass_core::state::Request> {
    let submission = Submission {
        actor,
        command,
        facts: Facts::default(),
        now: START,
    };
    let verdict = store.submit(submission).await.expect("an answer");
    verdict.expect("no refusal").request
}

fn ask(person: &str) -> Command {
    let id = || person.parse().expect("an id");
    Command::Ask(Box::new(Ask {
        question: Question {
            requester: id(),
            beneficiary: id(),
            target: "orders-db".parse().expect("an id"),
            role: "admin".parse().expect("an id"),
            duration: None,
            severity: None,
            incident: None,
            platform: Platform::Slack,
        },
        holding: HoldingId {
            provisioner: "orders".parse().expect("an id"),
            account: person.to_owned(),
            entitlement: "orders_admin".to_owned(),
        },
        justification: Text::new(
            "replication slot stuck, orders pile up",
            "00112233445566778899aabbccddeeff",
        )
        .expect("a text"),
        source: None,
        again: false,
    }))
}

fn options() -> Options {
    Options {
        key: SigningKey::from_seed("bench.example.com/log", [7; 32]).expect("a key"),
        decide: Arc::new(Decider::default()),
        platforms: vec![Platform::Slack],
        alarm_pagers: Vec::new(),
        checkpoint: None,
    }
}

fn policy(people: usize) -> Policy {
    let mut text = String::from(
        r#"
version = 1
[[person]]
id = "approver"
name = "Approver"
slack = "U0APPROVER"
[[group]]
id = "dba"
members = ["approver"]
[[target]]
id = "orders-db"
title = "Orders database"
sensitivity = "high"
blast_radius = "team"
provisioner = "orders"
roles = [{ id = "admin", title = "Admin", grants = "orders_admin" }]
[[rule]]
id = "one-dba"
who = ["everyone"]
roles = ["orders-db/*"]
approvals = [{ from = ["group:dba"], count = 1 }]
"#,
    );
    let listed =
        |number| format!("[[person]]\nid = \"p{number}\"\nname = \"P\"\nslack = \"U{number}\"\n");
    text.extend((0..people).map(listed));
    read(&text)
}

fn read(text: &str) -> Policy {
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: text.to_owned(),
    };
    Policy::parse(&[file]).expect("a policy")
}
