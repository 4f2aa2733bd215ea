//! One person on two chats: a code given out on the one, entered on the other, and taken back.

use super::Situation;
use super::rights::{acting, check_active, deciding, known};
use crate::command::Actor;
use crate::event::Event;
use crate::id::{PersonId, Platform};
use crate::link::{CODE_VALID, CodeHash, Link, Offer};
use crate::policy::Power;
use crate::refusal::Refusal;

/// A code for whom the policy lists with the account they act from; it takes the place of an earlier one.
pub(super) fn offer(
    s: &Situation<'_>,
    actor: &Actor,
    code: &CodeHash,
) -> Result<Vec<Event>, Refusal> {
    let person = acting(s, actor)?;
    let listed = actor.account().ok_or(Refusal::UnknownPerson)?;
    if s.state.house.links.by_account(s.policy, &listed).is_some() {
        return Err(Refusal::CannotLink {
            why: "This account is linked already. To change that, type /breakglass unlink first.",
        });
    }
    let linked = s.state.house.links.of(person);
    if linked.is_some_and(|link| s.policy.upholds(link)) {
        return Err(Refusal::CannotLink {
            why: "You have a linked account already. To link another, type /breakglass unlink first.",
        });
    }
    let everywhere = s.policy.person(person).is_some_and(|person| {
        Platform::CHATS
            .into_iter()
            .all(|platform| person.account_on(platform).is_some())
    });
    if everywhere {
        return Err(Refusal::CannotLink {
            why: "The policy lists you on every chat already.",
        });
    }
    let offer = Offer {
        person: person.clone(),
        listed,
        code: code.clone(),
        until: s.now.plus(CODE_VALID),
    };
    Ok(vec![Event::LinkOffered { offer }])
}

/// Whoever entered it, the account must be unknown so far. A wrong, late or spent code is all the same to them.
pub(super) fn link(
    s: &Situation<'_>,
    actor: &Actor,
    code: &CodeHash,
) -> Result<Vec<Event>, Refusal> {
    let linked = actor.account().ok_or(Refusal::UnknownPerson)?;
    let links = &s.state.house.links;
    let listed = s.policy.person_by(linked.platform, &linked.account);
    if listed.is_some() || links.by_account(s.policy, &linked).is_some() {
        return Err(Refusal::CannotLink {
            why: "I know this account already. A code is entered from the account that I don't know yet.",
        });
    }
    let offer = links.offer(code, s.now).ok_or(Refusal::WrongCode)?;
    let person = s
        .policy
        .person_by(offer.listed.platform, &offer.listed.account)
        .filter(|person| person.id == offer.person)
        .ok_or(Refusal::WrongCode)?;
    check_active(s, &person.id)?;
    let link = Link {
        person: person.id.clone(),
        listed: offer.listed.clone(),
        linked,
        at: s.now,
    };
    if !s.policy.upholds(&link) {
        return Err(Refusal::CannotLink {
            why: "The policy lists the person this code was given to on this chat already, with another account.",
        });
    }
    Ok(vec![Event::Linked { link }])
}

/// From either account, also by somebody who was deactivated on one of them: it only takes away. Anybody else's is taken back
/// by those who may revoke any grant.
pub(super) fn unlink(
    s: &Situation<'_>,
    actor: &Actor,
    person: &PersonId,
) -> Result<Vec<Event>, Refusal> {
    let own = known(s, actor)? == person;
    if !own {
        let by = deciding(s, actor)?;
        if !s.policy.may(Power::Revoke, by, None, s.facts).is_true() {
            return Err(Refusal::NotAllowed {
                what: "take the link of somebody else back".to_owned(),
            });
        }
    }
    match s.state.house.links.of(person) {
        Some(link) => Ok(vec![Event::Unlinked { link: link.clone() }]),
        None => Err(Refusal::CannotLink {
            why: if own {
                "You have no linked account."
            } else {
                "They have no linked account."
            },
        }),
    }
}
