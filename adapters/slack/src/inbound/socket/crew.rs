//! Our own sockets: which are open, which hang, and whether there are more than ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use breakglass_core::port::chat::Lines;
use slack_morphism::SlackSocketModeWssClientId;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::client::config::Pace;

/// All sockets, by the place that each keeps when it is opened anew.
pub(super) struct Crew {
    pace: Pace,
    places: Mutex<Places>,
    lines: Arc<watch::Sender<Lines>>,
}

struct Places {
    by_index: BTreeMap<u32, Place>,
    /// More than ours were counted once: that may have been one of ours that lingered.
    doubt: bool,
    /// When one of ours is opened anew, since Slack counts only then.
    look_at: Instant,
    /// The one that was opened anew for that.
    looking: Option<u32>,
}

struct Place {
    id: SlackSocketModeWssClientId,
    open: bool,
    since: Instant,
}

impl Crew {
    pub(super) fn new(pace: Pace, lines: Arc<watch::Sender<Lines>>) -> Self {
        let now = Instant::now();
        let closed = |index| Place {
            id: SlackSocketModeWssClientId::new(index, index, 0),
            open: false,
            since: now,
        };
        let places = Places {
            by_index: (0..pace.sockets)
                .map(|index| (index, closed(index)))
                .collect(),
            doubt: false,
            look_at: now + pace.look,
            looking: None,
        };
        lines.send_modify(|seen| seen.wanted = pace.sockets);
        Self {
            pace,
            places: Mutex::new(places),
            lines,
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Slack said hello on a socket, and how many there are of our app.
    pub(super) fn greeted(&self, id: &SlackSocketModeWssClientId, counted: Option<u32>) {
        let mut places = self.places();
        if let Some(place) = places.by_index.get_mut(&id.initial_index) {
            place.id = id.clone();
            place.open = true;
            place.since = Instant::now();
        }
        let looked = places
            .looking
            .take_if(|index| *index == id.initial_index)
            .is_some();
        let foreign = counted
            .unwrap_or_default()
            .saturating_sub(self.pace.sockets);
        let all_open = places.by_index.values().all(|place| place.open);
        let known = self.lines.borrow().foreign == foreign;
        let (doubt, news) = match foreign {
            // One of ours was missing in that count: it says nothing of others.
            0 if !all_open => (places.doubt, None),
            0 => (false, Some(0)),
            _ if known => (false, None),
            _ if places.doubt && looked => (false, Some(foreign)),
            _ => (true, None),
        };
        if doubt && !places.doubt {
            places.look_at = Instant::now() + self.pace.settle;
        }
        places.doubt = doubt;
        self.tell(&places, news);
    }

    /// A socket was closed. True: it is one of ours and is to be opened anew.
    pub(super) fn lost(&self, id: &SlackSocketModeWssClientId) -> bool {
        let mut places = self.places();
        let Some(place) = places.by_index.get_mut(&id.initial_index) else {
            return false;
        };
        if place.id != *id {
            return false;
        }
        place.reopen();
        self.tell(&places, None);
        true
    }

    /// Sockets that hang while they are opened, and now and then one to count by.
    pub(super) fn to_reopen(&self) -> Vec<SlackSocketModeWssClientId> {
        let mut places = self.places();
        let mut ids = Vec::new();
        let now = Instant::now();
        if now >= places.look_at && places.by_index.values().all(|place| place.open) {
            places.look_at = now + self.pace.look;
            let oldest = places
                .by_index
                .iter_mut()
                .min_by_key(|(_, place)| place.since);
            if let Some((index, place)) = oldest {
                let index = *index;
                ids.push(place.reopen());
                places.looking = Some(index);
            }
        }
        for place in places.by_index.values_mut() {
            if !place.open && place.since.elapsed() >= self.pace.hello {
                ids.push(place.reopen());
            }
        }
        self.tell(&places, None);
        ids
    }

    /// We close them all.
    pub(super) fn gone(&self) {
        let mut places = self.places();
        places.by_index.clear();
        self.tell(&places, Some(0));
    }

    fn tell(&self, places: &Places, foreign: Option<u32>) {
        let open = places.by_index.values().filter(|place| place.open).count();
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.lines.send_if_modified(|seen| {
            let before = *seen;
            seen.open = open;
            seen.foreign = foreign.unwrap_or(seen.foreign);
            *seen != before
        });
    }
}

impl Place {
    /// Gives the id to be opened anew, and keeps the one it will have then.
    fn reopen(&mut self) -> SlackSocketModeWssClientId {
        let next = self.id.new_reconnected_id();
        self.open = false;
        self.since = Instant::now();
        std::mem::replace(&mut self.id, next)
    }
}
