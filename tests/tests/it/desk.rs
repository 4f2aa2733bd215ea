//! A desk that notes what it is handed, and misbehaves when asked to.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use breakglass_core::id::Platform;
use breakglass_core::intent::{Act, Intent, Sender, Typed};
use breakglass_core::notice::{Choice, Field, FieldFault};
use breakglass_core::port::chat::{Desk, DeskError};
use regex::Regex;
use tokio::sync::watch;
use tokio::time::timeout;

/// Long enough for anything that happens at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How the desk takes what it is handed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    CannotWrite,
    Busy,
    Hangs,
    Panics,
}

#[derive(Debug)]
pub(crate) struct TestDesk {
    taken: watch::Sender<Vec<Intent>>,
    pub(crate) mood: Mutex<Mood>,
    pub(crate) channels: Mutex<BTreeSet<String>>,
    pub(crate) choices: Mutex<Vec<Choice>>,
    pub(crate) faults: Mutex<Vec<FieldFault>>,
    /// How often people changed.
    pub(crate) changes: watch::Sender<usize>,
    /// What selects were asked with.
    pub(crate) asked: Mutex<Vec<(Field, String, Typed)>>,
}

impl TestDesk {
    pub(crate) fn new(channels: &[&str]) -> Self {
        Self {
            taken: watch::Sender::new(Vec::new()),
            mood: Mutex::new(Mood::Good),
            channels: Mutex::new(channels.iter().map(ToString::to_string).collect()),
            choices: Mutex::new(Vec::new()),
            faults: Mutex::new(Vec::new()),
            changes: watch::Sender::new(0),
            asked: Mutex::new(Vec::new()),
        }
    }

    /// What was written down so far.
    pub(crate) fn taken(&self) -> Vec<Intent> {
        self.taken.borrow().clone()
    }

    /// The `number`th act that was written down, from 1, once it was.
    pub(crate) async fn nth(&self, number: usize) -> Intent {
        let mut taken = self.taken.subscribe();
        let enough = timeout(PATIENCE, taken.wait_for(|taken| taken.len() >= number));
        enough.await.expect("in time").expect("the desk is there")[number - 1].clone()
    }

    /// The acts alone.
    pub(crate) fn acts(&self) -> Vec<Act> {
        self.taken().into_iter().map(|intent| intent.act).collect()
    }

    pub(crate) fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

#[async_trait]
impl Desk for TestDesk {
    async fn take(&self, intent: Intent) -> Result<(), DeskError> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Good => {}
            Mood::CannotWrite => return Err(DeskError::NotRecorded("e7f1".to_owned())),
            Mood::Busy => return Err(DeskError::Busy),
            Mood::Hangs => std::future::pending().await,
            Mood::Panics => panic!("a bug in the desk"),
        }
        self.taken.send_if_modified(|taken| {
            let new = taken
                .iter()
                .all(|known| known.replay_key != intent.replay_key);
            if new {
                taken.push(intent);
            }
            new
        });
        Ok(())
    }

    fn posts_to(&self, channel: &str) -> bool {
        self.channels.lock().unwrap().contains(channel)
    }

    fn people_changed(&self, _platform: Platform) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    fn incident_pattern(&self) -> Regex {
        Regex::new("[A-Z][A-Z0-9]+-[0-9]+").unwrap()
    }

    async fn choices(
        &self,
        _sender: &Sender,
        field: Field,
        typed: &str,
        form: &Typed,
    ) -> Vec<Choice> {
        let asked = (field, typed.to_owned(), form.clone());
        self.asked.lock().unwrap().push(asked);
        self.choices.lock().unwrap().clone()
    }

    async fn faults(&self, _sender: &Sender, _form: &Typed) -> Vec<FieldFault> {
        self.faults.lock().unwrap().clone()
    }
}
