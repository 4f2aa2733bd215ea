//! The store fails at one statement or one write of a story, each in its turn, and the story comes to the same end.

use std::time::Duration;

use breakglass_tests::effort::effort;
use breakglass_tests::kept::Kept;
use breakglass_tests::statements::{Lost, Statements};
use futures_util::{StreamExt as _, stream};
use nix::errno::Errno;

use super::company::{Company, Setting};
use super::server::{End, First, Run};

/// Servers at the same time: most of their time is waiting for the lease to end.
const TOGETHER: usize = 6;

/// What an end may be late by although the store failed under it.
const LATE_MAX: Duration = Duration::from_secs(5);

/// Longer than the store may be silent before it counts as away.
const LONG: Duration = Duration::from_secs(8);

/// How the disk fails: with what, and for how long.
const DISKS: [(Errno, Duration); 3] = [
    (Errno::EIO, Duration::ZERO),
    (Errno::ENOSPC, Duration::ZERO),
    (Errno::ENOSPC, LONG),
];

/// Some of so many, as many as `tests/prove` says, in equal steps.
fn some_of(total: u32) -> Vec<u32> {
    let some = effort("BREAKGLASS_TEST_FAULTS", 4).clamp(1, total);
    (0..some).map(|nth| total * nth / some + 1).collect()
}

/// What became of a story, and how much of what can fail there was in it.
struct Told {
    end: End,
    late: Option<Duration>,
    passed: u32,
    log: String,
}

async fn tells(run: Run, passed: impl FnOnce() -> u32) -> Told {
    let story = run.story().await;
    let late = run.late().await;
    let (passed, log) = (passed(), run.log());
    Told {
        log,
        end: run.ends(story).await,
        late,
        passed,
    }
}

async fn on_postgresql(lost: Option<(u32, Lost)>) -> Told {
    let company = Company::found(Setting::SLACK.stored_in_postgresql()).await;
    let Kept::Postgres(store) = &company.kept else {
        unreachable!("a server keeps it")
    };
    let (login, rest) = store.url().split_once('@').map(own).expect("a login");
    let (server, name) = rest.split_once('/').expect("a name");
    let statements = Statements::start(server.to_owned(), lost).await;
    let through = format!("{login}@{}/{name}?sslmode=disable", statements.address);
    company.rewrite("breakglass.toml", &store.url(), &through);
    let run = Run::beginning(company, may_end(Vec::new()));
    tells(run, || statements.passed()).await
}

fn own((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

async fn on_a_disk(fault: Option<(u32, (Errno, Duration))>) -> Told {
    let company = Company::found(Setting::SLACK).await;
    let count = company.folder().join("writes");
    let library = std::env::var_os("BREAKGLASS_TEST_FAULTY_DISK").expect("tests/run builds it");
    let mut environment = vec![
        ("LD_PRELOAD", library),
        ("BREAKGLASS_TEST_DISK_COUNT", count.clone().into()),
    ];
    if let Some((nth, (error, long))) = fault {
        let fault = format!("{nth}:{}:{}", error as i32, long.as_millis());
        environment.push(("BREAKGLASS_TEST_DISK", fault.into()));
    }
    let run = Run::beginning(company, may_end(environment));
    let passed = || u32::try_from(std::fs::metadata(count).unwrap().len()).unwrap();
    tells(run, passed).await
}

const fn may_end(environment: Vec<(&'static str, std::ffi::OsString)>) -> First {
    First {
        environment,
        may_end: true,
    }
}

/// What is wrong with how a story ended, if something is. What was taken away while nothing could be recorded is so in the log.
fn fault(told: &mut Told, undisturbed: &Told) -> Option<String> {
    let events = &mut told.end.events;
    events.retain(|event| event != "\"removed_unrecorded\"");
    let late = told.late.is_none_or(|late| late > LATE_MAX);
    (late || told.end != undisturbed.end).then(|| {
        let Told { end, late, log, .. } = told;
        format!("late by {late:?}: {end:#?}\n{log}")
    })
}

#[expect(clippy::print_stdout, reason = "the count says how much was tried")]
async fn all_come_to_the_same_end<K: Copy + std::fmt::Debug>(
    kinds: &[K],
    tell: impl AsyncFn(Option<(u32, K)>) -> Told,
) {
    let undisturbed = tell(None).await;
    assert_eq!(undisturbed.end.trouble, None);
    let (tell, undisturbed) = (&tell, &undisturbed);
    let faults = some_of(undisturbed.passed).into_iter();
    let stories = faults.flat_map(|nth| kinds.iter().map(move |kind| (nth, *kind)));
    let stories = stories.map(|(nth, kind)| async move {
        let mut told = tell(Some((nth, kind))).await;
        let wrong = fault(&mut told, undisturbed);
        let came = u32::from(told.passed >= nth);
        (came, wrong.map(|wrong| format!("{nth}, {kind:?}: {wrong}")))
    });
    let told = stream::iter(stories).buffer_unordered(TOGETHER);
    let (came, wrong): (Vec<_>, Vec<_>) = told.unzip().await;
    let (tried, came, of) = (came.len(), came.iter().sum::<u32>(), undisturbed.passed);
    println!("{came} of {tried} faults came to pass, at {of} places");
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(
        wrong.is_empty(),
        "{} of {tried}: {}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        came * 10 >= u32::try_from(tried).unwrap() * 9,
        "too few came to pass"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_statement_may_fail_or_lose_its_answer() {
    all_come_to_the_same_end(&[Lost::Question, Lost::Answer], on_postgresql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_write_may_fail() {
    all_come_to_the_same_end(&DISKS, on_a_disk).await;
}
