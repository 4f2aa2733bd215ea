//! Asking for access.

use super::rights::{acting, check_active};
use super::terms::{digest, waiting};
use super::{OPEN_REQUESTS_MAX, Situation, check_open};
use crate::command::{Actor, Ask};
use crate::event::{Asked, DeniedByPolicy, Event, Requested};
use crate::id::{PersonId, RequestId};
use crate::policy::Rule;
use crate::refusal::Refusal;
use crate::ruling::{Answer, Path, Ruling};
use crate::state::{Phase, Request};

pub(super) fn ask(s: &Situation<'_>, actor: &Actor, ask: &Ask) -> Result<Vec<Event>, Refusal> {
    let requester = acting(s, actor)?;
    check_open(s)?;
    let question = &ask.question;
    if *requester != question.requester {
        return Err(Refusal::NotAllowed {
            what: "ask in somebody else's name".to_owned(),
        });
    }
    if s.policy.person(&question.beneficiary).is_none() {
        return Err(Refusal::UnknownPerson);
    }
    check_active(s, &question.beneficiary)?;
    check_not_twice(s, ask)?;
    let ruling = s.policy.answer(question, s.facts, s.now);
    let asked = Asked {
        requester: question.requester.clone(),
        beneficiary: question.beneficiary.clone(),
        platform: question.platform,
        target: question.target.clone(),
        role: question.role.clone(),
        holding: ask.holding.clone(),
        duration: ruling.duration,
        justification: ask.justification.hash(),
        incident: question.incident.clone(),
        severity: question.severity,
        source: ask.source.clone(),
    };
    match &ruling.answer {
        Answer::Deny(denial) => Ok(vec![Event::DeniedByPolicy(Box::new(DeniedByPolicy {
            id: RequestId::new(s.state.next_request),
            digest: digest(&asked, None),
            asked,
            risk: ruling.risk.clone(),
            denial: denial.clone(),
            facts: s.facts.clone(),
        }))]),
        Answer::Allow(paths) => match paths.first() {
            Some(path) => {
                check_justification(s, ask, path)?;
                Ok(vec![request(s, asked, &ruling, path)?])
            }
            None => Err(Refusal::NoPolicy),
        },
    }
}

fn request(
    s: &Situation<'_>,
    asked: Asked,
    ruling: &Ruling,
    path: &Path,
) -> Result<Event, Refusal> {
    if !path.fillable {
        let needed = path
            .terms
            .approvals
            .iter()
            .map(|quorum| u32::from(quorum.count))
            .sum();
        let about = format!("{}/{}", asked.target, asked.role);
        return Err(Refusal::NoApprovers { needed, about });
    }
    let (confirm, lapses_at) = waiting(s, &asked, &path.terms);
    Ok(Event::Requested(Box::new(Requested {
        id: RequestId::new(s.state.next_request),
        digest: digest(&asked, Some(&path.terms)),
        asked,
        terms: path.terms.clone(),
        risk: ruling.risk.clone(),
        lapses_at,
        confirm,
        facts: s.facts.clone(),
    })))
}

/// A second Enter after a time-out, a grant that is there, or too many at once.
fn check_not_twice(s: &Situation<'_>, ask: &Ask) -> Result<(), Refusal> {
    let question = &ask.question;
    let waiting = |request: &&Request| match &request.phase {
        Phase::Pending { lapses_at, .. } => s.now < *lapses_at,
        Phase::Approved { .. } => true,
        Phase::Active { .. }
        | Phase::Ending(_)
        | Phase::Ended { .. }
        | Phase::Denied { .. }
        | Phase::Withdrawn { .. }
        | Phase::Lapsed { .. } => false,
    };
    let same = |request: &&Request| {
        request.asked.beneficiary == question.beneficiary && request.asked.holding == ask.holding
    };
    let requests = || s.state.requests.values();
    if let Some(request) = requests().filter(same).find(waiting) {
        let lapses_at = match &request.phase {
            Phase::Pending { lapses_at, .. } => *lapses_at,
            Phase::Approved { provision_by, .. } => *provision_by,
            Phase::Active { .. }
            | Phase::Ending(_)
            | Phase::Ended { .. }
            | Phase::Denied { .. }
            | Phase::Withdrawn { .. }
            | Phase::Lapsed { .. } => s.now,
        };
        return Err(Refusal::AlreadyAsked {
            request: request.id,
            lapses_at,
        });
    }
    if !ask.again {
        for request in requests().filter(same) {
            if let Phase::Active { expires_at } = request.phase
                && s.now < expires_at
            {
                return Err(Refusal::AlreadyActive {
                    request: request.id,
                    until: expires_at,
                });
            }
        }
    }
    check_rate(s, &question.requester)
}

fn check_rate(s: &Situation<'_>, requester: &PersonId) -> Result<(), Refusal> {
    let open: Vec<RequestId> = s
        .state
        .requests
        .values()
        .filter(|request| request.asked.requester == *requester)
        .filter(|request| matches!(request.phase, Phase::Pending { lapses_at, .. } if s.now < lapses_at))
        .map(|request| request.id)
        .collect();
    if open.len() >= OPEN_REQUESTS_MAX {
        Err(Refusal::Rate { open })
    } else {
        Ok(())
    }
}

fn check_justification(s: &Situation<'_>, ask: &Ask, path: &Path) -> Result<(), Refusal> {
    let rule = s.policy.rule(&path.terms.rule);
    let bounds = rule.map_or(s.policy.defaults().justification, Rule::justification);
    let (min, max) = (bounds.min, bounds.max);
    let given = u32::try_from(ask.justification.chars()).unwrap_or(u32::MAX);
    if given < u32::from(min) || given > u32::from(max) {
        return Err(Refusal::Justification { min, max, given });
    }
    Ok(())
}
