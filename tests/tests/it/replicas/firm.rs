//! A firm with many people, two targets and two replicas, each with its own way to the store and to the database that access is
//! asked for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use breakglass::config::Config;
use breakglass::database::{Role, connect, migrate};
use breakglass::demo::{self, workspace};
use breakglass::environment::Environment;
use breakglass::log_key::{LogIs, read_or_make};
use breakglass_core::event::Record;
use breakglass_sandbox::{Channel, MessageId, Options, Person, Sandbox};
use breakglass_tests::postgres::{Server, StoreDatabase, Target};
use serde_json::json;
use tempfile::TempDir;

use crate::company::{LOOK_EVERY, ORIGIN};

/// Where people type.
pub(super) const WORK: &str = "C0WORK";

/// Two who know the databases, and two of security.
pub(super) const APPROVERS: [&str; 4] = ["UBO", "UDANA", "UINES", "ULEE"];

/// Both start within that, on however slow a machine.
const START_WITHIN: Duration = Duration::from_secs(45);

/// What can be asked for.
pub(super) const ASKABLE: [(&str, &str); 4] = [
    ("orders-db", "read"),
    ("orders-db", "admin"),
    ("edge", "debug"),
    ("edge", "logs"),
];

pub(super) struct Firm {
    pub(super) sandbox: Sandbox,
    pub(super) people: u32,
    pub(super) orders: Target,
    store: StoreDatabase,
    folder: TempDir,
}

pub(super) fn account(person: u32) -> String {
    format!("UP{person:03}")
}

fn id(person: u32) -> String {
    format!("p{person:03}")
}

impl Firm {
    pub(super) async fn found(people: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut orders = Target::create(Server::Newest).await;
        for person in 0..people {
            let login = format!("{}_{}", orders.database.name, id(person));
            orders.add_login(&login).await;
        }
        std::fs::create_dir(folder.path().join("doors")).unwrap();
        let policy = policy(&orders, people);
        std::fs::write(folder.path().join("policy.toml"), policy).unwrap();
        let firm = Self {
            sandbox: Sandbox::start(options(people)).await.unwrap(),
            people,
            orders,
            store: StoreDatabase::create(Server::Fifteen).await,
            folder,
        };
        // The operator's own way in.
        firm.configure(firm.folder(), (&firm.store.url(), &firm.orders.url()));
        let config = firm.config();
        migrate(&config.store).await.unwrap();
        read_or_make(&config.log, LogIs::Empty).unwrap();
        firm
    }

    /// Writes a configuration that reaches the store and the orders database so.
    pub(super) fn configure(&self, folder: &Path, (store, orders): (&str, &str)) {
        let example = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../docs/example/provisioner.sh"
        );
        let file = |name: &str| self.folder().join(name);
        let text = json!({
            "server": {
                "listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0", "test_mode": true,
                "admin_socket": "breakglass.sock",
            },
            "store": { "url": store, "owner_url": self.store.owner_url() },
            "policy": { "file": file("policy.toml") },
            "log": { "origin": ORIGIN, "key_file": file("log.key") },
            "slack": demo::slack(&self.sandbox),
            "provisioner": [
                {
                    "id": "orders", "kind": "postgres", "url": orders,
                    "login": format!("{}_{{id}}", self.orders.database.name),
                },
                {
                    "id": "edge", "kind": "command", "login": "{id}", "lists": true,
                    "program": ["/bin/sh", example], "env": { "DOORS": self.doors() },
                },
            ],
        });
        let text = toml::to_string(&text).unwrap();
        std::fs::write(folder.join("breakglass.toml"), text).unwrap();
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The edge: a file for each access there.
    pub(super) fn doors(&self) -> PathBuf {
        self.folder().join("doors")
    }

    pub(super) fn store_url(&self) -> String {
        self.store.url()
    }

    fn config(&self) -> Config {
        let file = self.folder().join("breakglass.toml");
        Config::load(&file, &Environment::default()).unwrap()
    }

    /// So many replicas are connected.
    pub(super) async fn hears(&self, replicas: usize) -> bool {
        let connected = |sandbox: &Sandbox| (sandbox.connections() >= replicas).then_some(());
        self.sandbox
            .wait_for(START_WITHIN, connected)
            .await
            .is_some()
    }

    /// How many requests there are.
    pub(super) async fn requests(&self) -> u32 {
        let asked = self.ask("SELECT count(*) FROM request").await;
        asked.parse().unwrap()
    }

    /// The single value that a query to the store answers.
    async fn ask(&self, sql: &str) -> String {
        let rows = self.rows(&format!("SELECT ({sql})::text")).await;
        rows.into_iter().next().unwrap_or_default()
    }

    /// The first column of what a query to the store answers.
    async fn rows(&self, sql: &str) -> Vec<String> {
        use sqlx::ConnectOptions as _;
        let options = self.store.database.server.superuser();
        let mut connection = options
            .database(&self.store.database.name)
            .connect()
            .await
            .unwrap();
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .unwrap()
    }

    /// Waits until every request is over, and everything is done and told; an error: what isn't.
    pub(super) async fn is_quiet(&self, limit: Duration) -> Result<(), String> {
        const LEFT: &str = "SELECT 'request ' || id || ' ' || phase FROM request WHERE open \
             UNION ALL SELECT key || ' ' || attempts || ' ' || coalesce(claimed_by, '') FROM outbox \
             UNION ALL SELECT 'act ' || id FROM inbox WHERE handled_at IS NULL";
        let quiet = async {
            while !self.rows(LEFT).await.is_empty() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        if tokio::time::timeout(limit, quiet).await.is_ok() {
            return Ok(());
        }
        Err(format!("left over: {:#?}", self.rows(LEFT).await))
    }

    /// Cards, as the store remembers them, with their requests.
    pub(super) async fn cards(&self) -> Vec<(String, MessageId)> {
        let sql = "SELECT 'BG-' || request || ' ' || channel || ' ' || message FROM card";
        let card = |row: String| {
            let mut parts = row.split(' ').map(str::to_owned);
            let mut part = || parts.next().unwrap();
            let request = part();
            let (channel, ts) = (part(), part());
            (request, MessageId { channel, ts })
        };
        self.rows(sql).await.into_iter().map(card).collect()
    }

    /// Every record of the log.
    pub(super) async fn records(&self) -> Vec<Record> {
        let database = connect(&self.config().store, Role::Server).await.unwrap();
        let records = database.records_after(0, 1_000_000).await.unwrap();
        database.close().await.unwrap();
        records
    }
}

fn options(people: u32) -> Options {
    let mut options = workspace::options(([127, 0, 0, 1], 0).into());
    let accounts: Vec<String> = (0..people).map(account).collect();
    let mut everybody: Vec<&str> = accounts.iter().map(String::as_str).collect();
    everybody.extend(APPROVERS);
    options.people = everybody
        .iter()
        .map(|id| Person::member(id, &id.to_lowercase(), id))
        .collect();
    everybody.push("U0BREAKGLASS");
    options.usergroups = Vec::new();
    options.channels = vec![
        Channel::public(WORK, "work", &everybody),
        Channel::private(workspace::APPROVERS, "approvals", &everybody),
        Channel::private(workspace::SECURITY, "security", &everybody),
    ];
    options
}

fn policy(orders: &Target, people: u32) -> String {
    let (read, admin) = (&orders.read, &orders.admin);
    let people = (0..people).map(|person| (id(person), account(person)));
    let approvers = APPROVERS.map(|account| (account[1..].to_lowercase(), account.to_owned()));
    let people: Vec<String> = people
        .chain(approvers)
        .map(|(id, slack)| format!("[[person]]\nid = '{id}'\nslack = '{slack}'"))
        .collect();
    let people = people.join("\n");
    format!(
        "version = 1
[defaults]
duration = '3s'
max_duration = '1m'
window = '10m'
provision_within = '1m'
justification = {{ min = 5, max = 500 }}
review = 'never'
[powers]
deny = ['group:security']
{people}
[[group]]
id = 'dba'
members = ['bo', 'dana']
[[group]]
id = 'security'
members = ['ines', 'lee']
[[target]]
id = 'orders-db'
sensitivity = 'high'
blast_radius = 'team'
provisioner = 'orders'
roles = [{{ id = 'read', grants = '{read}' }}, {{ id = 'admin', grants = '{admin}' }}]
[[target]]
id = 'edge'
sensitivity = 'medium'
blast_radius = 'team'
provisioner = 'edge'
roles = [{{ id = 'debug', grants = 'edge_debug' }}, {{ id = 'logs', grants = 'edge_logs' }}]
[[rule]]
id = 'one'
who = ['everyone']
roles = ['orders-db/read', 'edge/*']
approvals = [{{ from = ['group:dba'], count = 1 }}]
[[rule]]
id = 'two'
who = ['everyone']
roles = ['orders-db/admin']
approvals = [{{ from = ['group:dba'], count = 1 }}, {{ from = ['group:security'], count = 1 }}]
"
    )
}
