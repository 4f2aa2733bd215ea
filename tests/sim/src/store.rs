//! The store as the real one behaves: one total order, effects written in the commit that demands them, claims that end by
//! themselves, and settling that a power failure may take back.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass_core::dispatch::{BACKOFF_MILLIS_MAX, Class, Job, Lane};
use breakglass_core::effect::{Effect, Topic};
use breakglass_core::event::Record;
use breakglass_core::id::{HoldingId, Platform, RequestId};
use breakglass_core::notice::{Audience, CardKind};
use breakglass_core::state::State;
use breakglass_core::time::Timestamp;

/// Which effects become one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Converge(HoldingId),
    Draw(Platform, CardKind, RequestId),
    Post(Platform, u64, u32),
}

/// An effect that waits or is carried out.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: Key,
    pub(crate) effect: Arc<Effect>,
    pub(crate) wanted: u64,
    pub(crate) attempts: u32,
    pub(crate) claimed_until: Timestamp,
    pub(crate) claimed_by: u64,
    fence: u64,
    pub(crate) job: Job,
}

impl Row {
    /// What wasn't tried yet is due, whatever the clock of its record said, and so is what is further off than any pause.
    pub(crate) fn due_at(&self, now: Timestamp) -> Timestamp {
        let most = match *self.effect {
            Effect::Converge { .. } => BACKOFF_MILLIS_MAX,
            _ => 3_600_000,
        };
        if self.attempts == 0 || self.job.due_at.millis_since(now) > most {
            self.job.due_at.min(now)
        } else {
            self.job.due_at
        }
    }
}

/// What a worker hands in when it is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold {
    id: i64,
    fence: u64,
    wanted: u64,
}

/// Where a card stands, and as of which record it was drawn.
pub(crate) type Drawn = (u64, u64);
type CardKey = (Platform, CardKind, RequestId);

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) state: State,
    pub(crate) log: Vec<Record>,
    pub(crate) rows: BTreeMap<i64, Row>,
    ids: BTreeMap<Key, i64>,
    pub(crate) cards: BTreeMap<CardKey, Drawn>,
    pub(crate) next_id: i64,
    /// Rows that changed or went away, in order.
    pub(crate) changes: Vec<i64>,
    unflushed: Vec<(i64, Row)>,
    unflushed_cards: Vec<(CardKey, Option<Drawn>)>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            state: genesis(),
            log: Vec::new(),
            rows: BTreeMap::new(),
            ids: BTreeMap::new(),
            cards: BTreeMap::new(),
            next_id: 1,
            changes: Vec::new(),
            unflushed: Vec::new(),
            unflushed_cards: Vec::new(),
        }
    }

    /// Everything up to here survives a power failure.
    pub(crate) fn flush(&mut self) {
        self.unflushed.clear();
        self.unflushed_cards.clear();
    }

    pub(crate) fn lose_power(&mut self) {
        for (id, row) in std::mem::take(&mut self.unflushed).into_iter().rev() {
            self.ids.insert(row.key.clone(), id);
            self.rows.insert(id, row);
            self.changes.push(id);
        }
        for (key, drawn) in std::mem::take(&mut self.unflushed_cards).into_iter().rev() {
            match drawn {
                Some(drawn) => self.cards.insert(key, drawn),
                None => self.cards.remove(&key),
            };
        }
    }

    /// An effect that waits already is wanted anew: at once, and as of the newer record.
    pub(crate) fn demand(
        &mut self,
        record: &Record,
        index: u32,
        effect: &Effect,
        chats: &[Platform],
    ) {
        match effect {
            Effect::Converge { holding, .. } => {
                self.put(Key::Converge(holding.clone()), record, effect, None);
            }
            Effect::Draw { card, request, .. } => {
                for chat in chats {
                    self.put(
                        Key::Draw(*chat, *card, *request),
                        record,
                        effect,
                        Some(*chat),
                    );
                }
            }
            Effect::Post { .. } => {
                for chat in chats {
                    self.put(
                        Key::Post(*chat, record.seq, index),
                        record,
                        effect,
                        Some(*chat),
                    );
                }
            }
            // Nothing follows from a page, so nobody carries one out here.
            Effect::Page { .. } => {}
        }
    }

    fn put(&mut self, key: Key, record: &Record, effect: &Effect, chat: Option<Platform>) {
        if let Some(row) = self.ids.get(&key).and_then(|id| self.rows.get_mut(id)) {
            self.changes.push(row.job.id);
            row.wanted = record.seq;
            row.attempts = 0;
            row.job.due_at = record.at;
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.ids.insert(key.clone(), id);
        self.changes.push(id);
        let row = Row {
            key,
            effect: Arc::new(effect.clone()),
            wanted: record.seq,
            attempts: 0,
            claimed_until: Timestamp::default(),
            claimed_by: 0,
            fence: 0,
            job: job(id, effect, chat, record.at),
        };
        self.rows.insert(id, row);
    }

    pub(crate) fn claim(
        &mut self,
        id: i64,
        now: Timestamp,
        until: Timestamp,
        worker: u64,
    ) -> Option<(Row, Hold)> {
        let row = self
            .rows
            .get_mut(&id)
            .filter(|row| row.claimed_until <= now)?;
        self.unflushed.push((id, row.clone()));
        self.changes.push(id);
        row.claimed_until = until;
        row.claimed_by = worker;
        row.fence += 1;
        let hold = Hold {
            id,
            fence: row.fence,
            wanted: row.wanted,
        };
        Some((row.clone(), hold))
    }

    /// The row, if the hold on it still counts; what is done to it may be lost.
    fn held(&mut self, hold: Hold) -> Option<&mut Row> {
        let row = self
            .rows
            .get_mut(&hold.id)
            .filter(|row| row.fence == hold.fence)?;
        self.unflushed.push((hold.id, row.clone()));
        self.changes.push(hold.id);
        row.claimed_until = Timestamp::default();
        Some(row)
    }

    pub(crate) fn finish(&mut self, hold: Hold) {
        let Some(row) = self.held(hold) else { return };
        if row.wanted == hold.wanted {
            let key = row.key.clone();
            self.rows.remove(&hold.id);
            self.ids.remove(&key);
        }
    }

    pub(crate) fn retry(&mut self, hold: Hold, due_at: Timestamp) {
        let Some(row) = self.held(hold) else { return };
        if row.wanted == hold.wanted {
            row.job.due_at = due_at;
            row.attempts += 1;
        }
    }

    pub(crate) fn release(&mut self, hold: Hold) {
        self.held(hold);
    }

    /// What a killed worker held is free at once.
    pub(crate) fn free(&mut self, alive: &[u64]) {
        for row in self.rows.values_mut() {
            if !alive.contains(&row.claimed_by) {
                row.claimed_until = Timestamp::default();
                self.changes.push(row.job.id);
            }
        }
    }

    /// Remembers where a card stands and what it shows, unless what is remembered is newer.
    pub(crate) fn keep_card(&mut self, key: CardKey, drawn: Drawn) {
        let before = self.cards.get(&key).copied();
        if before.is_none_or(|(_, newest)| newest <= drawn.1) {
            self.unflushed_cards.push((key, before));
            self.cards.insert(key, drawn);
        }
    }
}

/// The state of an empty log.
pub(crate) fn genesis() -> State {
    State {
        next_request: 1,
        ..State::default()
    }
}

/// An effect as the dispatch machine sees it.
fn job(id: i64, effect: &Effect, chat: Option<Platform>, due_at: Timestamp) -> Job {
    let platform = chat.unwrap_or(Platform::Cli);
    let channel = |name: &str| Lane::Channel(platform, name.to_owned());
    let card = |kind: CardKind, request: RequestId| format!("card:{platform}:{kind:?}:{request}");
    let of_kind = |kind: CardKind| match kind {
        CardKind::Approvers => channel("approvers"),
        CardKind::Security => channel("security"),
    };
    let (lane, class, key, digestible) = match effect {
        Effect::Converge { holding, gives } => (
            Lane::Target(holding.provisioner.clone()),
            if *gives {
                Class::Start
            } else {
                Class::Deprovision
            },
            format!("converge:{holding}"),
            false,
        ),
        Effect::Draw {
            card: kind,
            request,
            over,
        } => (
            of_kind(*kind),
            if *over { Class::Rest } else { Class::Start },
            card(*kind, *request),
            false,
        ),
        Effect::Page { .. } => (channel("pager"), Class::Alarm, format!("page:{id}"), false),
        Effect::Post { to, topic, .. } => {
            let (lane, key) = match to {
                Audience::Person(person) => (
                    Lane::Person(platform, person.clone()),
                    format!("direct:{platform}:{person}"),
                ),
                Audience::ApproversThread(request) => {
                    (channel("approvers"), card(CardKind::Approvers, *request))
                }
                Audience::SecurityThread(request) => {
                    (channel("security"), card(CardKind::Security, *request))
                }
                Audience::Security => (channel("security"), format!("security:{id}")),
            };
            let digestible = matches!(topic, Topic::Progress | Topic::Skipped);
            let alarm = matches!(
                topic,
                Topic::NotRemoved | Topic::BrokenGlass | Topic::House | Topic::Refused
            );
            (
                lane,
                if alarm { Class::Alarm } else { Class::Rest },
                key,
                digestible,
            )
        }
    };
    Job {
        id,
        lane,
        class,
        key: key.into(),
        due_at,
        digestible,
    }
}
