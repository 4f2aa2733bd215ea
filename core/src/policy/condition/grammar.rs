//! Parsing and checking conditions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use cedar_policy::{
    Expression, Policy, PolicySet, Schema, ValidationMode, ValidationWarning, Validator, pst,
};

use super::{Condition, Key, Kind, tree};
use crate::policy::Standing;

/// The longest condition, in characters.
const CHARS_MAX: usize = 1000;

/// How many operators and brackets a condition has at most, and how deep brackets stand in each other.
/// Cedar's parser and checker call themselves for each, with 50 kB of stack in a debug build.
const JOINTS_MAX: usize = 24;
const DEPTH_MAX: usize = 8;

/// What kind of clause a condition stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::policy) enum Side {
    /// In a rule, which may not read the duration: its maximum says that.
    Rule,
    /// In a guard.
    Guard,
}

/// What is wrong with a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) struct Complaint {
    pub(in crate::policy) message: String,
    pub(in crate::policy) suggestion: Option<String>,
}

impl Complaint {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            suggestion: None,
        }
    }
}

/// The schemas that conditions are checked against, and the conditions checked so far.
#[derive(Debug, Default)]
pub(in crate::policy) struct Grammar {
    standing: Standing,
    validators: HashMap<Side, Validator>,
    checked: HashMap<(Side, String), Result<Condition, Complaint>>,
}

impl Grammar {
    /// Nothing was checked yet.
    pub(in crate::policy) fn new(standing: Standing) -> Self {
        Self {
            standing,
            ..Self::default()
        }
    }

    /// Parses and checks one condition.
    pub(in crate::policy) fn condition(
        &mut self,
        text: &str,
        side: Side,
    ) -> Result<Condition, Complaint> {
        let asked = (side, text.to_owned());
        if let Some(known) = self.checked.get(&asked) {
            return known.clone();
        }
        let checked = self.check(text, side);
        self.checked.insert(asked, checked.clone());
        checked
    }

    fn check(&mut self, text: &str, side: Side) -> Result<Condition, Complaint> {
        if text.chars().count() > CHARS_MAX {
            return Err(Complaint::new(format!(
                "has more than {CHARS_MAX} characters"
            )));
        }
        if joints(text) > JOINTS_MAX || depth(text) > DEPTH_MAX {
            return Err(Complaint::new(format!(
                "has more than {JOINTS_MAX} operators and brackets, or {DEPTH_MAX} in each other"
            )));
        }
        let alone: Expression = text.parse().map_err(|error| {
            Complaint::new(format!("is not a condition that Cedar can read: {error}"))
        })?;
        let unreadable = || Complaint::new("is not one condition");
        // What was parsed alone can't close the brace, so the one clause is the same tree.
        let policy = format!("permit(principal, action, resource) when {{\n{text}\n}};");
        let policy = Policy::parse(None, policy).map_err(|_| unreadable())?;
        let pst::Policy::Static(parsed) = policy.to_pst().map_err(|_| unreadable())? else {
            return Err(unreadable());
        };
        let [pst::Clause::When(tree)] = parsed.body().clauses().as_slice() else {
            return Err(unreadable());
        };
        tree::check(tree, side)?;
        let (tree, reads) = (Arc::clone(tree), tree::reads(tree)?);
        if self.standing == Standing::Proposed {
            self.check_types(policy, side)?;
        }
        Ok(Condition {
            text: text.to_owned(),
            expression: alone,
            tree,
            reads,
        })
    }

    fn check_types(&mut self, policy: Policy, side: Side) -> Result<(), Complaint> {
        let validator = match self.validators.entry(side) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Validator::new(schema(side)?)),
        };
        let set = PolicySet::from_policies([policy])
            .map_err(|error| Complaint::new(error.to_string()))?;
        let result = validator.validate(&set, ValidationMode::Strict);
        if let Some(error) = result.validation_errors().next() {
            let message = error.to_string();
            // Cedar begins with the name it gave the policy, which means nothing to the author.
            let message = message
                .split_once("`, ")
                .map_or(message.as_str(), |(_, rest)| rest);
            return Err(Complaint::new(format!(
                "has a mistake in its types: {message}"
            )));
        }
        let impossible =
            |warning: &ValidationWarning| matches!(warning, ValidationWarning::ImpossiblePolicy(_));
        if result.validation_warnings().any(impossible) {
            return Err(Complaint::new("can never be true"));
        }
        Ok(())
    }
}

/// Counts what can nest. What stands in a text in quotes is counted too, which does no harm.
fn joints(text: &str) -> usize {
    let marks = text.matches(['(', '[', '{', '!', '+', '-', '*']).count();
    let logic = text.matches("&&").count() + text.matches("||").count();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let choices = text
        .split(|c| !is_word(c))
        .filter(|word| *word == "if")
        .count();
    marks + logic + choices
}

fn depth(text: &str) -> usize {
    let mut depth: usize = 0;
    let depths = text.chars().map(|c| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth
    });
    depths.max().unwrap_or_default()
}

fn schema(side: Side) -> Result<Schema, Complaint> {
    let attributes: Vec<_> = Key::ALL
        .into_iter()
        .filter(|key| tree::may_read(side, *key))
        .map(|key| {
            let kind = match key.kind() {
                Kind::Bool => "Bool",
                Kind::Long(..) => "Long",
                Kind::Word(_) => "String",
            };
            format!("{}: {kind}", key.as_str())
        })
        .collect();
    let attributes = attributes.join(", ");
    let text = format!(
        "entity Person, Role; action ask appliesTo \
         {{ principal: Person, resource: Role, context: {{ {attributes} }} }};"
    );
    text.parse()
        .map_err(|error| Complaint::new(format!("can't be checked: {error}")))
}
