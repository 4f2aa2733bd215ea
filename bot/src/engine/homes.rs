//! Home pages that were opened lately: drawn then, and again when something on them changes.
//!
//! One after another, and apart from the outbox: a page never delays a card or an alarm, and an old picture never
//! overwrites a newer one. A restart forgets who has theirs open; it is drawn when it is opened again.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use breakglass_core::id::Platform;
use breakglass_core::notice::HomeView;
use breakglass_core::port::chat::ChatError;
use breakglass_core::time::Timestamp;
use breakglass_store::StoreError;
use tokio::sync::Notify;

use super::Engine;
use super::home::Board;

/// A page that was opened longer ago, in milliseconds, isn't looked at any more.
const LATELY_MILLIS: i64 = 24 * 3600 * 1000;

/// Pages that are kept up to date at most: those opened last.
const PAGES_MAX: usize = 500;

/// What changes within this time is drawn at once.
const GATHER: Duration = Duration::from_secs(1);

/// How long to wait after a failure.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The pages that were opened lately.
#[derive(Debug, Default)]
pub(super) struct Homes {
    pages: Mutex<BTreeMap<Key, Page>>,
    opened: Notify,
}

/// Somebody's account.
type Key = (Platform, String);

#[derive(Debug, Clone)]
struct Page {
    opened_at: Timestamp,
    /// What stands on it; nothing before it is drawn.
    drawn: Option<HomeView>,
}

impl Homes {
    fn pages(&self) -> MutexGuard<'_, BTreeMap<Key, Page>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody looks at theirs now.
    pub(super) fn opened(&self, platform: Platform, account: &str, now: Timestamp) {
        let mut pages = self.pages();
        let page = Page {
            opened_at: now,
            drawn: None,
        };
        pages.insert((platform, account.to_owned()), page);
        pages.retain(|_, page| now.millis_since(page.opened_at) < LATELY_MILLIS);
        if pages.len() > PAGES_MAX {
            let oldest = pages.iter().min_by_key(|(_, page)| page.opened_at);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| pages.remove(&key));
        }
        drop(pages);
        self.opened.notify_one();
    }

    /// All of them, those first that somebody waits for.
    fn all(&self) -> Vec<(Key, Page)> {
        let pages = self.pages();
        let mut all: Vec<_> = pages.clone().into_iter().collect();
        all.sort_by_key(|(_, page)| (page.drawn.is_some(), Reverse(page.opened_at)));
        all
    }

    fn is_awaited(&self) -> bool {
        self.pages().values().any(|page| page.drawn.is_none())
    }

    fn drawn(&self, key: &Key, view: HomeView) {
        if let Some(page) = self.pages().get_mut(key) {
            page.drawn = Some(view);
        }
    }

    fn forget(&self, key: &Key) {
        self.pages().remove(key);
    }
}

/// What a round came to.
enum Round {
    /// Every page is as it should be.
    Done,
    /// Somebody has just opened theirs, and doesn't wait behind the others.
    Awaited,
    /// The rest is to be tried after this.
    Later(Duration),
}

pub(super) async fn run(engine: Arc<Engine>) {
    let mut news = engine.store.status();
    loop {
        let round = draw(&engine).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "home pages couldn't be drawn");
            Round::Later(AGAIN_AFTER)
        });
        let wait = async {
            match round {
                Round::Awaited => {}
                Round::Later(after) => tokio::time::sleep(after).await,
                Round::Done => {
                    tokio::select! {
                        () = engine.homes.opened.notified() => return,
                        _ = news.changed() => {}
                    }
                    tokio::select! {
                        () = engine.homes.opened.notified() => {}
                        () = tokio::time::sleep(GATHER) => {}
                    }
                }
            }
        };
        if engine.stop.run_until_cancelled(wait).await.is_none() {
            return;
        }
    }
}

/// Draws what isn't as it should be.
async fn draw(engine: &Engine) -> Result<Round, StoreError> {
    let pages = engine.homes.all();
    if pages.is_empty() {
        return Ok(Round::Done);
    }
    let policy = engine.policy();
    let people = pages
        .iter()
        .filter_map(|((platform, account), _)| policy.person_by(*platform, account));
    let people = people.map(|person| person.id.clone()).collect();
    let board = Board::look(engine, &policy, people).await?;
    for (key, page) in pages {
        if engine.stop.is_cancelled() {
            return Ok(Round::Done);
        }
        if page.drawn.is_some() && engine.homes.is_awaited() {
            return Ok(Round::Awaited);
        }
        let (platform, account) = (key.0, key.1.as_str());
        let person = policy.person_by(platform, account);
        let (Some(person), Some(chat)) = (person, engine.chat(platform)) else {
            engine.homes.forget(&key);
            continue;
        };
        let view = board.home(&policy, &person.id);
        if page.drawn.as_ref() == Some(&view) {
            continue;
        }
        match chat.publish_home(account, &view).await {
            Ok(()) => engine.homes.drawn(&key, view),
            Err(ChatError::Limited(secs)) => {
                return Ok(Round::Later(Duration::from_secs(secs.into())));
            }
            Err(error @ ChatError::Unavailable(_)) => {
                tracing::warn!(%error, "a home page couldn't be drawn; it is tried again");
                return Ok(Round::Later(AGAIN_AFTER));
            }
            Err(error @ (ChatError::Gone(_) | ChatError::Refused(_) | ChatError::Closed(_))) => {
                tracing::error!(%error, "a home page is refused");
                engine.homes.forget(&key);
            }
        }
    }
    Ok(Round::Done)
}
