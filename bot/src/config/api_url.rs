//! Where a chat's API is: at home, or in test mode anywhere.

use url::Url;

use super::{Section, ServerConfig};

/// The section's `api_url` without a slash at its end; `home` when nothing is said.
pub(super) fn read(
    section: &Section<'_, '_>,
    server: Option<&ServerConfig>,
    home: &str,
) -> Option<String> {
    let setting = section.text("api_url");
    let text = setting.unwrap_or_else(|| home.to_owned());
    let text = text.trim_end_matches('/');
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    let Some(url) = url else {
        section.fault("api_url", format!("write a URL like {home}"));
        return None;
    };
    let home = host(home);
    let at_home =
        url.scheme() == "https" && url.host_str() == Some(home.as_str()) && url.port().is_none();
    if !at_home && server.is_some_and(|server| !server.test_mode) {
        section.fault(
            "api_url",
            format!(
                "is not at https://{home}; somewhere else needs [server] test_mode = true, and then every message says TEST"
            ),
        );
        return None;
    }
    Some(text.to_owned())
}

/// The host of a URL, to be announced.
pub(super) fn host(url: &str) -> String {
    let host = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}
