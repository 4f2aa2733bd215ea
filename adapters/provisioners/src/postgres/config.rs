//! The keys of `kind = "postgres"`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use breakglass_core::document::{Field, Table};
use breakglass_core::time::Length;
use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::connection::CONNECT;
use crate::secret;

/// How long a call may take unless the config says otherwise, connecting included.
const TIMEOUT: Length = Length::from_secs(10);
/// The longest that may be configured: a claim outlives a call three times over.
const TIMEOUT_MAX: Length = Length::from_secs(30);
/// Connecting, a lock and the end of a session may each take some of it.
const TIMEOUT_MIN: Length = Length::from_secs(8);
/// Connections at the same time unless the config says otherwise.
const PARALLEL: u8 = 8;
/// What may stand behind the `?` of the URL. Anything else is a typing error, not to be ignored.
const OPTIONS: [&str; 5] = ["host", "sslcert", "sslkey", "sslmode", "sslrootcert"];

/// One `[[provisioner]]` of this kind. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// `postgres://LOGIN@HOST/DATABASE`, perhaps with a password.
    pub url: SecretString,
    /// Our login's password, if the URL has none.
    pub password: Option<SecretString>,
    /// The authority that signed the server's certificate, if it is none of the public ones.
    pub root_cert: Option<PathBuf>,
    /// How long a call may take, connecting included.
    pub timeout: Length,
    /// Connections at the same time.
    pub parallel_max: u8,
}

impl Config {
    /// Reads the table; `None` after recording faults.
    pub fn read(table: &Table<'_>, directory: &Path) -> Option<Self> {
        let url = secret::read(table, "url", directory);
        if url.is_none() && !table.get("url").is_present() && !table.get("url_file").is_present() {
            table.get("url").fault("required key is missing");
        }
        let timeout = table.get("timeout").length_in(TIMEOUT_MIN..=TIMEOUT_MAX);
        let config = Self {
            url: SecretString::default(),
            password: secret::read(table, "password", directory),
            root_cert: table
                .get("root_cert")
                .string()
                .map(|path| directory.join(path)),
            timeout: timeout.unwrap_or(TIMEOUT),
            parallel_max: table
                .get("parallel_max")
                .integer(1..=64)
                .unwrap_or(PARALLEL),
        };
        let url = url?;
        check(&url, &table.get("url"))?;
        Some(Self { url, ..config })
    }

    /// How long a call may take once there is a connection.
    pub(super) fn limit(&self) -> Duration {
        Duration::from_secs(self.timeout.secs().into()).saturating_sub(CONNECT)
    }

    /// How long the server may take for it: it gives up before we do, so that the outcome is known.
    pub(super) fn server_limit(&self) -> Duration {
        self.limit().saturating_sub(Duration::from_secs(1))
    }

    /// How to connect: what the URL leaves out has fixed defaults, not those of the environment.
    pub(super) fn options(&self) -> PgConnectOptions {
        let text = self.url.expose_secret();
        let Some((url, mut options)) = Url::parse(text)
            .ok()
            .zip(text.parse::<PgConnectOptions>().ok())
        else {
            return PgConnectOptions::new_without_pgpass(); // `read` lets no such URL pass
        };
        let has = |key: &str| url.query_pairs().any(|(name, _)| name == key);
        if url.port().is_none() {
            options = options.port(5432);
        }
        if url.path().len() < 2 {
            let login = options.get_username().to_owned();
            options = options.database(&login);
        }
        if !has("sslmode") {
            options = options.ssl_mode(PgSslMode::Prefer);
        }
        if let Some(password) = &self.password {
            options = options.password(password.expose_secret());
        }
        if let Some(path) = &self.root_cert {
            options = options.ssl_root_cert(path);
        }
        let limit_ms = self.server_limit().as_millis().to_string();
        options
            .application_name("breakglass")
            .options([
                ("statement_timeout", limit_ms.as_str()),
                ("idle_in_transaction_session_timeout", limit_ms.as_str()),
                ("lock_timeout", "2000"),
                ("search_path", "pg_catalog"),
                ("client_min_messages", "error"),
            ])
            .disable_statement_logging()
    }

    /// Every effective setting by its key, without secrets.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let options = self.options();
        let root_cert = self
            .root_cert
            .as_ref()
            .map(|path| path.display().to_string());
        vec![
            (
                "url",
                format!("postgres://{}@{}", options.get_username(), self.host()),
            ),
            ("sslmode", format!("{:?}", options.get_ssl_mode())),
            ("root_cert", root_cert.unwrap_or_default()),
            ("timeout", self.timeout.to_string()),
            ("parallel_max", self.parallel_max.to_string()),
        ]
    }

    /// Where it connects to, without secrets: `db.internal:5432/orders`.
    pub fn host(&self) -> String {
        let options = self.options();
        let database = options.get_database().unwrap_or_default();
        match options.get_socket() {
            Some(socket) => format!("{}/{database}", socket.display()),
            None => format!("{}:{}/{database}", options.get_host(), options.get_port()),
        }
    }
}

/// A fault says nothing of the text itself, which may have a password in it.
fn check(secret: &SecretString, field: &Field<'_>) -> Option<()> {
    const WRITE: &str = "write postgres://LOGIN@HOST/DATABASE";
    let text = secret.expose_secret();
    let Ok(url) = Url::parse(text) else {
        field.fault(WRITE);
        return None;
    };
    let socket = url.query_pairs().any(|(key, _)| key == "host");
    let hosted = socket || url.host_str().is_some_and(|host| !host.is_empty());
    if !matches!(url.scheme(), "postgres" | "postgresql") || url.username().is_empty() || !hosted {
        field.fault(WRITE);
        return None;
    }
    for (key, _) in url.query_pairs() {
        if !OPTIONS.contains(&&*key) {
            field.fault(format!("{key:?} is none of {}", OPTIONS.join(", ")));
            return None;
        }
    }
    if text.parse::<PgConnectOptions>().is_err() {
        field.fault(format!("{WRITE}; one of its options isn't valid"));
        return None;
    }
    Some(())
}
