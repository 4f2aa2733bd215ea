//! From what was typed to what it means here: people, targets, roles, and the question put to the policy.

pub mod form;
pub mod names;
pub mod sentence;

use breakglass_core::id::{HoldingId, PersonId, Platform, ProvisionerId};
use breakglass_core::intent::{Sender, Typed};
use breakglass_core::notice::{Field, FieldFault};
use breakglass_core::policy::{Person, Policy, Role, Target, account};
use breakglass_core::ruling::{Question, Severity};
use std::collections::BTreeMap;

use names::{find_role, find_target};

/// What is said of somebody whom the policy doesn't list.
pub const UNKNOWN: &str = "I don't know this person here yet.";

/// A request's words, understood.
#[derive(Debug, Clone)]
pub struct Understood {
    /// What is put to the policy.
    pub question: Question,
    /// What the grant would be at the target.
    pub holding: HoldingId,
}

/// The login templates of the configured provisioners.
pub type Logins = BTreeMap<ProvisionerId, String>;

/// Understands a request's words, or says what is wrong at which field.
pub fn understand(
    policy: &Policy,
    logins: &Logins,
    requester: &Person,
    platform: Platform,
    typed: &Typed,
) -> Result<Understood, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut fault = |field, message: String| faults.push(FieldFault { field, message });
    let (target_words, role_words) = split(typed);
    let target = match target_words.as_deref() {
        None => Err("Pick a target.".to_owned()),
        Some(words) => find_target(policy, words),
    };
    let role = match (&target, role_words.as_deref()) {
        (Ok(target), Some(words)) => find_role(target, words),
        (Ok(_), None) => Err("Pick a role.".to_owned()),
        (Err(_), _) => Err(String::new()),
    };
    let beneficiary = match &typed.beneficiary {
        None => Some(requester.id.clone()),
        Some(words) => find_person(policy, platform, words),
    };
    if beneficiary.is_none() {
        fault(Field::Beneficiary, UNKNOWN.to_owned());
    }
    let severity = match typed.severity.map(Severity::new) {
        None => None,
        Some(Ok(severity)) => Some(severity),
        Some(Err(error)) => {
            fault(Field::Severity, error.to_string());
            None
        }
    };
    for (field, found) in [
        (Field::Target, target.as_ref().err()),
        (Field::Role, role.as_ref().err()),
    ] {
        if let Some(message) = found.filter(|message| !message.is_empty()) {
            fault(field, message.clone());
        }
    }
    let (Ok(target), Ok(role), Some(beneficiary)) = (target, role, beneficiary) else {
        return Err(faults);
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    let holder = policy.person(&beneficiary).unwrap_or(requester);
    let holding = holding(logins, holder, target, role).map_err(|message| {
        vec![FieldFault {
            field: Field::Target,
            message,
        }]
    })?;
    let question = Question {
        requester: requester.id.clone(),
        beneficiary,
        target: target.id.clone(),
        role: role.id.clone(),
        duration: typed.duration,
        severity,
        incident: typed
            .incident
            .clone()
            .filter(|incident| !incident.is_empty()),
        platform,
    };
    Ok(Understood { question, holding })
}

/// What the grant would be at the target: the holder's own account there, and the role in its own terms.
fn holding(
    logins: &Logins,
    holder: &Person,
    target: &Target,
    role: &Role,
) -> Result<HoldingId, String> {
    let template = logins
        .get(&target.provisioner)
        .ok_or_else(|| format!("{} has no provisioner configured yet.", target.id))?;
    let login =
        account(holder, &target.provisioner, template).map_err(|error| error.to_string())?;
    Ok(HoldingId {
        provisioner: target.provisioner.clone(),
        account: login,
        entitlement: role.grants.clone(),
    })
}

/// `TARGET/ROLE` in one word is the same as two.
pub fn split(typed: &Typed) -> (Option<String>, Option<String>) {
    match (&typed.target, &typed.role) {
        (Some(target), None) => match target.split_once('/') {
            Some((target, role)) => (Some(target.to_owned()), Some(role.to_owned())),
            None => (Some(target.clone()), None),
        },
        (target, role) => (target.clone(), role.clone()),
    }
}

/// The listed person behind a sender's account.
pub fn person<'a>(policy: &'a Policy, sender: &Sender) -> Option<&'a Person> {
    policy.person_by(sender.platform, &sender.account)
}

/// By an account there, or by id or name.
pub fn find_person(policy: &Policy, platform: Platform, words: &str) -> Option<PersonId> {
    if let Some(person) = policy.person_by(platform, words) {
        return Some(person.id.clone());
    }
    let name = words.trim_start_matches('@').to_lowercase();
    let mut named = policy
        .people()
        .filter(|person| person.id.as_str() == name || person.name.to_lowercase() == name);
    match (named.next(), named.next()) {
        (Some(person), None) => Some(person.id.clone()),
        (_, _) => None,
    }
}
