//! Requests to the interactions endpoint that are not what they seem, and the ping that Discord checks it with.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::ack::Undelivered;
use crate::act::ActError;
use crate::discord::Guild;
use crate::discord::deliver::http::{request, sign, unsigned};
use crate::mint;

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Somebody else's key signed it.
    OtherKey,
    /// The body was changed after it was signed.
    OtherBody,
    /// It has no signature.
    Unsigned,
    /// It is signed well, but so many seconds old; less than none is in the future.
    Old {
        /// How old.
        secs: i64,
    },
    /// It is the newest real delivery once more, to the byte.
    Replay,
}

impl Guild {
    /// Posts a forgery of the newest real delivery, under a new interaction id unless it is a replay; the status of
    /// the answer. Only where interactions are delivered over HTTP.
    pub async fn forge(&self, forgery: Forgery) -> Result<u16, ActError> {
        let hall = &self.hall;
        let url = hall.endpoint().ok_or(Undelivered::NotConnected)?;
        let posted = hall.change(|state| {
            let (timestamp, body) = state.mischief.posted.clone()?;
            let mut payload: Value = serde_json::from_str(&body).ok()?;
            payload["id"] = state.next_id().into();
            Some((timestamp, body, payload.to_string()))
        });
        let nothing = || ActError::NotOffered("a forgery before there was a delivery".to_owned());
        let (timestamp, body, renewed) = posted.ok_or_else(nothing)?;
        let now = hall.now_secs();
        let signed = |signature: String, body: &str| {
            unsigned(hall, url, now, body).header("x-signature-ed25519", signature)
        };
        let forged = match forgery {
            Forgery::OtherKey => {
                let other = SigningKey::from_bytes(&rand::random());
                signed(sign(&other, now, &renewed), &renewed)
            }
            Forgery::OtherBody => signed(sign(&hall.key, now, &body), &renewed),
            Forgery::Unsigned => unsigned(hall, url, now, &renewed),
            Forgery::Old { secs } => request(hall, url, now - secs, &renewed),
            Forgery::Replay => request(hall, url, timestamp, &body),
        };
        let answer = forged.send().await.map_err(|_| Undelivered::NotConnected)?;
        Ok(answer.status().as_u16())
    }

    /// Checks the interactions endpoint as Discord does before it takes it: a ping must be answered by a pong, and
    /// one with a false signature by 401.
    pub async fn check_endpoint(&self) -> Result<(), ActError> {
        let hall = &self.hall;
        let url = hall.endpoint().ok_or(Undelivered::NotConnected)?;
        let id = hall.change(crate::discord::state::State::next_id);
        let ping = json!({
            "id": id, "application_id": hall.options.app.id, "type": 1, "token": mint::word(64), "version": 1,
            "user": hall.read(|state| state.user_json(&hall.options.owner)), "entitlements": [],
            "authorizing_integration_owners": {},
        });
        let (now, body) = (hall.now_secs(), ping.to_string());
        let answer = request(hall, url, now, &body).send().await;
        let answer = answer.map_err(|_| Undelivered::NotConnected)?;
        let json: Value = answer
            .json()
            .await
            .map_err(|fault| ActError::BadAnswer(fault.to_string()))?;
        if json != json!({"type": 1}) {
            return Err(ActError::BadAnswer(json.to_string()));
        }
        let other = SigningKey::from_bytes(&rand::random());
        let forged =
            unsigned(hall, url, now, &body).header("x-signature-ed25519", sign(&other, now, &body));
        let status = forged
            .send()
            .await
            .map_err(|_| Undelivered::NotConnected)?
            .status()
            .as_u16();
        if status == 401 {
            Ok(())
        } else {
            Err(ActError::BadAnswer(format!(
                "a false signature was answered by {status}"
            )))
        }
    }
}
