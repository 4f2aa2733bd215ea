//! Tells open pages that something changed, by server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use tokio_stream::wrappers::WatchStream;

use crate::sandbox::Sandbox;

/// One event for each change; changes that come faster than they are read become one.
pub(super) async fn live(
    State(sandbox): State<Sandbox>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = WatchStream::new(sandbox.workspace.changes());
    let events = changes.map(|count| Ok(Event::default().event("change").data(count.to_string())));
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}
