//! What people do and see, on each chat and across both: one table of scenarios, run in every setting.

mod discord;
mod hands;
mod scene;
mod slack;

use std::time::Duration;

use breakglass::demo;

use self::hands::{Line, Place, Who};
use self::scene::{Scene, Setting};

/// Each scenario in each setting, a test of its own.
macro_rules! scenarios {
    ($settings:tt: $names:tt) => { scenarios!(@each $settings $names); };
    (@each [$($module:ident = $setting:expr),* $(,)?] $names:tt) => {
        $(scenarios!(@setting $module $setting, $names);)*
    };
    (@setting $module:ident $setting:expr, [$($name:ident),* $(,)?]) => {
        mod $module {
            use super::Setting;
            $(#[tokio::test]
            async fn $name() {
                let mut scene = super::Scene::open($setting).await;
                super::$name(&mut scene).await;
                scene.close().await;
            })*
        }
    };
}

scenarios!([
    on_slack = Setting::SLACK,
    on_discord_by_gateway = Setting::DISCORD_BY_GATEWAY,
    on_discord_by_http = Setting::DISCORD_BY_HTTP,
    asked_on_slack_decided_on_discord = Setting::ASKED_ON_SLACK,
    asked_on_discord_decided_on_slack = Setting::ASKED_ON_DISCORD,
]: [
    two_agree_and_the_holder_gives_it_back,
    one_denies_and_says_why,
    nobody_approves_their_own_request,
    the_glass_is_broken_and_reviewed,
    a_lockdown_stops_granting,
    a_request_is_taken_back,
]);

scenarios!([
    closed_on_discord = Setting::DISCORD_BY_GATEWAY,
    closed_on_discord_beside_slack = Setting::ASKED_ON_DISCORD,
]: [
    who_takes_no_direct_messages_is_called_in_the_thread,
]);

scenarios!([
    from_slack_to_discord = Setting::ASKED_ON_SLACK,
    from_discord_to_slack = Setting::ASKED_ON_DISCORD,
]: [
    an_account_is_linked_and_approves_a_day_later,
    a_link_is_taken_back,
    each_hears_of_it_once,
    one_goes_on_while_the_other_is_away,
]);

const ASK: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "admin",
    duration: "2m",
    severity: 1,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

const ALONE: Line<'static> = Line::Ask {
    target: "edge",
    role: "debug",
    duration: "2m",
    severity: 1,
    incident: None,
    why: "pods crash in a loop since the deploy",
};

async fn two_agree_and_the_holder_gives_it_back(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "BG-1 waits for").await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Bo, "Your approval counts").await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "1 of 2").await;
    }
    decided
        .presses(Who::Ines, Place::Approvers, "1 of 2", "Approve")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Active").await;
    }
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    asked.types(Who::Maya, &Line::End).await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Ended").await;
        chat.finds(Place::Security, "Ended").await;
    }
    asked.finds(Place::Direct(Who::Maya), "Ended").await;
}

async fn one_denies_and_says_why(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Ines, Place::Approvers, "Waiting", "Deny…")
        .await;
    decided
        .fills(Who::Ines, &[("text", "use the read replica runbook first")])
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Denied").await;
    }
    asked
        .finds(
            Place::Direct(Who::Maya),
            "use the read replica runbook first",
        )
        .await;
}

async fn nobody_approves_their_own_request(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Maya, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Maya, "You can't approve BG-1").await;
    decided
        .presses(Who::Bo, Place::Approvers, "0 of 2", "Approve")
        .await;
    decided.finds(Place::Approvers, "1 of 2").await;
}

async fn the_glass_is_broken_and_reviewed(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ALONE).await;
    asked
        .presses(
            Who::Maya,
            Place::Own(Who::Maya),
            "Break the glass?",
            "Break the glass",
        )
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "Active without approval").await;
    }
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    asked.types(Who::Maya, &Line::End).await;
    decided
        .presses(Who::Lee, Place::Security, "Ended", "Review…")
        .await;
    let filled = [
        ("finding", "justified"),
        ("text", "the pods did crash, and the way was right"),
    ];
    decided.fills(Who::Lee, &filled).await;
    decided.reads(Who::Lee, "justified").await;
}

async fn a_lockdown_stops_granting(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    decided
        .types(Who::Lee, &Line::Lockdown("the token may have leaked"))
        .await;
    decided.reads(Who::Lee, "All granting is stopped").await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "the token may have leaked")
            .await;
    }
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "Granting is stopped").await;
}

async fn a_request_is_taken_back(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ASK).await;
    scene.decided().finds(Place::Approvers, "Waiting").await;
    asked.types(Who::Maya, &Line::Withdraw).await;
    asked.reads(Who::Maya, "BG-1 is taken back").await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Withdrawn").await;
    }
}

async fn an_account_is_linked_and_approves_a_day_later(scene: &mut Scene) {
    scene.unlist(Who::Bo).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Bo, &Line::Link).await;
    let code = scene.code(Who::Bo).await;
    decided.types(Who::Bo, &Line::Enter("AAAA-AAAA-AAAA")).await;
    decided.reads(Who::Bo, "No code like this waits").await;
    decided.types(Who::Bo, &Line::Enter(&code)).await;
    decided
        .reads(Who::Bo, "You are Bo Chen here from now on")
        .await;
    asked
        .finds(Place::Direct(Who::Bo), "account is linked")
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "Bo Chen linked a").await;
    }
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided
        .reads(Who::Bo, "account counts for approvals from")
        .await;
    asked.types(Who::Maya, &Line::Withdraw).await;
    decided.finds(Place::Approvers, "Withdrawn").await;
    scene.clock.forward(Duration::from_hours(24));
    asked.types(Who::Maya, &ASK).await;
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    decided.reads(Who::Bo, "Your approval counts").await;
    asked
        .presses(Who::Bo, Place::Approvers, "1 of 2", "Approve")
        .await;
    asked.reads(Who::Bo, "is counted already").await;
}

async fn a_link_is_taken_back(scene: &mut Scene) {
    scene.unlist(Who::Maya).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &Line::Link).await;
    let code = scene.code(Who::Maya).await;
    decided.types(Who::Maya, &Line::Enter(&code)).await;
    decided
        .reads(Who::Maya, "You are Maya Lind here from now on")
        .await;
    decided.types(Who::Maya, &ASK).await;
    decided.reads(Who::Maya, "BG-1 waits for").await;
    asked.types(Who::Maya, &Line::Unlink).await;
    asked.reads(Who::Maya, "isn't linked any more").await;
    decided.types(Who::Maya, &ASK).await;
    decided.reads(Who::Maya, "I don't know you here yet").await;
}

async fn each_hears_of_it_once(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    asked.types(Who::Maya, &ASK).await;
    asked.finds(Place::Direct(Who::Maya), "BG-1").await;
    decided
        .presses(Who::Ines, Place::Approvers, "Waiting", "Deny…")
        .await;
    decided
        .fills(Who::Ines, &[("text", "not during the freeze")])
        .await;
    asked
        .finds(Place::Direct(Who::Maya), "not during the freeze")
        .await;
    scene.everything_is_told().await;
    assert_eq!(decided.said(Place::Direct(Who::Maya)), Vec::<String>::new());
}

async fn who_takes_no_direct_messages_is_called_in_the_thread(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    scene
        .guild()
        .close_direct_messages(discord::account(Who::Maya));
    asked.types(Who::Maya, &ASK).await;
    asked
        .finds(
            Place::ApproversThreads,
            "You take no direct messages from me",
        )
        .await;
    for (who, state) in [(Who::Bo, "Waiting"), (Who::Ines, "1 of 2")] {
        decided
            .presses(who, Place::Approvers, state, "Approve")
            .await;
        decided
            .finds(
                Place::Approvers,
                if who == Who::Bo { "1 of 2" } else { "Active" },
            )
            .await;
    }
    asked
        .finds(Place::ApproversThreads, "You have admin on orders-db until")
        .await;
    scene.everything_is_told().await;
    let calls = scene.guild().messages(demo::guild::APPROVERS);
    let called = calls.iter().flat_map(|card| scene.guild().thread(card));
    let maya = discord::account(Who::Maya).to_owned();
    assert_eq!(
        called.filter(|post| post.mentions.contains(&maya)).count(),
        2
    );
    for chat in scene.chats() {
        assert_eq!(chat.said(Place::Direct(Who::Maya)), Vec::<String>::new());
    }
}

/// What isn't about a request has no thread.
#[tokio::test]
async fn who_takes_no_direct_messages_on_one_chat_hears_of_their_link_on_the_other() {
    let scene = Scene::open(Setting::ASKED_ON_DISCORD).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    scene.unlist(Who::Bo).await;
    scene
        .guild()
        .close_direct_messages(discord::account(Who::Bo));
    asked.types(Who::Bo, &Line::Link).await;
    let code = scene.code(Who::Bo).await;
    decided.types(Who::Bo, &Line::Enter(&code)).await;
    decided
        .finds(Place::Direct(Who::Bo), "account is linked")
        .await;
    scene.close().await;
}

#[tokio::test]
async fn a_guild_is_set_up_from_the_command_line() {
    let scene = Scene::open(Setting::DISCORD_BY_GATEWAY).await;
    for (line, said) in [
        ("discord register", "nothing changed"),
        ("check", "Discord 800000000000000000 by gateway"),
        ("doctor", "[ok] discord: "),
        (
            "people import discord --role 830000000000000002",
            "1 of them are in the policy already",
        ),
    ] {
        let ran = scene.operator_runs(line).await;
        let output = format!(
            "{}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
        assert!(
            ran.status.success() && output.contains(said),
            "{line}: {output}"
        );
    }
    std::fs::write(scene.folder().join("policy.toml"), "version = 1\n").unwrap();
    let ran = scene
        .operator_runs("--json people import discord --role 830000000000000002")
        .await;
    let rows: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(rows[0]["discord"], discord::account(Who::Bo), "{rows}");
    scene.close().await;
}

async fn one_goes_on_while_the_other_is_away(scene: &mut Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ALONE).await;
    asked.reads(Who::Maya, "Break the glass?").await;
    // What was looked up there is too old by then.
    scene.clock.forward(Duration::from_mins(16));
    scene.decided().goes_away();
    asked.types(Who::Maya, &ASK).await;
    asked.reads(Who::Maya, "waits for").await;
    asked
        .presses(Who::Ines, Place::Approvers, "Waiting", "Approve")
        .await;
    asked.finds(Place::Approvers, "1 of 2").await;
    scene.decided().comes_back();
    scene.decided().finds(Place::Approvers, "1 of 2").await;
}
