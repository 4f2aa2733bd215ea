//! The database goes away under the running server, and comes back.

use breakglass_tests::proxy::{Proxy, Weather};

use super::server::{Place, Run};

/// Where a connection through a proxy leads.
async fn behind_a_proxy() -> (Proxy, String) {
    let url = Place::Postgres.url().await;
    let (login, rest) = url.split_once('@').expect("a login");
    let (server, name) = rest.split_once('/').expect("a name");
    let proxy = Proxy::start(server.to_owned(), "nothing feels the weather").await;
    let url = format!("{login}@{}/{name}", proxy.address);
    (proxy, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_it_grants_nothing_says_so_and_goes_on_when_it_is_back() {
    let (proxy, url) = behind_a_proxy().await;
    let run = Run::new(&url, None).await;
    run.asks().await.unwrap();
    run.approves("U02BO", "1 of 2").await.unwrap();

    proxy.change(Weather::Away);
    let card = run.card(&["1 of 2"]).await.unwrap();
    let pressed = run.sandbox.press("U03INES", &card, "Approve").await;
    assert!(
        pressed.is_ok(),
        "the click is acknowledged in time: {pressed:?}"
    );
    run.reads("U03INES", "couldn't record that").await;
    assert_eq!(run.read("changes"), "");

    proxy.change(Weather::Fair);
    run.approves("U03INES", "Active").await.unwrap();
    proxy.change(Weather::Away);
    // The lease ends meanwhile, and so does the access.
    run.security_reads("The store doesn't answer").await;
    run.security_reads("Ended without a record").await;
    assert_eq!(run.read("changes"), "given\ntaken\n");
    proxy.change(Weather::Fair);
    run.security_reads("The store answers again").await;
    ends_with_a_record(run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_ends_though_it_starts_without_its_database() {
    let (proxy, url) = behind_a_proxy().await;
    let run = Run::new(&url, None).await;
    run.asks().await.unwrap();
    run.approves("U02BO", "1 of 2").await.unwrap();
    run.approves("U03INES", "Active").await.unwrap();
    proxy.change(Weather::Away);
    run.kill().await;
    run.security_reads("Ended without a record").await;
    assert_eq!(run.read("changes"), "given\ntaken\n");
    proxy.change(Weather::Fair);
    ends_with_a_record(run).await;
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
