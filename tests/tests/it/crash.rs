//! The server is killed at each crash point, and at random, started again, and comes to the same end.

use std::sync::atomic::{AtomicU32, Ordering};

use breakglass_store::crash::CrashPoint::{self, *};
use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};

use breakglass_tests::effort::effort;

use super::company::{Company, Setting};
use super::server::{End, Run};

/// Where it is killed, and when it passes there for which time: at the request, at each approval, when access is
/// given and when it is taken away.
const KILLS: [(CrashPoint, &[u32]); 15] = [
    (ActArrived, &[1, 2, 3]),
    (ActKept, &[1, 2, 3]),
    (ActClaimed, &[1, 2, 3]),
    (ActDone, &[1, 2, 3]),
    (CommitBegun, &[1, 2, 3, 4, 5, 6, 7, 8]),
    (Committed, &[1, 2, 3, 4, 5, 6, 7, 8]),
    (EffectClaimed, &[1, 4, 9]),
    (TargetToCall, &[1, 2]),
    (TargetCalled, &[1, 2]),
    (TargetReadBack, &[1, 2]),
    (TargetReported, &[1, 2]),
    (MessageToSend, &[1, 4, 9]),
    (MessageSent, &[1, 4, 9]),
    (EffectDone, &[1, 4, 9]),
    (EffectSettled, &[1, 4, 9]),
];

/// Servers at the same time: most of their time is waiting for the lease to end.
const TOGETHER: usize = 6;

fn kills() -> Vec<(CrashPoint, u32)> {
    assert_eq!(KILLS.map(|(point, _)| point), CrashPoint::ALL);
    let each =
        |(point, times): (CrashPoint, &'static [u32])| times.iter().map(move |nth| (point, *nth));
    KILLS.into_iter().flat_map(each).collect()
}

async fn run(setting: Setting, kill: Option<(CrashPoint, u32)>) -> End {
    let run = Run::new(Company::found(setting).await, kill);
    let story = run.story().await;
    run.ends(story).await
}

async fn all_come_to_the_same_end(setting: Setting, kills: Vec<(CrashPoint, u32)>) {
    let undisturbed = run(setting, None).await;
    assert_eq!(undisturbed.trouble, None);
    let runs = kills.into_iter().map(|kill| async move {
        let end = run(setting, Some(kill)).await;
        (kill, end)
    });
    let ends: Vec<_> = stream::iter(runs)
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    let differing: Vec<_> = ends
        .into_iter()
        .filter(|(_, end)| *end != undisturbed)
        .collect();
    assert!(
        differing.is_empty(),
        "killed, it doesn't end as {undisturbed:#?}: {differing:#?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_anywhere_on_slack_it_comes_to_the_same_end() {
    all_come_to_the_same_end(Setting::SLACK, kills()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_anywhere_on_discord_it_comes_to_the_same_end() {
    all_come_to_the_same_end(Setting::DISCORD, kills()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_anywhere_on_discord_by_http_it_comes_to_the_same_end() {
    let third = kills().into_iter().skip(1).step_by(3).collect();
    all_come_to_the_same_end(Setting::DISCORD.by_http(), third).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_anywhere_on_both_and_on_postgresql_it_comes_to_the_same_end() {
    let third = kills().into_iter().step_by(3).collect();
    let setting = Setting::ASKED_ON_DISCORD.stored_in_postgresql();
    all_come_to_the_same_end(setting, third).await;
}

/// Kills in one story: it must get on in between.
const KILLS_MAX: u32 = 5;

#[expect(clippy::print_stdout, reason = "the count says how much was tried")]
async fn killed_at_random_it_comes_to_the_same_end(setting: Setting) {
    let (most, undisturbed) = (effort("BREAKGLASS_TEST_KILLS", 4), run(setting, None).await);
    let (kills, stories) = (AtomicU32::new(0), AtomicU32::new(0));
    let workers = usize::try_from(most.div_ceil(KILLS_MAX)).unwrap();
    let work = (0..workers.min(TOGETHER)).map(|_| async {
        while kills.load(Ordering::Relaxed) < most {
            let story = stories.fetch_add(1, Ordering::Relaxed);
            let run = Run::new(Company::found(setting).await, None);
            let told = tokio::select! {
                told = run.story() => told,
                () = run.shake(story.into(), KILLS_MAX.min(most)) => Ok(()),
            };
            kills.fetch_add(run.kills(), Ordering::Relaxed);
            assert_eq!(run.ends(told).await, undisturbed, "story {story}");
        }
    });
    join_all(work).await;
    println!("{setting:?}: killed {kills:?} times at random in {stories:?} stories");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_on_sqlite_it_comes_to_the_same_end() {
    killed_at_random_it_comes_to_the_same_end(Setting::SLACK).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_on_postgresql_it_comes_to_the_same_end() {
    killed_at_random_it_comes_to_the_same_end(Setting::SLACK.stored_in_postgresql()).await;
}
