//! Who fills which slot of a quorum: distinct people, each in one slot, as many as can be.

#[cfg(test)]
mod tests;

use crate::id::PersonId;
use crate::ruling::Quorum;

/// How far a quorum is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// Each person that counts, with the index of the slot they fill.
    pub filled: Vec<(PersonId, u8)>,
    /// How many are missing, slot by slot.
    pub missing: Vec<u8>,
}

impl Filling {
    /// Is nobody missing?
    pub fn is_complete(&self) -> bool {
        self.missing.iter().all(|&count| count == 0)
    }
}

/// Assigns people to slots so that as many seats as possible are taken (a maximum bipartite matching by
/// augmenting paths). `people` are distinct, each with the indexes of the slots they could fill; earlier
/// people keep a seat once they have one.
pub fn fill(slots: &[Quorum], people: &[(PersonId, Vec<usize>)]) -> Filling {
    let seats: Vec<usize> = slots
        .iter()
        .enumerate()
        .flat_map(|(slot, quorum)| std::iter::repeat_n(slot, usize::from(quorum.count)))
        .collect();
    let mut taken: Vec<Option<usize>> = vec![None; seats.len()];
    for person in 0..people.len() {
        let mut tried = vec![false; seats.len()];
        seat(person, people, &seats, &mut taken, &mut tried);
    }
    let mut missing: Vec<u8> = slots.iter().map(|quorum| quorum.count).collect();
    let mut filled = Vec::new();
    for (seat, holder) in taken.iter().enumerate() {
        let Some(holder) = holder else { continue };
        missing[seats[seat]] -= 1;
        filled.push((
            people[*holder].0.clone(),
            u8::try_from(seats[seat]).unwrap_or(u8::MAX),
        ));
    }
    Filling { filled, missing }
}

fn seat(
    person: usize,
    people: &[(PersonId, Vec<usize>)],
    seats: &[usize],
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for index in 0..seats.len() {
        if tried[index] || !people[person].1.contains(&seats[index]) {
            continue;
        }
        tried[index] = true;
        let free = match taken[index] {
            None => true,
            Some(holder) => seat(holder, people, seats, taken, tried),
        };
        if free {
            taken[index] = Some(person);
            return true;
        }
    }
    false
}
