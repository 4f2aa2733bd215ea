//! Bodies as Discord takes them: refuses what Discord refuses, and says where.
//!
//! The limits are those of Discord's own description of its API and of its pages on messages, components and
//! commands: <https://docs.discord.com/developers/components/reference>.

mod check;
mod command;
mod component;
mod embed;
mod message;
mod modal;

#[cfg(test)]
mod tests;

pub(super) use command::{CHOICES, COMMAND, COMMANDS};
pub(super) use message::{
    ANSWER, ANSWER_EDIT, CALLBACK, CREATE, DIRECT, EDIT, THREAD, THREAD_EDIT,
};
pub(super) use modal::MODAL;

use serde_json::Value;

use super::rest::ApiError;
use super::state::State;
use check::{Checker, Rule, Shape};

/// Holds a body against its shape. A body that isn't there is an empty object.
pub(super) fn check(
    state: &mut State,
    shape: &'static Shape,
    body: &Value,
) -> Result<(), ApiError> {
    judge(state, |checker| checker.object(shape, body, &[]))
}

/// Holds the `data` of an answer against its shape.
pub(super) fn check_data(
    state: &mut State,
    shape: &'static Shape,
    data: &Value,
) -> Result<(), ApiError> {
    let at = ["data".to_owned()];
    judge(state, |checker| checker.object(shape, data, &at))
}

/// Holds a body that is a list against its rule.
pub(super) fn check_list(state: &mut State, rule: &Rule, body: &Value) -> Result<(), ApiError> {
    judge(state, |checker| checker.check(rule, body, &[]))
}

/// What Discord refuses is an error; what it swallows without a word is complained of.
fn judge(state: &mut State, check: impl FnOnce(&mut Checker)) -> Result<(), ApiError> {
    let mut checker = Checker::default();
    check(&mut checker);
    for stray in checker.strays() {
        state.complain(format!(
            "Discord ignores this field, for it knows none of that name: {stray}"
        ));
    }
    let errors = checker.into_errors();
    if errors.is_null() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}
