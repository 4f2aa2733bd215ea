//! What is remembered while there is room: the oldest is forgotten first.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many things at most, by their name.
pub(super) struct Kept<K, V> {
    max: usize,
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            inner: Mutex::new(Inner {
                values: HashMap::new(),
                order: VecDeque::new(),
            }),
        }
    }

    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.inner().values.get(name).cloned()
    }

    pub(super) fn keep(&self, name: K, value: V) {
        self.inner().put(self.max, name, value);
    }

    /// What is kept under the name, or `fresh` from now on.
    pub(super) fn get_or_keep(&self, name: K, fresh: V) -> V {
        let mut inner = self.inner();
        if let Some(value) = inner.values.get(&name) {
            return value.clone();
        }
        inner.put(self.max, name, fresh.clone());
        fresh
    }

    fn inner(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash, V> Inner<K, V> {
    fn put(&mut self, max: usize, name: K, value: V) {
        if self.values.insert(name.clone(), value).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > max {
            if let Some(oldest) = self.order.pop_front() {
                self.values.remove(&oldest);
            }
        }
    }
}
