//! `[store]`: the database.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Section;

/// `[store]`
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `sqlite://…` with an absolute path, or `postgres://…`; may have a password in it.
    pub url: SecretString,
    /// For `migrate` on PostgreSQL.
    pub owner_url: Option<SecretString>,
    /// Where this machine keeps what must end, should the database be gone.
    pub mirror_dir: PathBuf,
}

impl StoreConfig {
    pub(super) fn read(section: &Section<'_, '_>) -> Option<Self> {
        let url = section
            .need_secret("url")
            .and_then(|url| database(section, "url", &url));
        let owner_url = section
            .secret("owner_url")
            .map(|url| database(section, "owner_url", &url));
        let mirror_dir = section.path_or("mirror_dir", "breakglass.mirror");
        Some(Self {
            mirror_dir: mirror_dir?,
            url: url?,
            owner_url: owner_url.map_or(Some(None), |url| url.map(Some))?,
        })
    }

    /// Where the data is, without a password.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }

    /// The file that the data is in, if it is one.
    pub fn file(&self) -> Option<String> {
        let path = self.url.expose_secret().strip_prefix("sqlite://")?;
        Some(path.split('?').next().unwrap_or_default().to_owned())
    }

    /// The role that the server connects as, if it is a server's database.
    pub fn role(&self) -> Option<String> {
        let url = Url::parse(self.url.expose_secret()).ok()?;
        Some(url.username().to_owned()).filter(|role| !self.is_sqlite() && !role.is_empty())
    }

    /// Is it a file on this machine rather than a PostgreSQL server?
    pub fn is_sqlite(&self) -> bool {
        self.url.expose_secret().starts_with("sqlite:")
    }
}

/// The URL of a database without a password or options.
pub(super) fn shown(url: &SecretString) -> String {
    let text = url.expose_secret();
    if let Some(file) = text.strip_prefix("sqlite:") {
        return format!("sqlite:{}", file.split('?').next().unwrap_or_default());
    }
    let Ok(url) = Url::parse(text) else {
        return "(not a URL)".to_owned();
    };
    let user = if url.username().is_empty() {
        String::new()
    } else {
        format!("{}@", url.username())
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!(
        "{}://{user}{}{port}{}",
        url.scheme(),
        url.host_str().unwrap_or_default(),
        url.path()
    )
}

/// Checks the URL, and makes the path of a file start where the setting stands.
fn database(section: &Section<'_, '_>, key: &str, url: &SecretString) -> Option<SecretString> {
    const WRITE: &str = "write sqlite://FILE or postgres://USER@HOST/DATABASE";
    let text = url.expose_secret();
    if let Some(rest) = text.strip_prefix("sqlite:") {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (file, options) = rest
            .split_once('?')
            .map_or((rest, None), |(file, options)| (file, Some(options)));
        let options = options
            .map(|options| format!("?{options}"))
            .unwrap_or_default();
        if file.is_empty() || file == ":memory:" || options.contains("mode=memory") {
            section.fault(
                key,
                "a store in memory would forget live grants; write sqlite://FILE",
            );
            return None;
        }
        let file = section.place_beside(key, file);
        return Some(format!("sqlite://{}{options}", file.display()).into());
    }
    let parsed = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"));
    if parsed.is_none_or(|url| url.path().len() < 2) {
        section.fault(key, WRITE);
        return None;
    }
    Some(url.clone())
}
