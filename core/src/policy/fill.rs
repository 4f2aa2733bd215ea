//! Can distinct people fill a quorum? Each human counts once, in one slot.

use std::collections::BTreeSet;

use crate::fact::Facts;
use crate::id::{PersonId, TargetId};
use crate::ruling::Quorum;

use super::Policy;

impl Policy {
    /// Can listed, active people other than `excluded` (the requester and the beneficiary) fill it?
    pub fn is_fillable(
        &self,
        approvals: &[Quorum],
        target: &TargetId,
        excluded: &[&PersonId],
        facts: &Facts,
    ) -> bool {
        // No more candidates for a slot than there are slots matter: with so many, one is always left.
        let needed: usize = approvals
            .iter()
            .map(|quorum| usize::from(quorum.count))
            .sum();
        let candidates = |quorum: &Quorum| {
            let mut people: Vec<&PersonId> = Vec::with_capacity(needed);
            for person in self.candidates_outside(quorum, target, excluded, facts) {
                if !people.contains(&person) {
                    people.push(person);
                }
                if people.len() == needed {
                    break;
                }
            }
            people.into_iter().cloned().collect::<Vec<_>>()
        };
        let slots: Vec<_> = approvals
            .iter()
            .map(|quorum| (candidates(quorum), quorum.count))
            .collect();
        can_fill(&slots)
    }

    /// Would approvals by these people fill it? Those who may not decide don't count.
    pub fn is_filled_by(
        &self,
        approvals: &[Quorum],
        target: &TargetId,
        approvers: &BTreeSet<PersonId>,
        facts: &Facts,
    ) -> bool {
        let slots: Vec<_> = approvals
            .iter()
            .map(|quorum| {
                let eligible = self.eligible(&quorum.from, target, facts);
                (
                    eligible.intersection(approvers).cloned().collect(),
                    quorum.count,
                )
            })
            .collect();
        can_fill(&slots)
    }

    fn candidates_outside<'p>(
        &'p self,
        quorum: &'p Quorum,
        target: &'p TargetId,
        excluded: &'p [&PersonId],
        facts: &'p Facts,
    ) -> impl Iterator<Item = &'p PersonId> {
        let candidates = self.candidates(&quorum.from, Some(target), facts);
        candidates.filter(move |person| !excluded.contains(person))
    }
}

/// Can each slot get its count of people, each person standing in one slot only? (A maximum matching by
/// augmenting paths; slots are few.)
pub(super) fn can_fill(slots: &[(Vec<PersonId>, u8)]) -> bool {
    let seats: Vec<&[PersonId]> = slots
        .iter()
        .flat_map(|(people, count)| std::iter::repeat_n(people.as_slice(), usize::from(*count)))
        .collect();
    let mut seated: Vec<(&PersonId, usize)> = Vec::new();
    (0..seats.len()).all(|seat| sit(seat, &seats, &mut seated, &mut BTreeSet::new()))
}

/// Finds somebody for a seat, moving others to another seat where that helps.
fn sit<'p>(
    seat: usize,
    seats: &[&'p [PersonId]],
    seated: &mut Vec<(&'p PersonId, usize)>,
    tried: &mut BTreeSet<&'p PersonId>,
) -> bool {
    for person in seats[seat] {
        if !tried.insert(person) {
            continue;
        }
        let taken = seated.iter().position(|(other, _)| *other == person);
        match taken {
            None => {
                seated.push((person, seat));
                return true;
            }
            Some(at) if sit(seated[at].1, seats, seated, tried) => {
                seated.retain(|(other, own)| !(*other == person && *own != seat));
                seated.push((person, seat));
                return true;
            }
            Some(_) => {}
        }
    }
    false
}
