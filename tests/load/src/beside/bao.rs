//! `OpenBao`: its database secrets engine on the target, and leases by its API.
//! <https://openbao.org/api-docs/secret/databases/>

use std::time::Duration;

use breakglass_core::time::Timestamp;
use chrono::DateTime;
use clap::ValueEnum;
use futures_util::future::try_join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{LEASE_SECS, Lease, Plan};
use crate::company::entitlement;

/// Who was given something by it.
pub(super) const HELD: &str =
    "SELECT coalesce(array_agg(rolname::text), '{}') FROM pg_roles WHERE rolname LIKE 'v-%'";

/// Its root token in dev mode; the script starts it with this one.
const DEV_TOKEN: &str = "root";

/// How long a new one may take until it serves.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How it takes a login away.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Revokes {
    /// As it does by itself, where nothing is said: all rights one by one, and then the login
    ByItself,
    /// By the one statement that is enough for logins whose rights all come from a role
    Drop,
}

impl Revokes {
    const fn statements(self) -> &'static [&'static str] {
        match self {
            Self::ByItself => &[],
            Self::Drop => &["DROP ROLE IF EXISTS \"{{name}}\""],
        }
    }
}

/// A running server, whose roles differ by how long their leases last.
pub(super) struct Bao {
    url: String,
    token: String,
    http: Client,
}

impl Bao {
    /// Lets it give logins with a role on the target, by one statement.
    pub(super) async fn set_up(url: &str, target: &str, revokes: Revokes) -> anyhow::Result<Self> {
        let mut bao = Self {
            url: url.to_owned(),
            token: DEV_TOKEN.to_owned(),
            http: Client::new(),
        };
        bao.open().await?;
        bao.call(
            Method::POST,
            "sys/mounts/database",
            json!({ "type": "database" }),
        )
        .await?;
        let config = json!({
            "plugin_name": "postgresql-database-plugin", "allowed_roles": "*",
            "connection_url": format!("{target}?sslmode=disable"),
        });
        bao.call(Method::POST, "database/config/target", config)
            .await?;
        let role = entitlement(0, "late");
        for secs in LEASE_SECS..LEASE_SECS + 60 {
            let role = json!({
                "db_name": "target", "default_ttl": format!("{secs}s"), "max_ttl": "1h",
                "creation_statements": [format!(
                    "CREATE ROLE \"{{{{name}}}}\" LOGIN PASSWORD '{{{{password}}}}' VALID UNTIL '{{{{expiration}}}}' IN ROLE {role}"
                )],
                "revocation_statements": revokes.statements(),
            });
            bao.call(Method::POST, &format!("database/roles/for-{secs}"), role)
                .await?;
        }
        Ok(bao)
    }

    /// One that isn't in dev mode is locked, and has no key yet.
    async fn open(&mut self) -> anyhow::Result<()> {
        let known = self.call(Method::GET, "sys/init", Value::Null).await?;
        if known["initialized"] == true {
            return Ok(());
        }
        let one = json!({ "secret_shares": 1, "secret_threshold": 1 });
        let made = self.call(Method::PUT, "sys/init", one).await?;
        let token = made["root_token"].as_str().unwrap_or_default();
        token.clone_into(&mut self.token);
        let key = json!({ "key": made["keys_base64"][0] });
        self.call(Method::PUT, "sys/unseal", key).await?;
        let since = Instant::now();
        while let Err(error) = self.call(Method::GET, "sys/health", Value::Null).await {
            anyhow::ensure!(since.elapsed() < READY_WITHIN, "it isn't ready: {error}");
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// As many leases as planned, with the ends that it says they have.
    pub(super) async fn lease(&self, plan: Plan) -> anyhow::Result<Vec<Lease>> {
        let begin = Instant::now();
        let each = (0..plan.many).map(async |number| {
            let secs = plan.turn(begin, number).await;
            let path = format!("database/creds/for-{secs}");
            let given = self.call(Method::GET, &path, Value::Null).await?;
            let which = json!({ "lease_id": given["lease_id"] });
            let known = self.call(Method::POST, "sys/leases/lookup", which).await?;
            let ends_at = known["data"]["expire_time"].as_str().unwrap_or_default();
            anyhow::Ok(Lease {
                name: given["data"]["username"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                ends_at: Timestamp::from_millis(
                    DateTime::parse_from_rfc3339(ends_at)?.timestamp_millis(),
                ),
            })
        });
        try_join_all(each).await
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let mut call = self.http.request(method, format!("{}/v1/{path}", self.url));
        if !body.is_null() {
            call = call.json(&body);
        }
        let answer = call.header("X-Vault-Token", &self.token).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        anyhow::ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}
