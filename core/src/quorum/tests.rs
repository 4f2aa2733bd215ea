use super::*;
use crate::ruling::Selector;

fn slot(group: &str, count: u8) -> Quorum {
    Quorum {
        from: vec![Selector::Group(group.parse().unwrap())],
        count,
    }
}

#[track_caller]
fn check(slots: &[Quorum], people: &[(&str, &[usize])], missing: &[u8]) -> Filling {
    let people: Vec<_> = people
        .iter()
        .map(|(id, can)| (id.parse().unwrap(), can.to_vec()))
        .collect();
    let filling = fill(slots, &people);
    assert_eq!(filling.missing, missing);
    filling
}

#[test]
fn one_person_in_two_groups_fills_one_slot() {
    check(
        &[slot("dba", 1), slot("security", 1)],
        &[("bo", &[0, 1])],
        &[0, 1],
    );
}

#[test]
fn a_person_makes_room_for_another_by_moving() {
    let slots = [slot("dba", 1), slot("security", 1)];
    let filling = check(&slots, &[("bo", &[0, 1]), ("cy", &[0])], &[0, 0]);
    assert!(filling.is_complete());
}

#[test]
fn more_groups_than_needed_do_not_hurt() {
    check(
        &[slot("dba", 2)],
        &[("bo", &[0]), ("cy", &[0]), ("di", &[0])],
        &[0],
    );
}

#[test]
fn a_quorum_without_slots_is_complete() {
    assert!(check(&[], &[("bo", &[])], &[]).is_complete());
}
