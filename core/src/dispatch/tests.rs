use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;

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
        key: key.into(),
        due_at: at(0),
        digestible: false,
    }
}

fn line(id: i64, key: &str) -> Job {
    Job {
        digestible: true,
        ..job(id, &channel(), Class::Rest, key)
    }
}

fn channel() -> Lane {
    Lane::Channel(Platform::Slack, "security".to_owned())
}

fn one(dispatch: &mut Dispatch, now: i64, room: u8) -> Option<Job> {
    dispatch.next(at(now), |_| room).map(|start| match start {
        Start::One(job) => job,
        Start::Digest(jobs) => panic!("a digest: {jobs:?}"),
    })
}

/// The ids of each start, until nothing is ready.
fn starts(dispatch: &mut Dispatch) -> Vec<Vec<i64>> {
    let next = || {
        let start = dispatch.next(at(10), |_| 1)?;
        let jobs = match start {
            Start::One(job) => vec![job],
            Start::Digest(jobs) => jobs,
        };
        let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
        for id in &ids {
            dispatch.settle(*id);
        }
        Some(ids)
    };
    std::iter::from_fn(next).collect()
}

fn started(dispatch: &mut Dispatch, room: u8) -> Vec<i64> {
    std::iter::from_fn(|| one(dispatch, 10, room))
        .map(|job| job.id)
        .collect()
}

#[test]
fn deprovisioning_goes_first() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Start, "x"));
    dispatch.offer(job(2, &target("a"), Class::Alarm, "y"));
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
    dispatch.offer(job(6, &target("alive"), Class::Start, "k6"));
    assert_eq!(started(&mut dispatch, 1), [1, 6]);
}

#[test]
fn one_at_a_time_and_in_order_for_the_same_key() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Start, "x"));
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
    assert_eq!(one(&mut dispatch, 50, 9).unwrap().id, 1);
}

#[test]
fn a_paused_lane_starts_nothing() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Deprovision, "x"));
    dispatch.pause(target("a"), at(100));
    assert_eq!(started(&mut dispatch, 9), [] as [i64; 0]);
    assert_eq!(dispatch.next_due(at(0)), Some(at(100)));
    assert_eq!(one(&mut dispatch, 100, 9).unwrap().id, 1);
}

#[test]
fn what_waits_for_another_job_waits_for_no_clock() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(job(1, &target("a"), Class::Rest, "x"));
    dispatch.offer(job(2, &target("a"), Class::Rest, "x"));
    assert_eq!(started(&mut dispatch, 9), [1]);
    assert_eq!(dispatch.next_due(at(0)), None);
    dispatch.settle(1);
    assert_eq!(started(&mut dispatch, 9), [2]);
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
fn twenty_posts_are_told_one_by_one_and_more_in_one() {
    for (waiting, expected) in [(20, vec![1; 20]), (21, vec![21]), (75, vec![50, 25])] {
        let mut dispatch = Dispatch::default();
        for id in 1..=waiting {
            dispatch.offer(line(id, &format!("k{id}")));
        }
        let sizes: Vec<usize> = starts(&mut dispatch).iter().map(Vec::len).collect();
        assert_eq!(sizes, expected, "{waiting} waiting");
    }
}

#[test]
fn nothing_is_lost_or_told_twice_in_digests() {
    let mut dispatch = Dispatch::default();
    for id in 1..=130 {
        dispatch.offer(line(id, &format!("k{}", id % 7)));
    }
    let told: Vec<i64> = starts(&mut dispatch).concat();
    assert_eq!(told, (1..=130).collect::<Vec<i64>>());
}

#[test]
fn what_asks_somebody_to_act_is_never_in_a_digest() {
    let mut dispatch = Dispatch::default();
    for id in 1..=30 {
        dispatch.offer(line(id, &format!("k{id}")));
        dispatch.offer(job(100 + id, &channel(), Class::Alarm, &format!("a{id}")));
    }
    let starts = starts(&mut dispatch);
    let alarms: Vec<Vec<i64>> = (101..=130).map(|id| vec![id]).collect();
    assert_eq!(starts[..30], alarms, "alarms go first, each by itself");
    assert_eq!(starts[30..], [(1..=30).collect::<Vec<i64>>()]);
}

#[test]
fn a_digest_overtakes_nothing_of_the_same_thread() {
    let mut dispatch = Dispatch::default();
    dispatch.offer(Job {
        due_at: at(50),
        ..job(1, &channel(), Class::Start, "k3")
    });
    for id in 2..=30 {
        dispatch.offer(line(id, &format!("k{id}")));
    }
    dispatch.offer(Job {
        due_at: at(50),
        ..line(31, "k31")
    });
    dispatch.offer(line(32, "k31"));
    let expected: Vec<i64> = (2..=30).filter(|id| *id != 3).collect();
    assert_eq!(starts(&mut dispatch), [expected]);
}

#[test]
fn other_lanes_and_direct_messages_stay_out_of_a_digest() {
    let mut dispatch = Dispatch::default();
    let elsewhere = Lane::Channel(Platform::Slack, "approvers".to_owned());
    for id in 1..=15 {
        dispatch.offer(line(id, &format!("k{id}")));
        dispatch.offer(Job {
            lane: elsewhere.clone(),
            ..line(100 + id, &format!("e{id}"))
        });
    }
    assert!(starts(&mut dispatch).iter().all(|start| start.len() == 1));
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

#[test]
fn what_is_only_told_lets_access_that_fell_due_lately_go_first() {
    let mut dispatch = Dispatch::default();
    let person = |id: i64| Lane::Person(Platform::Slack, format!("p{id}").parse().unwrap());
    dispatch.offer(job(1, &target("a"), Class::Deprovision, "x"));
    dispatch.offer(job(2, &person(2), Class::Rest, "y"));
    dispatch.offer(job(3, &channel(), Class::Alarm, "z"));
    assert_eq!(started(&mut dispatch, 9), [1, 3]);
    let lingers = 10 + LINGER_MILLIS;
    assert_eq!(dispatch.next_due(at(10)), Some(at(lingers)));
    dispatch.settle(1);
    // Where one ends after the other there is no time between them.
    assert_eq!(started(&mut dispatch, 9), Vec::<i64>::new());
    assert_eq!(dispatch.next_due(at(10)), Some(at(lingers)));
    let next = one(&mut dispatch, lingers, 9);
    assert_eq!(next.map(|job| job.id), Some(2));
}

#[test]
fn what_is_only_told_waits_for_no_target_that_hangs() {
    let mut dispatch = Dispatch::default();
    let next = |dispatch: &mut Dispatch, now| one(dispatch, now, 9).map(|job| job.id);
    dispatch.offer(job(1, &target("a"), Class::Deprovision, "x"));
    assert_eq!(next(&mut dispatch, 0), Some(1));
    dispatch.offer(Job {
        due_at: at(1_000),
        ..job(2, &channel(), Class::Rest, "y")
    });
    assert_eq!(next(&mut dispatch, YIELD_MILLIS_MAX - 1), None);
    assert_eq!(next(&mut dispatch, YIELD_MILLIS_MAX), Some(2));
    // What falls due all the time holds up nothing for longer either.
    dispatch.offer(Job {
        due_at: at(6_000),
        ..job(3, &channel(), Class::Rest, "z")
    });
    for now in 6..11 {
        dispatch.offer(Job {
            due_at: at(now * 1_000 - 1),
            ..job(10 + now, &target("b"), Class::Deprovision, &now.to_string())
        });
        assert_eq!(next(&mut dispatch, now * 1_000), Some(10 + now));
        assert_eq!(next(&mut dispatch, now * 1_000), None);
    }
    assert_eq!(next(&mut dispatch, 6_000 + YIELD_MILLIS_MAX), Some(3));
}

#[test]
fn what_does_not_wait_in_the_outbox_any_more_is_not_started() {
    let mut dispatch = Dispatch::default();
    for id in 1..=4 {
        dispatch.offer(job(id, &target("a"), Class::Rest, &id.to_string()));
    }
    assert_eq!(started(&mut dispatch, 1), [1]);
    dispatch.retain(|id| id == 3);
    dispatch.settle(1);
    assert_eq!(started(&mut dispatch, 9), [3]);
}

#[test]
fn few_people_of_one_chat_are_told_at_the_same_time() {
    let mut dispatch = Dispatch::default();
    let person = |chat, id: i64| Lane::Person(chat, format!("p{id}").parse().unwrap());
    for id in 0..20 {
        let lane = person(Platform::Slack, id);
        dispatch.offer(job(id, &lane, Class::Rest, &id.to_string()));
    }
    dispatch.offer(job(20, &person(Platform::Discord, 1), Class::Rest, "d"));
    let first = started(&mut dispatch, 1);
    assert_eq!(first.len(), DIRECT_MAX + 1);
    assert!(first.contains(&20), "another chat has room of its own");
    dispatch.settle(first[0]);
    assert_eq!(started(&mut dispatch, 1).len(), 1);
}

#[test]
fn fewer_people_are_told_while_access_falls_due() {
    let mut dispatch = Dispatch::default();
    for id in 0..20 {
        let lane = Lane::Person(Platform::Slack, format!("p{id}").parse().unwrap());
        dispatch.offer(job(id, &lane, Class::Rest, &id.to_string()));
    }
    let due = Job {
        due_at: at(YIELD_MILLIS_MAX - 1),
        ..job(20, &target("a"), Class::Deprovision, "x")
    };
    dispatch.offer(due);
    let mut begun = Vec::new();
    while let Some(job) = one(&mut dispatch, YIELD_MILLIS_MAX, 9) {
        begun.push(job.id);
    }
    assert_eq!(begun.len(), DIRECT_MAX_MEANWHILE + 1);
    assert!(begun.contains(&20));
    dispatch.settle(20);
    let until = YIELD_MILLIS_MAX + LINGER_MILLIS;
    assert_eq!(one(&mut dispatch, until - 1, 9), None);
    while one(&mut dispatch, until, 9).is_some() {}
    assert_eq!(dispatch.running(), DIRECT_MAX);
}

/// The same order, found by looking at everything each time.
#[derive(Default)]
struct Plain {
    waiting: BTreeMap<i64, Job>,
    running: BTreeMap<i64, Job>,
    paused: BTreeMap<Lane, Timestamp>,
    turns: BTreeMap<Lane, u64>,
    turn: u64,
    /// What was seen to be due and not to yield, since anything changed for its key.
    ready: BTreeSet<i64>,
    /// What was seen to yield.
    yielding: BTreeSet<i64>,
    /// Until when access that fell due goes first.
    ends_until: Timestamp,
}

impl Plain {
    fn see(&mut self, now: Timestamp) {
        let all = self.waiting.values().chain(self.running.values());
        let ends = |job: &Job| job.class == Class::Deprovision && job.due_at <= now;
        let lately = all.filter(|job| ends(job) && now.millis_since(job.due_at) < YIELD_MILLIS_MAX);
        if let Some(newest) = lately.map(|job| job.due_at.millis()).max() {
            let until = (now.millis() + LINGER_MILLIS).min(newest + YIELD_MILLIS_MAX);
            self.ends_until = Timestamp::from_millis(until);
        }
        let yields = now < self.ends_until;
        let mut held: HashSet<&str> = self.running.values().map(|job| &*job.key).collect();
        for job in self.waiting.values() {
            let waited = now.millis_since(job.due_at);
            let yields = yields && job.class == Class::Rest && waited < YIELD_MILLIS_MAX;
            if !held.insert(&job.key) || waited < 0 || self.ready.contains(&job.id) {
                continue;
            }
            if yields {
                self.yielding.insert(job.id);
            } else {
                self.yielding.remove(&job.id);
                self.ready.insert(job.id);
            }
        }
    }

    fn changed(&mut self, key: &str) {
        let waiting = &self.waiting;
        let stays = |id: &i64| waiting.get(id).is_some_and(|job| &*job.key != key);
        self.ready.retain(stays);
        self.yielding.retain(stays);
    }

    fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let mut held: HashSet<&str> = self.running.values().map(|job| &*job.key).collect();
        let waiting = self.waiting.values();
        let firsts = waiting.filter(|job| held.insert(&job.key));
        let later = firsts.map(|job| job.due_at).filter(|due_at| *due_at > now);
        let yielding = self.yielding.iter().map(|id| {
            let until = self.waiting[id].due_at.millis() + YIELD_MILLIS_MAX;
            at(until).min(self.ends_until.max(now))
        });
        let has_some = |lane: &Lane| self.waiting.values().any(|job| job.lane == *lane);
        let paused = self.paused.iter().filter(|(lane, _)| has_some(lane));
        let paused = paused.map(|(_, until)| *until).filter(|until| *until > now);
        later.chain(yielding).chain(paused).min()
    }

    fn next(&mut self, now: Timestamp, room: u8) -> Vec<i64> {
        self.see(now);
        let mut held: HashSet<&str> = self.running.values().map(|job| &*job.key).collect();
        let mut ready = Vec::new();
        for job in self.waiting.values() {
            let running = self.running.values().filter(|other| other.lane == job.lane);
            let is_paused = self.paused.get(&job.lane).is_some_and(|until| *until > now);
            let people = self.running.values().filter(|other| is_person(other));
            let direct_max = if now < self.ends_until {
                DIRECT_MAX_MEANWHILE
            } else {
                DIRECT_MAX
            };
            let has_room =
                running.count() < room.into() && (!is_person(job) || people.count() < direct_max);
            if held.insert(&job.key) && self.ready.contains(&job.id) && !is_paused && has_room {
                let turn = self.turns.get(&job.lane).copied().unwrap_or_default();
                ready.push((turn, job.class, job.due_at, job.id));
            }
        }
        let Some((.., id)) = ready.into_iter().min() else {
            return Vec::new();
        };
        let first = &self.waiting[&id];
        let mut held: HashSet<&str> = self.running.values().map(|job| &*job.key).collect();
        let (mut crowd, mut seen) = (Vec::new(), HashSet::new());
        for job in self.waiting.values() {
            let waits = seen.insert(&job.key) && !self.ready.contains(&job.id);
            if waits || !(job.digestible && job.lane == first.lane && job.due_at <= now) {
                held.insert(&job.key);
            } else if !held.contains(&*job.key) && crowd.len() < DIGEST_MAX {
                crowd.push(job.id);
            }
        }
        let is_crowd = first.digestible && crowd.len() > DIGEST_OVER;
        let started = if is_crowd { crowd } else { vec![id] };
        self.turn += 1;
        for id in &started {
            let job = self.waiting.remove(id).unwrap();
            self.changed(&job.key);
            self.turns.insert(job.lane.clone(), self.turn);
            self.running.insert(*id, job);
        }
        started
    }

    fn settle(&mut self, id: i64) {
        if let Some(job) = self.running.remove(&id) {
            self.changed(&job.key);
            self.tidy(&job);
        }
    }

    fn forget(&mut self, id: i64) {
        if let Some(job) = self.waiting.remove(&id) {
            self.changed(&job.key);
            self.tidy(&job);
        }
    }

    /// A lane with nothing in it forgets its turn.
    fn tidy(&mut self, job: &Job) {
        let mut all = self.running.values().chain(self.waiting.values());
        if !all.any(|other| other.lane == job.lane) {
            self.turns.remove(&job.lane);
        }
    }
}

const fn is_person(job: &Job) -> bool {
    matches!(job.lane, Lane::Person(..))
}

#[derive(Debug, Clone)]
enum Step {
    Offer(Job),
    Forget(i64),
    Next(u8),
    Settle(usize),
    Pause(Lane, i64),
    Pass(i64),
}

/// What an effect is and where it goes never changes; how urgent it is and when it is due may.
fn any_step() -> impl Strategy<Value = Step> {
    let lanes = || {
        let person = |id: usize| Lane::Person(Platform::Slack, format!("p{id}").parse().unwrap());
        let people = (0..2 * DIRECT_MAX).map(person);
        let others = [target("a"), target("b"), channel()];
        others.into_iter().chain(people).collect::<Vec<_>>()
    };
    let many = 3 + 2 * DIRECT_MAX;
    let class = prop_oneof![
        Just(Class::Deprovision),
        Just(Class::Alarm),
        Just(Class::Rest)
    ];
    let offer = (0..190_i64, class, 0..30_i64).prop_map(move |(id, class, due)| {
        let lane = &lanes()[usize::try_from(id).unwrap() % many];
        let job = job(id, lane, class, &format!("{lane:?}{}", id / 19 % 5));
        Step::Offer(Job {
            due_at: at(due),
            digestible: *lane == channel() && id % 7 > 0,
            ..job
        })
    });
    // Enough for a digest, with what asks somebody to act among it.
    let post = (190..290_i64, 0..8_i64).prop_map(|(id, due)| {
        let key = format!("thread{}", id % 30);
        Step::Offer(Job {
            due_at: at(due),
            digestible: id % 17 > 0,
            ..job(id, &channel(), Class::Rest, &key)
        })
    });
    let lane = (0..many).prop_map(move |number| lanes()[number].clone());
    prop_oneof![
        8 => offer,
        8 => post,
        1 => (0..290_i64).prop_map(Step::Forget),
        3 => (1..3_u8).prop_map(Step::Next),
        2 => any::<usize>().prop_map(Step::Settle),
        1 => (lane, 0..30_i64).prop_map(|(lane, until)| Step::Pause(lane, until)),
        1 => prop_oneof![0..4_i64, Just(LINGER_MILLIS - 2), Just(YIELD_MILLIS_MAX - 20)].prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn the_order_is_that_of_a_look_at_everything(steps in vec(any_step(), 0..300)) {
        let (mut dispatch, mut plain) = (Dispatch::default(), Plain::default());
        let mut now = 0;
        for step in steps {
            match step {
                Step::Offer(job) => {
                    dispatch.offer(job.clone());
                    let is_known = plain.waiting.get(&job.id) == Some(&job);
                    if !is_known && !plain.running.contains_key(&job.id) {
                        plain.changed(&job.key);
                        plain.waiting.insert(job.id, job);
                    }
                }
                Step::Forget(id) => {
                    dispatch.forget(id);
                    plain.forget(id);
                }
                Step::Next(room) => {
                    let started = match dispatch.next(at(now), |_| room) {
                        None => Vec::new(),
                        Some(Start::One(job)) => vec![job.id],
                        Some(Start::Digest(jobs)) => jobs.iter().map(|job| job.id).collect(),
                    };
                    prop_assert_eq!(started, plain.next(at(now), room));
                }
                Step::Settle(number) => {
                    let running: Vec<i64> = plain.running.keys().copied().collect();
                    if let Some(id) = running.get(number % running.len().max(1)) {
                        dispatch.settle(*id);
                        plain.settle(*id);
                    }
                }
                Step::Pause(lane, until) => {
                    let paused = plain.paused.entry(lane.clone()).or_default();
                    *paused = (*paused).max(at(until));
                    dispatch.pause(lane, at(until));
                }
                Step::Pass(millis) => now += millis,
            }
            prop_assert_eq!(dispatch.running(), plain.running.len());
            prop_assert_eq!(dispatch.next_due(at(now)), plain.next_due(at(now)));
        }
    }
}
