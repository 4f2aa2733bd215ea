//! Words that stood where a target or role is expected and were part of the sentence instead.

use breakglass_core::intent::Typed;
use breakglass_core::policy::Policy;

use super::names::{find_target, is_no_role, is_no_target};
use super::split;

#[cfg(test)]
mod tests;

/// Puts such words back in front of the why, so that none is lost: `orders-db replication stuck` has no role, and
/// the why is `replication stuck`. A name that is nearly right stays where it is, to be asked about.
pub fn give_back(policy: &Policy, typed: &Typed) -> Typed {
    let (target, role) = split(typed);
    let no_target = |words: &String| is_no_target(policy, words);
    let words: Vec<String> = match (target.filter(no_target), role) {
        (Some(target), role) => [Some(target), role].into_iter().flatten().collect(),
        (None, Some(role)) => {
            let target = split(typed)
                .0
                .and_then(|target| find_target(policy, &target).ok());
            let part = target.is_some_and(|target| is_no_role(target, &role));
            part.then_some(role).into_iter().collect()
        }
        (None, None) => Vec::new(),
    };
    let mut why = words;
    why.push(typed.why.clone());
    why.retain(|part| !part.is_empty());
    Typed {
        why: why.join(" "),
        ..typed.clone()
    }
}
