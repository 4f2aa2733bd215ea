use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + secs * 1000)
}

fn alive() -> Vitals {
    let vitals = Vitals::default();
    vitals.store_written(at(0));
    vitals.log_written(at(0));
    vitals.revoker_seen(at(0));
    vitals
}

#[test]
fn nothing_is_ready_before_it_has_shown_a_sign_of_life() {
    let Readiness::Unready(why) = Vitals::default().readiness(at(0)) else {
        panic!("ready")
    };
    assert_eq!(why.len(), 3);
}

#[test]
fn a_heartbeat_counts_for_five_seconds() {
    assert_eq!(alive().readiness(at(5)), Readiness::Ready);
    assert!(matches!(alive().readiness(at(6)), Readiness::Unready(_)));
}

#[test]
fn each_silent_part_is_named() {
    let vitals = alive();
    vitals.store_written(at(9));
    vitals.log_written(at(9));
    let silent = vec!["the revocation worker is silent".to_owned()];
    assert_eq!(vitals.readiness(at(9)), Readiness::Unready(silent));
}

#[test]
fn a_clock_more_than_a_second_off_is_not_ready() {
    let vitals = alive();
    vitals.clock_compared(-1000);
    assert_eq!(vitals.readiness(at(1)), Readiness::Ready);
    vitals.clock_compared(-1001);
    let off = vec!["the clock is -1001 ms off the database's".to_owned()];
    assert_eq!(vitals.readiness(at(1)), Readiness::Unready(off));
}

#[test]
fn a_silent_store_is_not_waited_for_as_long_while_something_is_over() {
    let silent = |secs, is_over| alive().is_store_silent(at(secs), || is_over);
    assert_eq!([silent(3, true), silent(4, true)], [false, true]);
    assert_eq!([silent(5, false), silent(6, false)], [false, true]);
}
