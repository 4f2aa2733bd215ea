//! Tells people what stands in no outbox: posted as often as it takes, whether or not there is a store.

use std::sync::Arc;
use std::time::Duration;

use breakglass_core::dispatch::backoff_millis;
use breakglass_core::id::RequestId;
use breakglass_core::notice::Notice;
use breakglass_core::port::chat::{Chat, ChatError, Place};
use breakglass_core::port::pager::PageKind;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::pagers::{Message, Pagers};

/// Posts until each chat has it, and calls by pager. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Alarms {
    chats: Vec<Arc<dyn Chat>>,
    pagers: Arc<Pagers>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Alarms {
    /// Alarms to these chats and pagers, until `stop`; each post runs among `tasks`.
    pub fn new(
        chats: Vec<Arc<dyn Chat>>,
        (pagers, clock): (Arc<Pagers>, Arc<dyn Clock>),
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            chats,
            pagers,
            clock,
            stop,
            tasks,
        }
    }

    /// The configured pagers.
    pub fn pagers(&self) -> &Arc<Pagers> {
        &self.pagers
    }

    /// Tells security of something that is about the server rather than a request, and wakes them up.
    pub fn alarm(&self, title: &str, text: &str) {
        self.tell(title, text);
        self.wake(None, &format!("{title}. {text}"));
    }

    /// Tells security of something about the server that can wait until somebody looks.
    pub fn tell(&self, title: &str, text: &str) {
        self.raise(&Notice::Alarm {
            request: None,
            title: title.to_owned(),
            text: text.to_owned(),
            by_hand: None,
            loud: true,
            buttons: Vec::new(),
        });
    }

    /// Posts an alarm to security, as often as it takes until each chat has it.
    pub fn raise(&self, notice: &Notice) {
        for chat in &self.chats {
            let place = Place::Channel(chat.security_channel());
            self.insist(chat.clone(), place, notice.clone());
        }
    }

    /// Calls by every pager that takes alarms, as often as it takes until each took it over.
    pub fn wake(&self, request: Option<RequestId>, text: &str) {
        let message = Message {
            id: id(),
            at: self.clock.now(),
            kind: PageKind::Alarm,
            request,
            text: text.to_owned(),
            link: None,
        };
        for pager in self.pagers.alarms() {
            let (pagers, pager) = (self.pagers.clone(), pager.clone());
            let (message, stop) = (message.clone(), self.stop.clone());
            self.tasks.spawn(async move {
                let mut tries = 0;
                while let Err(error) = pagers.send(&pager, &message).await {
                    tries += 1;
                    tracing::error!(%error, %pager, tries, "nobody could be paged; trying again");
                    let millis = u64::try_from(backoff_millis(tries, rand::random()));
                    let pause =
                        tokio::time::sleep(Duration::from_millis(millis.unwrap_or_default()));
                    if stop.run_until_cancelled(pause).await.is_none() {
                        return;
                    }
                }
            });
        }
    }

    /// Posts what stands in no outbox, as often as it takes.
    pub fn insist(&self, chat: Arc<dyn Chat>, place: Place, notice: Notice) {
        let effect = id();
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut tries = 0;
            while let Err(error) = chat.post(&place, &effect, &notice).await {
                tries += 1;
                tracing::error!(%error, tries, ?notice, "an alarm couldn't be posted; trying again");
                let millis = match error {
                    ChatError::Limited(secs) => u64::from(secs) * 1000,
                    ChatError::Unavailable(_) | ChatError::Gone(_) | ChatError::Refused(_) | ChatError::Closed(_) => {
                        u64::try_from(backoff_millis(tries, rand::random())).unwrap_or_default()
                    }
                };
                let pause = tokio::time::sleep(Duration::from_millis(millis));
                if stop.run_until_cancelled(pause).await.is_none() {
                    return;
                }
            }
        });
    }
}

/// The same on every try.
fn id() -> String {
    format!("alarm.{}", hex::encode(rand::random::<[u8; 4]>()))
}
