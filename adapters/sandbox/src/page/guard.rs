//! Keeps other web sites out: the page has no login, so the browser's own words must do.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Nothing but our own files, no frames, no inline code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Lets a request pass if it names this server as its host (against DNS rebinding) and, when it
/// changes something, comes from this page and as JSON (against forged requests).
pub(super) async fn same_origin(
    State(address): State<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let mut response = if !is_our_host(address, headers) {
        (
            StatusCode::MISDIRECTED_REQUEST,
            "not the host of this sandbox",
        )
            .into_response()
    } else if request.method() != Method::GET && !is_our_page(address, headers) {
        (StatusCode::FORBIDDEN, "not from this page").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The names under which a loopback server is reached.
fn hosts(address: SocketAddr) -> [String; 2] {
    [address.to_string(), format!("localhost:{}", address.port())]
}

fn is_our_host(address: SocketAddr, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    host.is_some_and(|host| hosts(address).iter().any(|ours| ours == host))
}

fn is_our_page(address: SocketAddr, headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let origin = text(header::ORIGIN);
    let is_ours = origin.is_some_and(|origin| {
        hosts(address)
            .iter()
            .any(|h| origin == format!("http://{h}"))
    });
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    let is_json =
        text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    is_ours && is_json && site.is_none_or(|site| site == "same-origin")
}
