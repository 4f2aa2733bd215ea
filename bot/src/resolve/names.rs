//! Finding a target or role by what somebody typed at night: case, `-`, `_` and `.` don't matter, unique
//! prefixes do, and what isn't there is answered with what is near.

use breakglass_core::policy::{Policy, Role, Target};

/// At most so many near names are offered.
const NEAR_MAX: usize = 3;

/// The target that was meant, or what to do.
pub fn find_target<'a>(policy: &'a Policy, typed: &str) -> Result<&'a Target, String> {
    let all = || policy.targets().map(|target| (target.id.as_str(), target));
    find(typed, "target", all)
}

/// The role that was meant, or what to do.
pub fn find_role<'a>(target: &'a Target, typed: &str) -> Result<&'a Role, String> {
    let all = || target.roles.iter().map(|role| (role.id.as_str(), role));
    find(typed, "role", all)
}

fn find<'a, T, I>(typed: &str, what: &str, all: impl Fn() -> I) -> Result<&'a T, String>
where
    I: Iterator<Item = (&'a str, &'a T)>,
{
    let meant = plain(typed);
    if let Some((_, found)) = all().find(|(id, _)| plain(id) == meant) {
        return Ok(found);
    }
    let starting: Vec<_> = all()
        .filter(|(id, _)| plain(id).starts_with(&meant))
        .collect();
    match starting.as_slice() {
        [(_, found)] if !meant.is_empty() => Ok(found),
        [_, _, ..] if !meant.is_empty() => {
            let names: Vec<&str> = starting.iter().take(NEAR_MAX).map(|(id, _)| *id).collect();
            Err(format!("“{typed}” could be {}.", names.join(" or ")))
        }
        _ => Err(near(typed, what, all().map(|(id, _)| id))),
    }
}

/// Whatever these words were, they weren't meant as a target's name.
pub fn is_no_target(policy: &Policy, typed: &str) -> bool {
    let ids = || policy.targets().map(|target| target.id.as_str());
    find_target(policy, typed).is_err() && is_far(typed, ids)
}

/// Whatever these words were, they weren't meant as one of the target's roles.
pub fn is_no_role(target: &Target, typed: &str) -> bool {
    let ids = || target.roles.iter().map(|role| role.id.as_str());
    find_role(target, typed).is_err() && is_far(typed, ids)
}

fn is_far<'a, I: Iterator<Item = &'a str>>(typed: &str, ids: impl Fn() -> I) -> bool {
    let meant = plain(typed);
    let starts = |id: &str| !meant.is_empty() && plain(id).starts_with(&meant);
    nearest(typed, ids()).is_empty() && !ids().any(starts)
}

fn near<'a>(typed: &str, what: &str, ids: impl Iterator<Item = &'a str>) -> String {
    let names = nearest(typed, ids);
    if names.is_empty() {
        format!("No {what} “{typed}”.")
    } else {
        format!("No {what} “{typed}”. Did you mean {}?", names.join(" or "))
    }
}

fn nearest<'a>(typed: &str, ids: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let meant = plain(typed);
    let mut scored: Vec<(f64, &str)> = ids
        .map(|id| (strsim::jaro_winkler(&meant, &plain(id)), id))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored
        .iter()
        .filter(|(score, _)| *score > 0.7)
        .take(NEAR_MAX)
        .map(|(_, id)| *id)
        .collect()
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}
