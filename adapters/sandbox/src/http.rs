//! HTTP delivery: signed requests to the addresses that the app has registered.
//!
//! <https://docs.slack.dev/authentication/verifying-requests-from-slack>

use std::sync::Arc;

use hmac::{Hmac, Mac};
use reqwest::RequestBuilder;
use serde_json::Value;
use sha2::Sha256;

use crate::ack::Undelivered;
use crate::deliver::{Copies, Kind, Parcel};
use crate::options::Delivery;
use crate::workspace::Workspace;

/// The `X-Slack-Signature` of a request: HMAC-SHA256 over version, time and raw body.
pub fn signature(signing_secret: &str, timestamp_secs: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(signing_secret.as_bytes()) else {
        return String::new(); // HMAC takes keys of any length
    };
    mac.update(format!("v0:{timestamp_secs}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

/// Posts `parcel` (twice on request) and returns what the app answered.
pub(crate) async fn exchange(
    workspace: &Arc<Workspace>,
    parcel: &Parcel,
    copies: Copies,
) -> Result<Value, Undelivered> {
    let request = request(workspace, parcel).ok_or(Undelivered::NotConnected)?;
    if copies == Copies::Two
        && let Some(copy) = request.try_clone()
    {
        tokio::spawn(copy.header("x-slack-retry-num", "1").send());
    }
    let answer = request
        .send()
        .await
        .map_err(|_| Undelivered::NotConnected)?;
    let status = answer.status();
    if status != reqwest::StatusCode::OK {
        return Err(Undelivered::Status(status.as_u16()));
    }
    let text = answer
        .text()
        .await
        .map_err(|_| Undelivered::ConnectionLost)?;
    Ok(match serde_json::from_str(&text) {
        Ok(json) => json,
        Err(_) if text.trim().is_empty() => Value::Null,
        // Slack shows plain text as an answer to a slash command.
        Err(_) => serde_json::json!({"text": text}),
    })
}

fn request(workspace: &Workspace, parcel: &Parcel) -> Option<RequestBuilder> {
    let Delivery::Http {
        commands_url,
        interactions_url,
        events_url,
    } = &workspace.options.delivery
    else {
        return None;
    };
    let form = "application/x-www-form-urlencoded";
    let (url, kind, body) = match parcel.kind {
        Kind::SlashCommand => (commands_url, form, urlencoded(&parcel.payload)),
        Kind::Interaction => {
            let payload = serde_json::json!({"payload": parcel.payload.to_string()});
            (interactions_url, form, urlencoded(&payload))
        }
        Kind::Event => (
            events_url.as_ref()?,
            "application/json",
            parcel.payload.to_string(),
        ),
    };
    let timestamp = workspace.options.clock.now_secs();
    let signature = signature(
        &workspace.options.app.signing_secret,
        timestamp,
        body.as_bytes(),
    );
    let request = workspace.client.post(url).header("content-type", kind);
    let request = request.header("x-slack-request-timestamp", timestamp.to_string());
    Some(request.header("x-slack-signature", signature).body(body))
}

/// The fields of a flat object, as a form.
fn urlencoded(fields: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (key, value) in fields.as_object().into_iter().flatten() {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        form.append_pair(key, &text);
    }
    form.finish()
}
