//! The database goes away under the running server, and comes back.

use std::time::Duration;

use breakglass_tests::kept::Kept;
use breakglass_tests::postgres::{OwnServer, Stop};
use breakglass_tests::proxy::{Proxy, Weather};
use breakglass_tests::small_disk::SmallDisk;

use super::company::hands::{Away, Call, Place, Who};
use super::company::{Company, Setting};
use super::server::{ASK, Run};

/// Long before a claim runs out by itself.
const SOON: Duration = Duration::from_secs(30);

/// What a company's store goes away by.
#[derive(Debug, Clone, Copy)]
enum Gone {
    /// The network between.
    CutOff,
    /// Its server is stopped, and started again.
    Stopped(Stop),
    /// Not a byte more fits on its disk.
    Full,
}

/// What stands between a company and its store.
enum Way {
    Proxy(Proxy),
    Server(OwnServer, Stop),
    Disk(SmallDisk),
}

impl Way {
    fn close(&mut self) {
        match self {
            Self::Proxy(proxy) => proxy.change(Weather::Away),
            Self::Server(server, how) => server.stop(*how),
            Self::Disk(disk) => disk.fill(),
        }
    }

    async fn open(&mut self) {
        match self {
            Self::Proxy(proxy) => proxy.change(Weather::Fair),
            Self::Server(server, _) => server.go_on().await,
            Self::Disk(disk) => disk.free(),
        }
    }
}

async fn found((setting, gone): (Setting, Gone)) -> (Way, Company) {
    match gone {
        Gone::CutOff => behind_a_proxy(setting).await,
        Gone::Stopped(how) => {
            let server = OwnServer::start().await;
            let company = Company::found(setting.stored_on(server.server())).await;
            (Way::Server(server, how), company)
        }
        Gone::Full => {
            let mut company = Company::found(setting).await;
            let disk = SmallDisk::mount(company.folder().join("disk"));
            let (old, new) = ("/breakglass.db", "/disk/breakglass.db");
            company.rewrite("breakglass.toml", old, new);
            let place = |file| format!("{}{file}", company.folder().display());
            std::fs::copy(place(old), place(new)).unwrap();
            company.kept = Kept::Sqlite(place(new).into());
            (Way::Disk(disk), company)
        }
    }
}

/// A company that reaches its store through a proxy.
async fn behind_a_proxy(setting: Setting) -> (Way, Company) {
    let company = Company::found(setting.stored_in_postgresql()).await;
    let Kept::Postgres(store) = &company.kept else {
        unreachable!("a server keeps it")
    };
    let url = store.url();
    let (_, behind) = url.split_once('@').expect("a login");
    let (server, _) = behind.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned(), "nothing feels the weather").await;
    let through = proxy.address.to_string();
    company.rewrite("breakglass.toml", server, &through);
    (Way::Proxy(proxy), company)
}

async fn without_its_database_it_grants_nothing_says_so_and_goes_on_when_it_is_back(
    setting: (Setting, Gone),
) {
    let (mut way, company) = found(setting).await;
    let run = Run::new(company, None);
    let decided = run.company.decided();
    run.asks().await.unwrap();
    run.approves(Who::Bo, "1 of 2").await.unwrap();

    way.close();
    let card = run.card(&["1 of 2"]).await.unwrap();
    let pressed = decided.tries_to_press(Who::Ines, &card, "Approve").await;
    assert_eq!(pressed, Ok(()), "the click is acknowledged in time");
    decided.reads(Who::Ines, "couldn't record that").await;
    assert_eq!(run.company.orders.changes(), Vec::<String>::new());

    way.open().await;
    let approved = run.approves(Who::Ines, "Active").await;
    assert_eq!(approved, Ok(()), "{}", run.log());
    way.close();
    // The lease ends meanwhile, and so does the access.
    run.security_reads("The store doesn't answer").await;
    run.security_reads("Ended without a record").await;
    assert_eq!(run.company.orders.changes(), ["given", "taken"]);
    way.open().await;
    run.security_reads("The store answers again").await;
    ends_with_a_record(run).await;
}

async fn what_is_over_ends_though_it_starts_without_its_database(setting: (Setting, Gone)) {
    let (mut way, company) = found(setting).await;
    let run = Run::new(company, None);
    run.asks().await.unwrap();
    run.approves(Who::Bo, "1 of 2").await.unwrap();
    run.approves(Who::Ines, "Active").await.unwrap();
    way.close();
    run.kill().await;
    run.security_reads("Ended without a record").await;
    assert_eq!(run.company.orders.changes(), ["given", "taken"]);
    way.open().await;
    ends_with_a_record(run).await;
}

/// While an effect is claimed nobody else carries it out: it must not stay so.
async fn what_was_under_way_as_the_store_went_goes_on_once_it_is_back(setting: (Setting, Gone)) {
    let (mut way, company) = found(setting).await;
    let mut run = Run::new(company, None);
    run.security_reads("Policy loaded").await;
    run.security_reads("breakglass is running").await;
    let asked = run.company.asked();
    asked.fail(Call::Post, 3, Away::Hangs);
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "BG-1 waits for").await;
    let claimed = "SELECT count(*) > 2 FROM outbox WHERE claimed_until > 0";
    run.company.until(claimed, "true").await;
    way.close();
    run.logs("an effect couldn't be settled").await;
    asked.heal();
    way.open().await;
    for place in [Place::Approvers, Place::Security] {
        let told = asked.newest(SOON, place, &|post| post.says("BG-1")).await;
        assert!(told.is_some(), "{place:?}: {:#?}", asked.said(place));
    }
    let end = run.ends(Ok(())).await;
    assert_eq!((end.audit, end.trouble), (Some(0), None));
}

async fn ends_with_a_record(run: Run) {
    let ended = run.card(&["Ended"]).await.map(drop);
    run.security_reads("Taken away at").await;
    let end = run.ends(ended).await;
    assert_eq!((end.held, end.audit, end.trouble), (false, Some(0), None));
    assert_eq!(end.changes, ["given", "taken"]);
    let removals = end
        .events
        .iter()
        .filter(|event| event.contains("removed_unrecorded"));
    assert_eq!(removals.count(), 1, "{:?}", end.events);
}

in_each!([
    on_slack = (Setting::SLACK, super::Gone::CutOff),
    on_discord = (Setting::DISCORD, super::Gone::CutOff),
    on_discord_by_http = (Setting::DISCORD.by_http(), super::Gone::CutOff),
    stopped_fast = (Setting::SLACK, super::Gone::Stopped(super::Stop::Fast)),
    stopped_at_once = (Setting::SLACK, super::Gone::Stopped(super::Stop::Immediate)),
]: [
    without_its_database_it_grants_nothing_says_so_and_goes_on_when_it_is_back,
    what_is_over_ends_though_it_starts_without_its_database,
    what_was_under_way_as_the_store_went_goes_on_once_it_is_back,
]);

in_each!([
    on_a_full_disk = (Setting::SLACK, super::Gone::Full),
]: [
    without_its_database_it_grants_nothing_says_so_and_goes_on_when_it_is_back,
    what_is_over_ends_though_it_starts_without_its_database,
]);

#[tokio::test]
async fn nothing_is_given_whose_end_does_not_fit_on_our_own_disk() {
    let company = Company::found(Setting::SLACK).await;
    let disk = SmallDisk::mount(company.folder().join("disk"));
    let mirror = "[store]\nmirror_dir = \"disk/mirror\"";
    company.rewrite("breakglass.toml", "[store]", mirror);
    let run = Run::new(company, None);
    run.asks().await.unwrap();
    run.approves(Who::Bo, "1 of 2").await.unwrap();
    disk.fill();
    run.approves(Who::Ines, "can't be kept on the bot's own disk")
        .await
        .unwrap();
    assert_eq!(run.company.orders.changes(), Vec::<String>::new());
    disk.free();
    let ended = run.card(&["Ended"]).await.map(drop);
    let end = run.ends(ended).await;
    assert_eq!((end.held, end.audit, end.trouble), (false, Some(0), None));
    assert_eq!(end.changes, ["given", "taken"]);
}
