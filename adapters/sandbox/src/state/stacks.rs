//! Modals that people have open, up to three above each other.

use serde_json::Value;

use super::State;
use crate::mint;
use crate::view::View;

/// Slack keeps at most three views above each other.
pub(crate) const STACK_MAX: usize = 3;

impl State {
    /// The modal that `user` sees.
    pub(crate) fn top_view(&self, user: &str) -> Option<&View> {
        self.views.get(self.stacks.get(user)?.last()?)
    }

    /// Opens a modal on top of what `user` has open.
    pub(crate) fn push_view(&mut self, user: &str, content: Value, now_secs: i64) -> View {
        let stack = self.stacks.entry(user.to_owned()).or_default();
        let id = mint::id("V");
        let view = View {
            root_id: stack.first().unwrap_or(&id).clone(),
            previous_id: stack.last().cloned(),
            ..new_view(id.clone(), user, content, now_secs)
        };
        stack.push(id.clone());
        self.views.insert(id, view.clone());
        view
    }

    /// Replaces all that `user` has open by one modal.
    pub(crate) fn open_view(&mut self, user: &str, content: Value, now_secs: i64) -> View {
        self.close_views(user);
        self.push_view(user, content, now_secs)
    }

    /// Replaces what a view shows. What people entered stays where block and action id stay.
    pub(crate) fn replace_view(&mut self, id: &str, content: Value, now_secs: i64) -> Option<View> {
        let view = self.views.get_mut(id)?;
        view.content = content;
        view.hash = hash(now_secs);
        view.errors.clear();
        let blocks = view.content["blocks"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        crate::control::retain(&mut view.entries, &blocks);
        Some(view.clone())
    }

    /// Replaces the Home tab of `user`.
    pub(crate) fn publish_home(&mut self, user: &str, content: Value, now_secs: i64) -> View {
        if let Some(id) = self.homes.get(user).cloned()
            && let Some(view) = self.replace_view(&id, content.clone(), now_secs)
        {
            return view;
        }
        let view = new_view(mint::id("V"), user, content, now_secs);
        self.homes.insert(user.to_owned(), view.id.clone());
        self.views.insert(view.id.clone(), view.clone());
        view
    }

    /// Closes the modal `id`; the one below it shows again.
    pub(crate) fn close_view(&mut self, user: &str, id: &str) {
        if let Some(stack) = self.stacks.get_mut(user) {
            stack.retain(|open| open != id);
        }
        self.views.remove(id);
    }

    /// Closes all modals of `user`.
    pub(crate) fn close_views(&mut self, user: &str) {
        for id in self.stacks.remove(user).unwrap_or_default() {
            self.views.remove(&id);
        }
    }

    /// The view that the app named `external_id`.
    pub(crate) fn view_by_external_id(&self, external_id: &str) -> Option<&View> {
        self.views
            .values()
            .find(|view| view.content["external_id"] == external_id)
    }
}

fn new_view(id: String, user: &str, content: Value, now_secs: i64) -> View {
    View {
        root_id: id.clone(),
        id,
        user: user.to_owned(),
        content,
        hash: hash(now_secs),
        previous_id: None,
        errors: std::collections::BTreeMap::new(),
        entries: std::collections::BTreeMap::new(),
        offered: std::collections::BTreeMap::new(),
    }
}

fn hash(now_secs: i64) -> String {
    format!("{now_secs}.{}", mint::word(8))
}
