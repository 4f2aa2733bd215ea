//! The configured pagers: the one place that knows which kinds there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::id::PagerId;
use breakglass_core::port::pager::{Page, PageKind, Pager, PagerError};
use breakglass_core::time::Timestamp;
use breakglass_pagers::command::CommandPager;
use breakglass_pagers::webhook::WebhookPager;

use crate::clock::Clock;
use crate::config::{Config, PagerConfig, PagerKind};

/// What a pager's screen shows, in characters; the rest stands in chat.
const TEXT_CHARS_MAX: usize = 500;

/// All of them, by their ids.
#[derive(Debug, Default)]
pub struct Pagers {
    all: BTreeMap<PagerId, Arc<dyn Pager>>,
    alarms: Vec<PagerId>,
    test: bool,
}

/// A page in our words, to be addressed to a pager.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same on every try.
    pub id: String,
    /// When what it is about happened.
    pub at: Timestamp,
    /// What it is about.
    pub kind: PageKind,
    /// The request, if it is about one.
    pub request: Option<breakglass_core::id::RequestId>,
    /// What happened and what to do.
    pub text: String,
    /// Where to act on it.
    pub link: Option<String>,
}

impl Pagers {
    /// Those of the configuration; nobody is called yet.
    pub fn new(config: &Config, clock: &Arc<dyn Clock>) -> Self {
        let all = config.pagers.iter();
        Self {
            all: all.map(|one| (one.id.clone(), build(one, clock))).collect(),
            alarms: config.alarm_pagers(),
            test: config.server.test_mode,
        }
    }

    /// The same, to be shared, with the clock that alarms are dated by.
    pub fn with_clock(config: &Config, clock: &Arc<dyn Clock>) -> (Arc<Self>, Arc<dyn Clock>) {
        (Arc::new(Self::new(config, clock)), clock.clone())
    }

    /// Those that take alarms.
    pub fn alarms(&self) -> &[PagerId] {
        &self.alarms
    }

    /// Delivers it by one of them.
    pub async fn send(&self, by: &PagerId, message: &Message) -> Result<(), PagerError> {
        let Some(pager) = self.all.get(by) else {
            return Err(PagerError(format!("no [[pager]] has the id {by}")));
        };
        let page = Page {
            request: message.request,
            text: message.text.chars().take(TEXT_CHARS_MAX).collect(),
            link: message.link.clone(),
            test: self.test,
            ..Page::new(message.id.clone(), by, message.at, message.kind)
        };
        let sent = pager.page(&page).await;
        let outcome = if sent.is_ok() { "done" } else { "failed" };
        metrics::counter!(crate::meter::PAGES, "pager" => by.to_string(), "outcome" => outcome)
            .increment(1);
        sent
    }
}

/// One of them. What keeps it from working is told by its calls, so that the server runs without it.
pub fn build(config: &PagerConfig, clock: &Arc<dyn Clock>) -> Arc<dyn Pager> {
    match &config.kind {
        PagerKind::Command(command) => Arc::new(CommandPager::new(command.clone())),
        PagerKind::Webhook(webhook) => {
            let clock = clock.clone();
            Arc::new(WebhookPager::new(
                webhook.clone(),
                Box::new(move || clock.now()),
            ))
        }
    }
}
