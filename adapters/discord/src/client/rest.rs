//! Calls to Discord's REST API: each with a time limit, within the limits that Discord tells.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use breakglass_core::port::chat::ChatError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serenity::http::{LightMethod, RatelimitingBucket, Request, Route};
use serenity_reqwest as reqwest;
use tokio::time::{Instant, sleep, timeout};

use super::config::DiscordConfig;
use super::fault::{self, Said};
use crate::client::config::DiscordError;

/// The longest answer that is read: a thousand members.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A limit that ends sooner is waited for; a longer one is told.
const WAIT_MAX: Duration = Duration::from_secs(2);
/// Limits remembered at most; beyond, all are forgotten and learnt again.
const LIMITS_MAX: usize = 10_000;

/// The API, by serenity's routes. Its own limiter would ignore another host and its errors don't say how long to wait, so
/// limits are kept here.
pub(super) struct Rest {
    client: reqwest::Client,
    /// With the word `Bot` before it, as serenity wants it.
    token: secrecy::SecretString,
    host: String,
    call: Duration,
    limits: Mutex<Limits>,
}

/// Until when nothing is taken.
#[derive(Default)]
struct Limits {
    everywhere: Option<Instant>,
    by_bucket: HashMap<RatelimitingBucket, Instant>,
}

impl Rest {
    pub(super) fn new(config: &DiscordConfig) -> Result<Self, DiscordError> {
        use secrecy::ExposeSecret as _;
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(config.pace.call)
            .build()
            .map_err(|error| DiscordError::Http(error.to_string()))?;
        Ok(Self {
            client,
            token: format!("Bot {}", config.token.expose_secret().trim()).into(),
            host: config.api_url.trim_end_matches('/').to_owned(),
            call: config.pace.call,
            limits: Mutex::default(),
        })
    }

    /// Calls and reads the answer.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &str,
        route: Route<'_>,
        query: Vec<(&'static str, String)>,
    ) -> Result<T, ChatError> {
        let request = Request::new(route, LightMethod::Get).params(Some(query));
        read(what, &self.call(what, route, request).await?)
    }

    /// Calls with a body.
    pub(super) async fn send(
        &self,
        what: &str,
        route: Route<'_>,
        method: LightMethod,
        body: &Value,
    ) -> Result<Value, ChatError> {
        let request = Request::new(route, method).body(Some(body.to_string().into_bytes()));
        let answer = self.call(what, route, request).await?;
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        read(what, &answer)
    }

    async fn call(
        &self,
        what: &str,
        route: Route<'_>,
        request: Request<'_>,
    ) -> Result<Vec<u8>, ChatError> {
        use secrecy::ExposeSecret as _;
        let bucket = route.ratelimiting_bucket();
        self.wait_for(bucket).await?;
        let request = request
            .build(&self.client, self.token.expose_secret(), Some(&self.host))
            .map_err(|_| ChatError::Refused(format!("{what} can't be put together")))?;
        let away = || ChatError::Unavailable(format!("discord can't be reached for {what}"));
        let exchange = async {
            let response = request.send().await.map_err(|_| away())?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = body_of(response).await.ok_or_else(away)?;
            Ok::<_, ChatError>((status, headers, body))
        };
        let (status, headers, body) = timeout(self.call, exchange).await.map_err(|_| {
            let secs = self.call.as_secs();
            ChatError::Unavailable(format!("discord didn't answer {what} within {secs} s"))
        })??;
        let number = |name: &str| -> Option<f64> { headers.get(name)?.to_str().ok()?.parse().ok() };
        if number("x-ratelimit-remaining") == Some(0.0) {
            self.limit(
                bucket,
                number("x-ratelimit-reset-after").unwrap_or_default(),
            );
        }
        if status.is_success() {
            return Ok(body);
        }
        let said: Said = serde_json::from_slice(&body).unwrap_or_default();
        let error = fault::sort(what, status.as_u16(), &said, number("retry-after"));
        if let ChatError::Limited(secs) = error {
            let scope = headers
                .get("x-ratelimit-scope")
                .map(|scope| scope == "shared");
            tracing::info!(
                what,
                secs,
                global = said.global,
                shared = scope,
                "discord asks us to wait"
            );
            if said.global {
                self.limits().everywhere = until(secs.into());
            } else {
                self.limit(bucket, secs.into());
            }
        }
        Err(error)
    }

    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limit(&self, bucket: RatelimitingBucket, secs: f64) {
        let Some(until) = until(secs) else { return };
        let mut limits = self.limits();
        if limits.by_bucket.len() >= LIMITS_MAX {
            limits.by_bucket.clear();
        }
        limits.by_bucket.insert(bucket, until);
    }

    /// Waits until a call may be made, if that is soon.
    async fn wait_for(&self, bucket: RatelimitingBucket) -> Result<(), ChatError> {
        let wait = {
            let limits = self.limits();
            let own = limits.by_bucket.get(&bucket).copied();
            let until = limits.everywhere.max(own);
            until.map(|until| until.saturating_duration_since(Instant::now()))
        };
        match wait {
            None | Some(Duration::ZERO) => Ok(()),
            Some(wait) if wait <= WAIT_MAX => {
                sleep(wait).await;
                Ok(())
            }
            Some(wait) => {
                let secs = wait.as_secs().saturating_add(1);
                Err(ChatError::Limited(u32::try_from(secs).unwrap_or(u32::MAX)))
            }
        }
    }
}

fn until(secs: f64) -> Option<Instant> {
    let wait = Duration::try_from_secs_f64(secs).ok()?;
    Instant::now().checked_add(wait)
}

fn read<T: DeserializeOwned>(what: &str, answer: &[u8]) -> Result<T, ChatError> {
    serde_json::from_slice(answer)
        .map_err(|_| ChatError::Unavailable(format!("discord's answer to {what} can't be read")))
}

/// The body, if it isn't longer than we read.
async fn body_of(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
