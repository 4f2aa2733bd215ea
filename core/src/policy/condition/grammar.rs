//! Parsing and checking conditions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use cedar_policy::{
    Expression, Policy, PolicySet, Schema, ValidationMode, ValidationWarning, Validator, pst,
};

use super::{Condition, Key, Kind, tree};

/// The longest condition, in characters; also keeps nesting within what a stack holds.
const CONDITION_CHARS_MAX: usize = 1000;

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
    validators: HashMap<Side, Validator>,
    checked: HashMap<(Side, String), Result<Condition, Complaint>>,
}

impl Grammar {
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
        if text.chars().count() > CONDITION_CHARS_MAX {
            return Err(Complaint::new(format!(
                "has more than {CONDITION_CHARS_MAX} characters"
            )));
        }
        let alone: Expression = text.parse().map_err(|error| {
            Complaint::new(format!("is not a condition that Cedar can read: {error}"))
        })?;
        let unreadable = || Complaint::new("is not a condition that Cedar reads in one way only");
        // The policy is made from the tree, not from the text; its one clause gives the tree back.
        let policy = format!("permit(principal, action, resource) when {{ {alone} }};");
        let policy = Policy::parse(None, policy).map_err(|_| unreadable())?;
        let pst::Policy::Static(parsed) = policy.to_pst().map_err(|_| unreadable())? else {
            return Err(unreadable());
        };
        let [pst::Clause::When(tree)] = parsed.body().clauses().as_slice() else {
            return Err(unreadable());
        };
        tree::check(tree, side)?;
        let mut condition = Condition::from_tree(tree.clone()).ok_or_else(unreadable)?;
        if condition.expression.to_string() != alone.to_string() {
            return Err(unreadable());
        }
        self.check_types(policy, side)?;
        text.clone_into(&mut condition.text);
        Ok(condition)
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
