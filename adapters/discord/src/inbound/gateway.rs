//! Gateway mode: serenity connects, identifies and resumes; we take in what it delivers.
//!
//! It runs on a runtime of its own, since it spawns tasks that nobody waits for and that must not outlive it.

mod apart;

use std::sync::Arc;

use async_trait::async_trait;
use breakglass_core::id::Platform;
use breakglass_core::port::chat::Lines;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use serenity::client::{ClientBuilder, Context, RawEventHandler};
use serenity::gateway::ConnectionStage;
use serenity::http::HttpBuilder;
use serenity::model::event::Event;
use serenity::model::gateway::GatewayIntents;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::Door;
use crate::client::Client;
use crate::client::config::Mode;

/// Takes in what people do until `stop`; nothing to do in HTTP mode.
pub(crate) async fn listen(
    client: Arc<Client>,
    door: Door,
    lines: Arc<watch::Sender<Lines>>,
    stop: CancellationToken,
) {
    if client.config().mode != Mode::Gateway {
        return;
    }
    tell(&lines, |seen| seen.wanted = 1);
    let again = client.config().pace.again;
    while !stop.is_cancelled() {
        // The library would go to Discord's own gateway if it had to ask for it and got no answer.
        match client.gateway_url().await {
            Ok(url) => {
                let ear = Ear {
                    door: door.clone(),
                    lines: Arc::clone(&lines),
                    work: Handle::current(),
                };
                let connected = connection(Arc::clone(&client), ear, url, stop.clone());
                apart::run(connected, client.config().pace.call).await;
            }
            Err(error) => tracing::warn!(%error, "the gateway isn't known"),
        }
        tell(&lines, |seen| seen.open = 0);
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(again) => {}
        }
    }
    tell(&lines, |seen| *seen = Lines::default());
}

fn tell(lines: &watch::Sender<Lines>, change: impl FnOnce(&mut Lines)) {
    lines.send_if_modified(|seen| {
        let before = *seen;
        change(seen);
        *seen != before
    });
}

/// One life of serenity's client, over dropped connections and new sessions, until it gives up or `stop`.
async fn connection(client: Arc<Client>, ear: Ear, url: String, stop: CancellationToken) {
    let config = client.config();
    let http = HttpBuilder::new(config.token.expose_secret())
        .proxy(config.api_url.trim_end_matches('/'))
        .ratelimiter_disabled(true)
        .build();
    let lines = Arc::clone(&ear.lines);
    let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MEMBERS;
    let built = ClientBuilder::new_with_http(http, intents).raw_event_handler(ear);
    let Ok(mut serenity) = built.await else {
        return tracing::error!("the gateway's client can't be made");
    };
    *serenity.ws_url.lock().await = url;
    let shards = Arc::clone(&serenity.shard_manager);
    let look = async {
        let mut look = interval(config.pace.look);
        loop {
            look.tick().await;
            let runners = shards.runners.lock().await;
            let open = runners
                .values()
                .filter(|one| one.stage == ConnectionStage::Connected);
            let open = u32::try_from(open.count()).unwrap_or(u32::MAX);
            drop(runners);
            tell(&lines, |seen| seen.open = open);
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = look => {}
        ended = serenity.start() => match ended {
            Ok(()) => tracing::warn!("the gateway's client stopped"),
            // Its text tells the close code, no more.
            Err(serenity::Error::Gateway(error)) => tracing::error!(%error, "the gateway refuses us"),
            Err(_) => tracing::warn!("the gateway's client failed"),
        }
    }
    if timeout(config.pace.call, shards.shutdown_all())
        .await
        .is_err()
    {
        tracing::warn!("the gateway's client didn't close its connection in time");
    }
}

/// Hears what the gateway delivers.
struct Ear {
    door: Door,
    lines: Arc<watch::Sender<Lines>>,
    /// Where acts are taken in: what they use must not end with the connection.
    work: Handle,
}

#[async_trait]
impl RawEventHandler for Ear {
    async fn raw_event(&self, _: Context, event: Event) {
        let Some((name, data)) = raw(event) else {
            return;
        };
        let door = self.door.clone();
        match name.as_str() {
            "READY" | "RESUMED" => {
                tell(&self.lines, |seen| seen.open = 1);
                if name == "READY" {
                    // A new session: what happened to members meanwhile isn't told.
                    self.work.spawn(async move {
                        door.client().forget_members().await;
                        door.desk().people_changed(Platform::Discord);
                    });
                }
            }
            "INTERACTION_CREATE" => {
                self.work.spawn(async move { door.knock(&data).await });
            }
            _ => {
                self.work.spawn(async move {
                    if door.client().heard(&name, &data).await {
                        door.desk().people_changed(Platform::Discord);
                    }
                });
            }
        }
    }
}

/// An event's name and data. What serenity's models don't take comes as it was sent.
pub(super) fn raw(event: Event) -> Option<(String, Value)> {
    if let Event::Unknown(unknown) = event {
        return Some((unknown.kind, unknown.value));
    }
    // Its model of an interaction knows the kind and doesn't write it.
    let kind = if let Event::InteractionCreate(created) = &event {
        Some(u8::from(created.interaction.kind()))
    } else {
        None
    };
    let mut event = serde_json::to_value(&event).ok()?;
    let name = event.get("t")?.as_str()?.to_owned();
    let mut data = event.get_mut("d").map(Value::take)?;
    if let Some(kind) = kind {
        data["type"] = Value::from(kind);
    }
    Some((name, data))
}
