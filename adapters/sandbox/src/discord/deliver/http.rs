//! HTTP delivery: signed requests to the app's interactions endpoint.
//!
//! <https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint>

use std::sync::Arc;

use ed25519_dalek::{Signer, SigningKey};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use super::Parcel;
use crate::ack::Undelivered;
use crate::act::ActError;
use crate::discord::Hall;
use crate::discord::act::Answer;
use crate::discord::call::Call;
use crate::discord::rest::first_answer;

/// Posts `parcel`, in so many copies, and waits for the first answer: in the response, or by a callback after 202.
pub(super) async fn exchange(
    hall: &Arc<Hall>,
    url: &str,
    parcel: Parcel,
    copies: usize,
) -> Result<Answer, ActError> {
    let body = parcel.payload.to_string();
    let timestamp = hall.now_secs();
    hall.change(|state| state.mischief.posted = Some((timestamp, body.clone())));
    for _ in 1..copies {
        tokio::spawn(request(hall, url, timestamp, &body).send());
    }
    let Parcel {
        id, token, answer, ..
    } = parcel;
    let posted = async {
        let response = request(hall, url, timestamp, &body).send().await;
        let response = response.map_err(|_| Undelivered::NotConnected)?;
        match response.status() {
            StatusCode::ACCEPTED => Ok::<_, ActError>(()),
            StatusCode::OK => {
                let json = response
                    .json()
                    .await
                    .map_err(|fault| ActError::BadAnswer(fault.to_string()))?;
                inline(hall, &id, &token, json)
            }
            status => Err(Undelivered::Status(status.as_u16()).into()),
        }
    };
    let answer = async {
        answer
            .await
            .map_err(|_| ActError::from(Undelivered::ConnectionLost))
    };
    let (answer, ()) = futures_util::future::try_join(answer, posted).await?;
    Ok(answer)
}

/// Takes the answer that stands in the response, as if it had come by a callback.
fn inline(hall: &Hall, id: &str, token: &str, json: Value) -> Result<(), ActError> {
    hall.change(|state| {
        let outcome = first_answer(state, id, token, &json);
        let error = outcome.as_ref().err().cloned();
        state.record(Call {
            method: "POST".into(),
            path: format!("/interactions/{id}/{token}/callback"),
            body: json,
            status: error.as_ref().map_or(200, |error| error.status),
            ok: error.is_none(),
            code: error.as_ref().map(|error| error.code),
            at_ms: state.now_ms(),
        });
        error.map_or(Ok(()), |error| {
            Err(ActError::BadAnswer(error.to_json().to_string()))
        })
    })
}

/// A request with the signature of this guild's key over time and body.
pub(in super::super) fn request(
    hall: &Hall,
    url: &str,
    timestamp_secs: i64,
    body: &str,
) -> RequestBuilder {
    let signature = sign(&hall.key, timestamp_secs, body);
    unsigned(hall, url, timestamp_secs, body).header("x-signature-ed25519", signature)
}

/// A request without a signature.
pub(in super::super) fn unsigned(
    hall: &Hall,
    url: &str,
    timestamp_secs: i64,
    body: &str,
) -> RequestBuilder {
    hall.client
        .post(url)
        .header("content-type", "application/json")
        .header(
            "user-agent",
            "Discord-Interactions/1.0 (+https://discord.com)",
        )
        .header("x-signature-timestamp", timestamp_secs.to_string())
        .body(body.to_owned())
}

/// The `X-Signature-Ed25519` of a body at an instant.
pub(in super::super) fn sign(key: &SigningKey, timestamp_secs: i64, body: &str) -> String {
    let signed = format!("{timestamp_secs}{body}");
    hex::encode(key.sign(signed.as_bytes()).to_bytes())
}
