//! Our own sockets: which are open, which hang, and whether there are more than ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slack_morphism::SlackSocketModeWssClientId;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Sockets;
use crate::client::config::Pace;

/// All sockets, by the place that each keeps when it is opened anew.
pub(super) struct Crew {
    pace: Pace,
    places: Mutex<Places>,
    sockets: Arc<watch::Sender<Sockets>>,
}

struct Places {
    by_index: BTreeMap<u32, Place>,
    suspicion: Suspicion,
}

struct Place {
    id: SlackSocketModeWssClientId,
    open: bool,
    since: Instant,
}

/// Whether somebody else may have a socket of our app.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    None,
    /// One was counted too many: one of ours is opened anew at this instant, to count again.
    LookAgain(Instant),
    /// It is being counted again.
    Looking,
}

impl Crew {
    pub(super) fn new(pace: Pace, sockets: Arc<watch::Sender<Sockets>>) -> Self {
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
            suspicion: Suspicion::None,
        };
        sockets.send_modify(|seen| seen.wanted = pace.sockets);
        Self {
            pace,
            places: Mutex::new(places),
            sockets,
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
        let foreign = counted
            .unwrap_or_default()
            .saturating_sub(self.pace.sockets);
        let all_open = places.by_index.values().all(|place| place.open);
        if foreign == 0 && !all_open {
            // One of ours was missing in that count: it says nothing of others.
            return self.tell(&places, None);
        }
        let told = self.sockets.borrow().foreign;
        places.suspicion = match (foreign, places.suspicion) {
            (0, Suspicion::LookAgain(at)) => Suspicion::LookAgain(at),
            (0, Suspicion::None | Suspicion::Looking) => Suspicion::None,
            (_, Suspicion::None) if foreign != told => {
                Suspicion::LookAgain(Instant::now() + self.pace.settle)
            }
            (_, other @ (Suspicion::None | Suspicion::LookAgain(_))) => other,
            (_, Suspicion::Looking) => Suspicion::None,
        };
        let settled = places.suspicion == Suspicion::None;
        self.tell(&places, settled.then_some(foreign));
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

    /// Sockets that hang while they are opened, and one to count again by, if there is a suspicion.
    pub(super) fn to_reopen(&self) -> Vec<SlackSocketModeWssClientId> {
        let mut places = self.places();
        let mut ids = Vec::new();
        let look = matches!(places.suspicion, Suspicion::LookAgain(at) if at <= Instant::now());
        let all_open = places.by_index.values().all(|place| place.open);
        if look && all_open {
            places.suspicion = Suspicion::Looking;
            ids.extend(places.by_index.values_mut().next().map(Place::reopen));
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
        self.sockets.send_if_modified(|seen| {
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
