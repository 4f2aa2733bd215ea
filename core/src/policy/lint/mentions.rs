//! Names that stand for nothing.

use crate::document::{Fault, Place, nearest};
use crate::id::{GroupId, PersonId, TargetId};
use crate::policy::draft::{Draft, Mention};

use super::Findings;

pub(super) fn check(draft: &Draft, findings: &mut Findings) {
    for (place, mention) in &draft.mentions {
        findings.errors.extend(unknown(draft, place, mention));
    }
}

fn unknown(draft: &Draft, place: &Place, mention: &Mention) -> Option<Fault> {
    match mention {
        Mention::Person(id) => {
            let known = || draft.person_ids.iter().map(PersonId::as_str);
            (!draft.person_ids.contains(id)).then(|| fault(place, "person", id.as_str(), known()))
        }
        Mention::Group(id) => {
            let known = || draft.group_ids.iter().map(GroupId::as_str);
            (!draft.group_ids.contains(id)).then(|| fault(place, "group", id.as_str(), known()))
        }
        Mention::Target(id) => {
            let known = || draft.target_ids.iter().map(TargetId::as_str);
            (!draft.target_ids.contains(id)).then(|| fault(place, "target", id.as_str(), known()))
        }
        Mention::Role(Some(target), _) if !draft.target_ids.contains(target) => {
            unknown(draft, place, &Mention::Target(target.clone()))
        }
        Mention::Role(target, role) => {
            let of = |own: &_| target.as_ref().is_none_or(|target| target == own);
            let known = || {
                let roles = draft.role_ids.iter().filter(|(own, _)| of(own));
                roles.map(|(_, role)| role.as_str())
            };
            let is_known = known().any(|id| id == role.as_str());
            (!is_known).then(|| fault(place, "role", role.as_str(), known()))
        }
    }
}

fn fault<'d>(place: &Place, kind: &str, id: &str, known: impl Iterator<Item = &'d str>) -> Fault {
    place
        .fault(format!("there is no {kind} {id}"))
        .suggest(nearest(id, known))
}
