//! Conditions: what must be so for a rule or guard to apply, written in Cedar over `context.*`.
//!
//! Each is parsed alone as one expression, so that no text can close its brace and start a policy of its
//! own; restricted to `context.KEY`, literals and operators that can't surprise; and type-checked strictly.
//! What is evaluated is the tree that was checked, one condition at a time: several times faster than an
//! authorizer over a set of policies, which also skips a `forbid` that fails.

mod grammar;
mod key;
mod possible;
mod tree;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use cedar_policy::{EvalResult, Expression, eval_expression, pst};

use crate::document::Field;

use super::circumstances::Circumstances;

pub(super) use grammar::{Grammar, Side};
pub use key::{Key, Kind};
use tree::Wanted;

/// A checked condition.
#[derive(Debug, Clone)]
pub struct Condition {
    text: String,
    expression: Expression,
    tree: Arc<pst::Expr>,
    reads: Vec<Key>,
}

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It doesn't.
    No,
    /// It reads these facts, which are unknown.
    Unknown(Vec<Key>),
    /// It can't be evaluated, such as when a number grows too big.
    Failed(String),
}

impl Condition {
    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it reads, whether or not that decides it.
    pub fn reads(&self) -> &[Key] {
        &self.reads
    }

    /// Does it hold under these circumstances? Never guessed: what it reads must be known.
    pub(super) fn holds(&self, circumstances: &Circumstances) -> Holds {
        let unknown: Vec<_> = self
            .reads
            .iter()
            .copied()
            .filter(|key| circumstances.get(*key).is_none())
            .collect();
        if !unknown.is_empty() {
            return Holds::Unknown(unknown);
        }
        let Some(request) = circumstances.request() else {
            return Holds::Failed("the circumstances can't be put to Cedar".to_owned());
        };
        match eval_expression(request, circumstances.entities(), &self.expression) {
            Ok(EvalResult::Bool(true)) => Holds::Yes,
            Ok(EvalResult::Bool(false)) => Holds::No,
            Ok(other) => Holds::Failed(format!("it gives {other}, not true or false")),
            Err(error) => Holds::Failed(error.to_string()),
        }
    }

    /// Could it hold with nothing but what the requester claims? See [`tree::Support`].
    pub(super) fn rests_on_claims(&self) -> bool {
        tree::support(&self.tree, Wanted::True).has_claims_alone()
    }

    /// Could its opposite hold with nothing but what the requester claims?
    pub(super) fn opposite_rests_on_claims(&self) -> bool {
        tree::support(&self.tree, Wanted::False).has_claims_alone()
    }

    /// Is there a combination of facts under which it holds? `true` when that can't be told.
    pub(super) fn is_possible(&self) -> bool {
        possible::is_possible(self)
    }

    /// Is it the same condition, or does it have all the other's parts among its own?
    pub(super) fn implies(&self, other: &Self) -> bool {
        let own = tree::conjuncts(&self.tree);
        tree::conjuncts(&other.tree)
            .iter()
            .all(|part| own.contains(part))
    }

    /// In words, which of its parts don't hold.
    pub(super) fn why_not(&self, circumstances: &Circumstances) -> Vec<String> {
        tree::conjuncts(&self.tree)
            .into_iter()
            .filter_map(|part| {
                let condition = Self::from_tree(Arc::clone(part))?;
                let holds = condition.holds(circumstances);
                (holds != Holds::Yes).then(|| condition.described(circumstances))
            })
            .collect()
    }

    /// `context.on_call is false`, or `not context.severity <= 1: context.severity is 3`.
    fn described(&self, circumstances: &Circumstances) -> String {
        let values: Vec<_> = self
            .reads
            .iter()
            .map(|key| circumstances.describe(*key))
            .collect();
        let values = values.join(", ");
        if tree::is_plain(&self.tree) {
            values
        } else {
            format!("not {}: {values}", self.text)
        }
    }

    fn from_tree(tree: Arc<pst::Expr>) -> Option<Self> {
        let text = tree.to_string();
        let expression = text.parse().ok()?;
        let reads = tree::reads(&tree).ok()?;
        Some(Self {
            text,
            expression,
            tree,
            reads,
        })
    }

    /// Reads a condition from a policy; what is wrong with it is a fault there.
    pub(super) fn read(field: &Field<'_>, side: Side, grammar: &mut Grammar) -> Option<Self> {
        let text = field.string()?;
        match grammar.condition(&text, side) {
            Ok(condition) => Some(condition),
            Err(complaint) => {
                field.fault_suggesting(complaint.message, complaint.suggestion);
                None
            }
        }
    }
}
