//! When each record was committed, from the server's own log lines.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// A record on a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    pub(crate) request: String,
    pub(crate) event: String,
    pub(crate) actor: String,
}

/// All of them so far.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    lines: Arc<Mutex<Vec<(Line, Instant)>>>,
    count: Arc<watch::Sender<usize>>,
}

impl Journal {
    /// Begins to listen to this process's log lines.
    pub(crate) fn install() -> Self {
        let journal = Self {
            lines: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
        };
        let layer = journal.clone().with_filter(LevelFilter::INFO);
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
            .expect("nobody else listens");
        journal
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        *self.count.borrow()
    }

    /// The first line after `from` that fits, and when it was written.
    pub(crate) async fn find(
        &self,
        mut from: usize,
        fits: impl Fn(&Line) -> bool,
    ) -> (Line, Instant) {
        let mut count = self.count.subscribe();
        loop {
            count.mark_unchanged();
            {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(found) = lines[from..].iter().find(|(line, _)| fits(line)) {
                    return found.clone();
                }
                from = lines.len();
            }
            count.changed().await.expect("the journal is there");
        }
    }
}

impl<S: Subscriber> Layer<S> for Journal {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let now = Instant::now();
        if !event.metadata().target().starts_with("breakglass::engine") {
            return;
        }
        let mut line = Line::default();
        event.record(&mut line);
        if line.request.is_empty() || line.event.is_empty() {
            return;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((line, now));
        self.count.send_replace(lines.len());
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let place = match field.name() {
            "request" => &mut self.request,
            "event" => &mut self.event,
            "actor" => &mut self.actor,
            _ => return,
        };
        *place = format!("{value:?}");
    }
}
