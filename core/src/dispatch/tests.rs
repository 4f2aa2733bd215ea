use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn target(name: &str) -> Lane {
    Lane::Target(name.parse().unwrap())
}

fn job(id: i64, lane: &Lane, class: Class, key: &str) -> Job {
    Job {
        id,
        lane: lane.clone(),
        class,
        key: key.to_owned(),
        due_at: at(0),
    }
}

fn started(dispatch: &mut Dispatch, room: u8) -> Vec<i64> {
    std::iter::from_fn(|| dispatch.next(at(10), |_| room))
        .map(|job| job.id)
        .collect()
}

#[test]
fn deprovisioning_goes_first() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Rest, "x"));
    dispatch.offer(job(2, &target("a"), Class::Start, "y"));
    dispatch.offer(job(3, &target("a"), Class::Deprovision, "z"));
    assert_eq!(started(&mut dispatch, 9), [3, 2, 1]);
}

#[test]
fn a_full_lane_delays_no_other() {
    let mut dispatch = Dispatch::default();
    for id in 1..=5 {
        dispatch.offer(job(
            id,
            &target("dead"),
            Class::Deprovision,
            &format!("k{id}"),
        ));
    }
    dispatch.offer(job(6, &target("alive"), Class::Rest, "k6"));
    assert_eq!(started(&mut dispatch, 1), [1, 6]);
}

#[test]
fn one_at_a_time_and_in_order_for_the_same_key() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Rest, "x"));
    dispatch.offer(job(2, &target("a"), Class::Deprovision, "x"));
    assert_eq!(started(&mut dispatch, 9), [1]);
    dispatch.settle(1);
    assert_eq!(started(&mut dispatch, 9), [2]);
}

#[test]
fn a_job_that_failed_keeps_its_place() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(Job {
        due_at: at(50),
        ..job(1, &target("a"), Class::Rest, "x")
    });
    dispatch.offer(job(2, &target("a"), Class::Rest, "x"));
    assert_eq!(started(&mut dispatch, 9), [] as [i64; 0]);
    assert_eq!(dispatch.next(at(50), |_| 9).unwrap().id, 1);
}

#[test]
fn a_paused_lane_starts_nothing() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Deprovision, "x"));
    dispatch.pause(target("a"), at(100));
    assert_eq!(started(&mut dispatch, 9), [] as [i64; 0]);
    assert_eq!(dispatch.next_due(), Some(at(100)));
    assert_eq!(dispatch.next(at(100), |_| 9).unwrap().id, 1);
}

#[test]
fn lanes_take_turns() {
    let mut dispatch = Dispatch::default();
    for id in [1, 2] {
        dispatch.offer(job(id, &target("a"), Class::Rest, &format!("a{id}")));
        dispatch.offer(job(id + 2, &target("b"), Class::Rest, &format!("b{id}")));
    }
    assert_eq!(started(&mut dispatch, 9), [1, 3, 2, 4]);
}

#[test]
fn pauses_grow_to_a_minute_and_no_further() {
    assert_eq!(backoff_millis(1, 0), 250);
    assert_eq!(backoff_millis(2, 0), 500);
    assert_eq!(backoff_millis(9, 0), 60_000);
    assert_eq!(backoff_millis(4_000_000_000, 0), 60_000);
    for jitter in [1, 7, 12_345, u32::MAX] {
        let pause = backoff_millis(9, jitter);
        assert!((30_000..=60_000).contains(&pause), "{pause}");
    }
}
