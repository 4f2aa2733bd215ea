//! What can happen: steps that say what is to be done by numbers, so that any can be left out and the rest still means
//! something.

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// How something turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As it should.
    Good,
    /// It isn't done, and says so.
    Fails,
    /// It is done, and nobody hears so.
    Unheard,
    /// It isn't done, and nobody hears anything.
    Hangs,
    /// It is done later, and nobody hears so.
    Late,
    /// It says that it is done, and isn't.
    Lies,
    /// It won't be done, for good; a chat asks us to wait.
    Refused,
}

/// What somebody does in chat or at a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Asks for a role, perhaps as an emergency, perhaps for somebody else, perhaps for what they hold.
    Ask {
        /// Which role.
        role: u8,
        /// For whom.
        whom: u8,
        /// Severity 1 or none.
        urgent: bool,
    },
    /// Breaks the glass.
    Confirm,
    /// Rather asks approvers.
    AskForApproval,
    /// Says yes; for so many minutes, unless 0.
    Approve(u8),
    /// Says no.
    Deny,
    /// Takes it back.
    Withdraw,
    /// Gives it back.
    GiveBack,
    /// Takes it away.
    Revoke,
    /// Answers for it that it was removed by hand.
    Attest,
    /// Closes the review.
    Review,
    /// Stops all granting, and perhaps takes everything back.
    Lock(bool),
    /// Grants again.
    Unlock,
    /// Puts this policy in force.
    Load(u8),
}

/// One thing that happens. Numbers choose among what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Time passes, in milliseconds.
    Pass(i64),
    /// Time passes until so many milliseconds from the next deadline.
    PassTo(i64),
    /// Somebody does something about the request, on a card as it is or was.
    Act {
        /// Who.
        who: u8,
        /// What.
        what: What,
        /// Which request, the newest first; odd ones from an older picture.
        on: u8,
        /// The chat delivers it twice.
        twice: bool,
    },
    /// A replica takes up an act.
    Handle(u8, u8, Fate),
    /// Somebody gets a grant as fast as can be, and everything goes well: who, role.
    Grant(u8, u8),
    /// A replica puts what is due through the door.
    Tick(u8, Fate),
    /// A replica rules again what waits, and revokes what must go.
    Sweep(u8),
    /// A replica begins an effect, or goes on with one.
    Work(u8, u8, Fate),
    /// The same for an errand at a target.
    Call(u8, u8, Fate),
    /// A replica does all there is to do, and everything goes well.
    Run(u8),
    /// A replica compares a target with the log: what it has seen waits to be told.
    Reconcile(u8, u8),
    /// A replica tells what it saw of a target.
    Tell(u8, Fate),
    /// A call that was late arrives at its target.
    Arrive(u8),
    /// A replica is killed, and started again.
    Crash(u8),
    /// The power fails under the store: what wasn't flushed is lost, and everything starts again.
    PowerFails,
    /// Access vanishes from a target.
    Forget(u8),
    /// Somebody gives somebody standing access: who, role.
    Stand(u8, u8),
    /// Somebody leaves, or comes back.
    Leave(u8),
    /// Somebody is removed from a group or comes back; or is all of it; or chat can't say who is in it.
    Group(u8, u8),
    /// A replica looks whether the people behind what is live left.
    Rights(u8),
    /// A replica looks at its clocks.
    Clocks(u8),
    /// A replica's clock is off by so many milliseconds.
    Skew(u8, i16),
    /// Somebody sets the wall clock of a server that is alone; from then on it is so many milliseconds off.
    Set(i64),
}

/// What happens in a run, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// How many replicas there are.
    pub replicas: u8,
    /// Is there a second chat?
    pub two_chats: bool,
    /// Does a target stay dead for an hour at the end?
    pub dead_target: Option<u8>,
    /// Is there a target that can't be read back?
    pub unreadable: Option<u8>,
    /// In order.
    pub steps: Vec<Step>,
    /// How the first calls turn out after that, while everything comes to its end, and how many of them.
    pub last: Option<(Fate, u8)>,
    /// A call that is late then arrives when there was nothing to do so many times.
    pub late_by: u8,
}

impl Schedule {
    /// The schedule of a seed: always the same.
    pub fn new(seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let steps = random.random_range(12..48);
        // What takes two of the same kind of trouble is rare where all kinds come as often.
        let trouble = random
            .random_ratio(1, 2)
            .then(|| TROUBLES[random.random_range(0..TROUBLES.len())]);
        Self {
            replicas: random.random_range(1..=3),
            two_chats: random.random_ratio(1, 8),
            dead_target: random
                .random_ratio(1, 16)
                .then(|| random.random_range(0..2)),
            unreadable: random.random_ratio(1, 8).then(|| random.random_range(0..2)),
            steps: (0..steps).map(|_| step(&mut random, trouble)).collect(),
            last: trouble.map(|trouble| (trouble, random.random_range(0..6))),
            late_by: random.random_range(0..8),
        }
    }
}

/// What a schedule may be about.
const TROUBLES: [Fate; 6] = [
    Fate::Fails,
    Fate::Unheard,
    Fate::Hangs,
    Fate::Late,
    Fate::Lies,
    Fate::Refused,
];

/// How a call or a write ends; often by the trouble that this schedule is about.
fn fate(random: &mut SmallRng, trouble: Option<Fate>) -> Fate {
    match trouble {
        Some(trouble) if random.random_ratio(1, 4) => trouble,
        Some(_) | None => any_fate(random),
    }
}

fn any_fate(random: &mut SmallRng) -> Fate {
    match random.random_range(0..20) {
        0 | 1 => Fate::Fails,
        2 | 3 => Fate::Unheard,
        4 => Fate::Hangs,
        5 => Fate::Late,
        6 => Fate::Lies,
        7 => Fate::Refused,
        _ => Fate::Good,
    }
}

fn pass(random: &mut SmallRng) -> i64 {
    const LENGTHS: [i64; 12] = [
        1, 300, 1_000, 5_000, 17_000, 19_000, 41_000, 61_000, 121_000, 301_000, 601_000, 1_900_000,
    ];
    LENGTHS[random.random_range(0..LENGTHS.len())]
}

/// By how much a wall clock is off after somebody set it; mostly it is right again.
fn off(random: &mut SmallRng) -> i64 {
    const LENGTHS: [i64; 6] = [0, 1_500, 30_000, 600_000, 3_600_000, 86_400_000];
    let length = LENGTHS[random.random_range(0..LENGTHS.len())];
    if random.random() { length } else { -length }
}

fn what(random: &mut SmallRng) -> What {
    match random.random_range(0..32) {
        0..6 => What::Ask {
            role: random.random(),
            whom: if random.random_ratio(1, 6) {
                random.random()
            } else {
                u8::MAX
            },
            urgent: random.random_ratio(1, 3),
        },
        6..9 => What::Confirm,
        9 => What::AskForApproval,
        10..19 => What::Approve(if random.random_ratio(1, 5) {
            random.random_range(1..20)
        } else {
            0
        }),
        19 | 20 => What::Deny,
        21 => What::Withdraw,
        22..25 => What::GiveBack,
        25 => What::Revoke,
        26 => What::Attest,
        27 => What::Review,
        28 => What::Lock(random.random()),
        29 | 30 => What::Unlock,
        _ => What::Load(random.random()),
    }
}

fn step(random: &mut SmallRng, trouble: Option<Fate>) -> Step {
    let any = |random: &mut SmallRng| random.random::<u8>();
    match random.random_range(0..115) {
        0..8 => Step::Pass(pass(random)),
        8..14 => Step::PassTo([-1, 0, 1, 1_000][random.random_range(0..4)]),
        14..32 => Step::Act {
            who: any(random),
            what: what(random),
            on: random.random_range(0..4),
            twice: random.random_ratio(3, 10),
        },
        32..44 => Step::Handle(any(random), any(random), fate(random, trouble)),
        44..52 => Step::Grant(any(random), any(random)),
        52..58 => Step::Tick(any(random), fate(random, trouble)),
        58 | 59 => Step::Sweep(any(random)),
        60..82 => Step::Work(any(random), any(random), fate(random, trouble)),
        82..86 => Step::Run(any(random)),
        86 => Step::Reconcile(any(random), any(random)),
        87 => Step::Tell(any(random), fate(random, trouble)),
        88 | 89 => Step::Arrive(any(random)),
        90 | 91 => Step::Crash(any(random)),
        92 => Step::PowerFails,
        93 => Step::Forget(any(random)),
        94 => Step::Stand(any(random), any(random)),
        95 | 96 => Step::Leave(any(random)),
        97 | 98 => Step::Group(any(random), any(random)),
        99 => Step::Skew(any(random), random.random_range(-800..=800)),
        100 | 101 => Step::Rights(any(random)),
        102 => Step::Clocks(any(random)),
        103 | 104 => Step::Set(off(random)),
        105 | 106 => Step::Arrive(any(random)),
        _ => Step::Call(any(random), any(random), fate(random, trouble)),
    }
}
