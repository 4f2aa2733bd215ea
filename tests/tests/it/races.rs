//! Everybody clicks at the same time, on two replicas: one decision is made, and everybody else reads what it was.

use std::sync::Arc;

use breakglass::engine::Decider;
use breakglass_core::command::{Actor, Ask, Command};
use breakglass_core::document::SourceFile;
use breakglass_core::fact::Facts;
use breakglass_core::id::{HoldingId, Platform};
use breakglass_core::log::SigningKey;
use breakglass_core::policy::Policy;
use breakglass_core::ruling::Question;
use breakglass_core::state::Request;
use breakglass_core::text::Text;
use breakglass_core::time::Timestamp;
use breakglass_store::{Database, Options, Store, Submission, Verdict};
use breakglass_tests::effort::effort;
use breakglass_tests::place::{Kind, Place};
use futures_util::future::join_all;

const START: Timestamp = Timestamp::from_millis(1_772_417_640_000);

/// Who asks takes turns, so that nobody has thousands of requests open.
const DEVELOPERS: u32 = 100;

const POLICY: &str = r#"
version = 1
[powers]
deny = ["group:dba"]
[[person]]
id = "bo"
slack = "U0BO"
[[person]]
id = "dana"
slack = "U0DANA"
[[group]]
id = "dba"
members = ["bo", "dana"]
[[target]]
id = "orders-db"
sensitivity = "low"
provisioner = "orders"
roles = [{ id = "admin", grants = "orders_admin" }]
[[rule]]
id = "one-dba"
who = ["group:developers"]
roles = ["orders-db/*"]
approvals = [{ from = ["group:dba"], count = 1 }]
"#;

fn by(person: &str) -> Actor {
    Actor::Person {
        person: person.parse().unwrap(),
        platform: Platform::Slack,
        account: format!("U0{}", person.to_uppercase().replace('-', "")),
    }
}

fn developer(number: u32) -> String {
    format!("maya-{}", number % DEVELOPERS)
}

/// The policy with all who ask.
fn policy() -> String {
    let names: Vec<String> = (0..DEVELOPERS).map(developer).collect();
    let person = |name: &String| {
        let account = name.to_uppercase().replace('-', "");
        format!("[[person]]\nid = \"{name}\"\nslack = \"U0{account}\"\n")
    };
    let people: String = names.iter().map(person).collect();
    format!("{POLICY}{people}[[group]]\nid = \"developers\"\nmembers = {names:?}\n")
}

fn text() -> Text {
    Text::new("replication slot stuck", "00").unwrap()
}

fn ask(number: u32) -> Command {
    let maya = || developer(number).parse().unwrap();
    Command::Ask(Box::new(Ask {
        question: Question {
            requester: maya(),
            beneficiary: maya(),
            target: "orders-db".parse().unwrap(),
            role: "admin".parse().unwrap(),
            duration: None,
            severity: None,
            incident: None,
            platform: Platform::Slack,
        },
        holding: HoldingId {
            provisioner: "orders".parse().unwrap(),
            account: format!("maya-{number}"),
            entitlement: "orders_admin".to_owned(),
        },
        justification: text(),
        source: None,
        again: true,
    }))
}

/// What each of them clicks on a request.
fn clicks(request: &Request, developer: String) -> Vec<(String, Command)> {
    let (id, digest) = (request.id, || request.digest.clone());
    let approve = || Command::Approve {
        request: id,
        digest: digest(),
        cut: None,
    };
    let deny = Command::Deny {
        request: id,
        digest: digest(),
        reason: text(),
    };
    vec![
        ("bo".to_owned(), approve()),
        ("dana".to_owned(), approve()),
        ("bo".to_owned(), approve()),
        ("dana".to_owned(), deny),
        (developer, Command::Withdraw { request: id }),
    ]
}

async fn submit(store: &Store, person: &str, command: Command) -> Verdict {
    let submission = Submission {
        actor: by(person),
        command,
        facts: Facts::default(),
        now: START,
    };
    store.submit(submission).await.unwrap()
}

async fn open(url: &str) -> Store {
    let options = Options {
        key: SigningKey::from_seed("races.example.com/log", [7; 32]).unwrap(),
        decide: Arc::new(Decider::default()),
        platforms: vec![Platform::Slack],
        alarm_pagers: Vec::new(),
        checkpoint: None,
    };
    let database = Database::connect(url).await.unwrap();
    database.migrate().await.unwrap();
    Store::open(database, options).await.unwrap()
}

/// One race: how it was decided, by whom first.
async fn race(replicas: &[Store], number: u32) -> &'static str {
    let asked = submit(&replicas[0], &developer(number), ask(number))
        .await
        .unwrap();
    let request = asked.request.unwrap();
    let mut clicks = clicks(&request, developer(number));
    let turn = usize::try_from(number).unwrap() % clicks.len();
    clicks.rotate_left(turn);
    let all = clicks
        .into_iter()
        .enumerate()
        .map(|(place, (who, command))| {
            let replica = replicas[place % replicas.len()].clone();
            tokio::spawn(async move { submit(&replica, &who, command).await })
        });
    let mut decided = Vec::new();
    for verdict in join_all(all).await {
        match verdict.unwrap() {
            Ok(committed) => {
                let names = committed.records.iter().map(|record| record.event.name());
                decided.extend(names.filter(|name| *name != "approval_given"));
            }
            Err(refusal) => assert_eq!(refusal.code(), "too_late", "{number}"),
        }
    }
    assert_eq!(decided.len(), 1, "{number}: {decided:?}");
    decided[0]
}

#[expect(clippy::print_stdout, reason = "the count says how much was tried")]
async fn one_wins_and_the_rest_read_so(kind: Kind, replicas: usize) {
    let place = Place::new(kind).await.expect("tests/run starts the server");
    let mut stores = Vec::new();
    for _ in 0..replicas {
        stores.push(open(&place.url).await);
    }
    let file = SourceFile {
        name: "policy.toml".to_owned(),
        text: policy(),
    };
    let policy = Policy::parse(&[file]).unwrap();
    let hash = stores[0].keep_policy(policy.text(), START).await.unwrap();
    let load = Submission {
        actor: Actor::Server,
        command: Command::LoadPolicy { hash },
        facts: Facts::default(),
        now: START,
    };
    stores[0].submit(load).await.unwrap().unwrap();
    let races = effort("BREAKGLASS_TEST_RACES", 100);
    let mut wins = std::collections::BTreeMap::<_, u32>::new();
    for number in 0..races {
        *wins.entry(race(&stores, number).await).or_default() += 1;
    }
    println!("{}: {races} races, {wins:?}", kind.name());
    for store in stores {
        store.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_all_who_click_at_once_one_decides_on_sqlite() {
    one_wins_and_the_rest_read_so(Kind::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_all_who_click_at_once_one_decides_on_two_replicas() {
    one_wins_and_the_rest_read_so(Kind::Postgres, 2).await;
}
