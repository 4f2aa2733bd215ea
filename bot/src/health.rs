//! `/livez`, `/readyz` and `/metrics`, on an address of their own that chat never reaches.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::vitals::{Readiness, Vitals};

/// How often samples are folded into buckets when nobody scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the endpoints show.
#[derive(Clone)]
pub struct Health {
    /// Signs of life.
    pub vitals: Arc<Vitals>,
    /// To judge their age by.
    pub clock: Arc<dyn Clock>,
    /// The page of metrics.
    pub metrics: PrometheusHandle,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health")
            .field("vitals", &self.vitals)
            .finish_non_exhaustive()
    }
}

/// Answers on `listener` until `stop`.
pub async fn serve(
    listener: TcpListener,
    health: Health,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let upkeep = keep_up(health.metrics.clone(), stop.clone());
    let server =
        axum::serve(listener, router(health)).with_graceful_shutdown(stop.cancelled_owned());
    let (outcome, ()) = tokio::join!(server.into_future(), upkeep);
    outcome
}

fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .with_state(health)
}

async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    match health.vitals.readiness(health.clock.now()) {
        Readiness::Ready => (StatusCode::OK, Json(serde_json::json!({"ready": true}))),
        Readiness::Unready(why) => {
            let body = serde_json::json!({"ready": false, "why": why});
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

async fn metrics_page(State(health): State<Health>) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        health.metrics.render(),
    )
}

async fn keep_up(metrics: PrometheusHandle, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(UPKEEP))
        .await
        .is_some()
    {
        metrics.run_upkeep();
    }
}

#[cfg(test)]
mod tests;
