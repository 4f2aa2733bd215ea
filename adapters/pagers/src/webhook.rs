//! `kind = "webhook"`: a signed POST to a URL, by the rules of Standard Webhooks (<https://www.standardwebhooks.com>), so
//! that whoever receives it can check it with a library there is.

mod signature;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::port::pager::{Page, Pager, PagerError};
use breakglass_core::port::provisioner::Finding;
use breakglass_core::time::Timestamp;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use tokio::time::timeout;
use url::{Host, Url};

pub use signature::{Secret, SecretError};

/// How long a call may take: well under a third of the claim on its effect.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a page goes, and what it is signed with. `Debug` shows neither the path, which may hold a key, nor the secret.
#[derive(Clone)]
pub struct Config {
    url: Url,
    secret: Secret,
}

/// Why a URL isn't one that pages go to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No URL with a host.
    #[error("write a URL like https://hooks.example.com/page")]
    NoUrl,
    /// What is sent could be read on the way.
    #[error("must be https:// (http:// only on this machine itself)")]
    Plain,
    /// A name or password before the host.
    #[error("has a name or password in it; pages are signed, so it needs none")]
    Credentials,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Takes `https://`, and `http://` of this machine itself.
    pub fn new(url: &str, secret: Secret) -> Result<Self, UrlError> {
        let url = Url::parse(url).map_err(|_| UrlError::NoUrl)?;
        let is_here = match url.host() {
            None => return Err(UrlError::NoUrl),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(UrlError::Plain);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::Credentials);
        }
        Ok(Self { url, secret })
    }

    /// Scheme, host and port: the path may hold a key.
    pub fn host(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// Tells the time for signatures, which receivers compare with theirs.
pub type Now = dyn Fn() -> Timestamp + Send + Sync;

/// Posts pages to one URL.
pub struct WebhookPager {
    config: Config,
    client: Result<Client<HttpsConnector<HttpConnector>, Full<Bytes>>, PagerError>,
    now: Box<Now>,
}

impl std::fmt::Debug for WebhookPager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookPager")
            .field("host", &self.config.host())
            .finish_non_exhaustive()
    }
}

impl WebhookPager {
    /// Connects to nobody yet. Where this machine has no certificates to know others by, each call says so.
    pub fn new(config: Config, now: Box<Now>) -> Self {
        // A page is rare, and a connection that slept since the last one is likely to be dead.
        let client = |connector| {
            Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(connector)
        };
        Self {
            client: connector(&config.url).map(client),
            config,
            now,
        }
    }

    async fn call(&self, request: Request<Full<Bytes>>) -> Result<StatusCode, PagerError> {
        let host = self.config.host();
        let client = self.client.as_ref().map_err(Clone::clone)?;
        match timeout(PATIENCE, client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer.status()),
            Ok(Err(error)) => Err(PagerError(format!("{host}: {}", root_of(&error)))),
            Err(_) => Err(PagerError(format!(
                "{host}: no answer within {} s",
                PATIENCE.as_secs()
            ))),
        }
    }

    fn request(&self, method: Method) -> hyper::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(self.config.url.as_str())
            .header(
                header::USER_AGENT,
                concat!("breakglass/", env!("CARGO_PKG_VERSION")),
            )
    }
}

#[async_trait]
impl Pager for WebhookPager {
    fn host(&self) -> String {
        self.config.host()
    }

    async fn page(&self, page: &Page) -> Result<(), PagerError> {
        let unsent = |why: &dyn std::fmt::Display| PagerError(format!("can't be sent: {why}"));
        let body = serde_json::to_vec(page).map_err(|error| unsent(&error))?;
        let sent_at = (self.now)().millis() / 1000;
        let signature = self.config.secret.sign(&page.id, sent_at, &body);
        let request = self
            .request(Method::POST)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &page.id)
            .header("webhook-timestamp", sent_at.to_string())
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| unsent(&error))?;
        let status = self.call(request).await?;
        if status.is_success() {
            return Ok(());
        }
        let why = if status.is_redirection() {
            "wants us to go elsewhere, which we don't"
        } else {
            "doesn't take it"
        };
        let (host, status) = (self.config.host(), status.as_u16());
        Err(PagerError(format!("{host} {why}: HTTP {status}")))
    }

    async fn examine(&self) -> Vec<Finding> {
        let looked = self.request(Method::HEAD).body(Full::default());
        let answered = match looked {
            Ok(request) => self.call(request).await,
            Err(error) => Err(PagerError(error.to_string())),
        };
        vec![match answered {
            Ok(_) => Finding::ok(format!("{} answers", self.config.host())),
            Err(error) => Finding::failure(
                error.to_string(),
                "Mend `url`, or see whether it can be reached from this machine.",
            ),
        }]
    }
}

/// What is at the bottom of a failed call: the client's own words say only that it failed.
fn root_of(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// `http://` needs no certificates, so it works where there are none.
fn connector(url: &Url) -> Result<HttpsConnector<HttpConnector>, PagerError> {
    let failed = |why: String| PagerError(format!("TLS: {why}"));
    let builder = match HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(ring::default_provider())
    {
        Ok(builder) => builder,
        Err(_) if url.scheme() == "http" => HttpsConnectorBuilder::new().with_tls_config(
            rustls::ClientConfig::builder_with_provider(ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(error.to_string()))?
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
        ),
        Err(error) => return Err(failed(error.to_string())),
    };
    Ok(builder.https_or_http().enable_http1().build())
}
