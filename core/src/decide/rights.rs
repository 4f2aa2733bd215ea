//! Who is who in a request: acting people, approvers, powers.

use std::collections::BTreeSet;

use super::Situation;
use crate::command::Actor;
use crate::id::{PersonId, Platform};
use crate::quorum::{Filling, fill};
use crate::refusal::Refusal;
use crate::ruling::{Selector, Terms};
use crate::state::Request;

/// The person whose account it is by the policy, or by a link that it upholds. Nobody's word is taken for that.
pub(super) fn known<'a>(s: &Situation<'a>, actor: &'a Actor) -> Result<&'a PersonId, Refusal> {
    let (Some(person), Some(account)) = (actor.person(), actor.account()) else {
        return Err(Refusal::UnknownPerson);
    };
    let listed = s.policy.person_by(account.platform, &account.account);
    let owner = match listed {
        Some(listed) => Some(&listed.id),
        None => s
            .state
            .house
            .links
            .by_account(s.policy, &account)
            .map(|link| &link.person),
    };
    if owner == Some(person) {
        Ok(person)
    } else {
        Err(Refusal::UnknownPerson)
    }
}

/// Refuses what a linked account may do only once its link is old enough.
pub(super) fn check_counts(s: &Situation<'_>, actor: &Actor) -> Result<(), Refusal> {
    let account = actor.account();
    let link = account.and_then(|account| s.state.house.links.by_account(s.policy, &account));
    match link {
        Some(link) if s.now < link.counts_at() => Err(Refusal::YoungLink {
            platform: link.linked.platform,
            from: link.counts_at(),
            instead: link.listed.platform,
        }),
        Some(_) | None => Ok(()),
    }
}

/// Has this person an account on the chat, listed or linked?
pub(super) fn speaks_on(s: &Situation<'_>, person: &PersonId, platform: Platform) -> bool {
    let listed = s.policy.person(person);
    let link = s.state.house.links.of(person);
    listed.is_some_and(|listed| listed.account_on(platform).is_some())
        || link.is_some_and(|link| link.linked.platform == platform && s.policy.upholds(link))
}

/// The listed person behind an actor, if they may act at all.
pub(super) fn acting<'a>(s: &Situation<'a>, actor: &'a Actor) -> Result<&'a PersonId, Refusal> {
    let person = known(s, actor)?;
    check_active(s, person)?;
    Ok(person)
}

/// Is the account active, as far as it could be looked up?
pub(super) fn check_active(s: &Situation<'_>, person: &PersonId) -> Result<(), Refusal> {
    if s.facts.unsure.contains(person) {
        Err(Refusal::Unsure)
    } else if s.facts.inactive.contains(person) {
        Err(Refusal::Inactive)
    } else {
        Ok(())
    }
}

/// Could everybody be looked up whom a request concerns, or who has approved it? Else it is not decided now, nor denied.
pub(super) fn check_sure(s: &Situation<'_>, request: &Request) -> Result<(), Refusal> {
    let approvers = request.approvals.iter().map(|approval| &approval.person);
    let asked = [&request.asked.requester, &request.asked.beneficiary];
    if approvers
        .chain(asked)
        .any(|person| s.facts.unsure.contains(person))
    {
        return Err(Refusal::Unsure);
    }
    Ok(())
}

/// An acting person who is no guest: guests may ask and end, never decide.
pub(super) fn deciding<'a>(s: &Situation<'a>, actor: &'a Actor) -> Result<&'a PersonId, Refusal> {
    let person = acting(s, actor)?;
    let guest = s.policy.person(person).is_some_and(|listed| listed.guest);
    if guest {
        Err(Refusal::Guest)
    } else {
        Ok(person)
    }
}

/// Is the person listed no more, or deactivated?
pub(super) fn has_left(s: &Situation<'_>, person: &PersonId) -> bool {
    s.policy.person(person).is_none() || s.facts.inactive.contains(person)
}

/// How many people could decide a request now.
pub(super) fn count(slots: &[BTreeSet<PersonId>]) -> u32 {
    let able: BTreeSet<_> = slots.iter().flatten().collect();
    u32::try_from(able.len()).unwrap_or(u32::MAX)
}

/// Everybody who could decide a request now, slot by slot: eligible, active, neither requester nor
/// beneficiary. People that the escalation reached fit every slot.
pub(super) fn slots(
    s: &Situation<'_>,
    request: &Request,
    terms: &Terms,
) -> Vec<BTreeSet<PersonId>> {
    let reached = terms.escalate.iter().take(usize::from(request.escalated));
    let more: Vec<Selector> = reached.flat_map(|step| step.to.iter().cloned()).collect();
    let more = s.policy.eligible(&more, &request.asked.target, s.facts);
    let slot = |from: &[Selector]| {
        let mut people = s.policy.eligible(from, &request.asked.target, s.facts);
        people.extend(more.iter().cloned());
        people.retain(|person| !request.concerns(person));
        people
    };
    terms
        .approvals
        .iter()
        .map(|quorum| slot(&quorum.from))
        .collect()
}

/// How far these people fill the quorum.
pub(super) fn filling(terms: &Terms, slots: &[BTreeSet<PersonId>], people: &[PersonId]) -> Filling {
    let able = |person: &PersonId| -> Vec<usize> {
        (0..slots.len())
            .filter(|&slot| slots[slot].contains(person))
            .collect()
    };
    let people: Vec<_> = people
        .iter()
        .map(|person| (person.clone(), able(person)))
        .collect();
    fill(&terms.approvals, &people)
}

/// Everybody named by the quorum and the escalation so far.
pub(super) fn deciders(request: &Request, terms: &Terms) -> Vec<Selector> {
    let reached = terms.escalate.iter().take(usize::from(request.escalated));
    let mut all: Vec<Selector> = terms
        .approvals
        .iter()
        .flat_map(|quorum| quorum.from.iter().cloned())
        .collect();
    all.extend(reached.flat_map(|step| step.to.iter().cloned()));
    let mut seen = BTreeSet::new();
    all.retain(|selector| seen.insert(selector.clone()));
    all
}
