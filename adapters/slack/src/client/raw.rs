//! Plain HTTP where the library can't help: answers to `response_url`, and reading response headers.

use std::time::Duration;

use breakglass_core::port::chat::ChatError;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{HeaderMap, Method, Request, StatusCode, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::{CryptoProvider, ring};
use tokio::time::timeout;

use crate::client::config::SlackError;

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// The one connector for the library and for us: rustls with ring, `http://` for a workspace on this machine.
pub(super) fn connector(api_url: &str) -> Result<HttpsConnector<HttpConnector>, SlackError> {
    // The library opens its sockets with the process's provider. Somebody else's earlier choice stands.
    if CryptoProvider::get_default().is_none()
        && ring::default_provider().install_default().is_err()
    {
        tracing::debug!("a TLS provider was installed meanwhile");
    }
    let builder = HttpsConnectorBuilder::new();
    let builder = match builder.with_provider_and_native_roots(ring::default_provider()) {
        Ok(builder) => builder,
        // No certificates on this machine, and none needed.
        Err(_) if api_url.starts_with("http://") => HttpsConnectorBuilder::new().with_tls_config(
            rustls::ClientConfig::builder_with_provider(ring::default_provider().into())
                .with_safe_default_protocol_versions()
                .map_err(|error| SlackError::Tls(error.to_string()))?
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
        ),
        Err(error) => return Err(SlackError::Tls(error.to_string())),
    };
    Ok(builder.https_or_http().enable_http1().build())
}

/// An HTTP client that follows no redirect.
#[derive(Debug)]
pub(super) struct Raw {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    limit: Duration,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Raw {
    pub(super) fn new(connector: HttpsConnector<HttpConnector>, limit: Duration) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            limit,
        }
    }

    /// Posts JSON; `what` names it in errors, since the address may be a secret.
    pub(super) async fn post(
        &self,
        what: &str,
        url: &str,
        token: Option<&str>,
        body: String,
    ) -> Result<Answer, ChatError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| ChatError::Refused(format!("{what} has an address that can't be used")))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|_| ())?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX)
                .collect()
                .await
                .map_err(|_| ())?;
            Ok::<_, ()>(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes(),
            })
        };
        match timeout(self.limit, exchange).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(())) => Err(ChatError::Unavailable(format!(
                "slack can't be reached for {what}"
            ))),
            Err(_) => Err(ChatError::Unavailable(format!(
                "slack didn't answer {what} within {} s",
                self.limit.as_secs()
            ))),
        }
    }
}
