//! What people do and see, on each chat and across both: one table of scenarios, run in every setting.

mod asking;
mod away;
mod clock;
mod deciding;
mod home;
mod links;
mod pagers;
mod silence;
mod targets;
mod whole;

use self::asking::{
    a_contractor_is_told_by_the_policy_why_not, nobody_is_said_to_be_told_who_was_not,
    somebody_unknown_is_made_known_once_a_day,
    somebody_unknown_is_told_whom_to_ask_where_there_is_no_channel_for_help,
    suggestions_wait_for_nobody, too_few_words_are_told_and_not_lost,
};
use self::away::{
    a_card_that_nobody_knows_of_is_drawn_when_it_is_pressed,
    a_click_while_too_much_waits_is_answered,
    a_late_click_on_a_card_that_could_not_be_drawn_again_is_answered,
    after_a_restart_a_direct_message_leads_to_its_card,
    clicks_that_were_lost_while_nobody_listened_are_spoken_of,
    nobody_waits_while_chat_hangs_on_another,
    what_is_asked_while_posts_fail_is_announced_after_a_restart,
    what_is_asked_while_the_chat_hangs_is_announced_after_a_restart,
    what_is_asked_while_the_chat_limits_us_is_announced_after_a_restart,
    what_waited_for_chat_becomes_a_digest_and_an_alarm_does_not,
    what_waits_is_not_denied_since_nobody_can_be_looked_up, what_waits_lives_through_a_restart,
    what_went_out_unanswered_is_announced,
};
use self::clock::{
    a_server_whose_clock_is_wrong_goes_by_the_stores,
    what_is_live_ends_while_the_clock_is_behind_the_log,
};
use self::deciding::{
    a_form_that_comes_too_late_gives_the_words_back, it_is_approved_for_less,
    only_who_is_asked_approves, security_revokes,
    two_clicks_at_once_make_one_decision_and_both_are_answered, who_decides_can_look_at_all_of_it,
};
use self::links::{
    a_link_is_taken_back, an_account_is_linked_and_approves_a_day_later, each_hears_of_it_once,
    one_goes_on_while_the_other_is_away, security_takes_a_link_back,
    who_takes_no_direct_messages_is_called_in_the_thread,
};
use self::pagers::{
    security_is_woken_up_for_what_stays, who_is_asked_is_woken_up_and_a_dead_pager_delays_nothing,
};
use self::silence::{
    a_denial_removes_the_offer_to_break_the_glass, after_silence_the_glass_is_offered_and_broken,
    who_is_silent_is_reminded_once_and_nobody_else,
};
use self::targets::{
    approvers_see_that_it_could_not_be_given_now, somebody_answers_for_what_could_not_be_removed,
    the_grants_of_somebody_who_left_end,
    what_a_late_call_left_behind_is_found_where_nothing_is_listed,
    what_a_target_has_is_compared_with_the_log, what_was_removed_from_the_policy_still_ends,
    what_was_renamed_under_a_live_grant_still_ends,
    who_left_the_group_keeps_it_and_security_may_revoke,
};
use self::whole::{
    a_role_comes_by_two_buttons_and_goes_by_the_clock,
    a_role_is_given_back_in_the_direct_message_that_told_of_it,
};
use crate::company::hands::{Line, Place, Who};
use crate::company::{Setting, discord};
use crate::scene::Scene;

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
    on_slack_by_http = Setting::SLACK.by_http(),
    on_discord_by_gateway = Setting::DISCORD,
    on_discord_by_http = Setting::DISCORD.by_http(),
    asked_on_slack_decided_on_discord = Setting::ASKED_ON_SLACK,
    asked_on_slack_decided_on_discord_by_http = Setting::ASKED_ON_SLACK.by_http(),
    asked_on_discord_decided_on_slack = Setting::ASKED_ON_DISCORD,
    asked_on_discord_decided_on_slack_by_http = Setting::ASKED_ON_DISCORD.by_http(),
]: [
    two_agree_and_the_holder_gives_it_back,
    one_denies_and_says_why,
    nobody_approves_their_own_request,
    the_glass_is_broken_and_reviewed,
    a_lockdown_stops_granting,
    a_request_is_taken_back,
    two_clicks_at_once_make_one_decision_and_both_are_answered,
    a_form_that_comes_too_late_gives_the_words_back,
    only_who_is_asked_approves,
    security_revokes,
    it_is_approved_for_less,
    who_decides_can_look_at_all_of_it,
    a_contractor_is_told_by_the_policy_why_not,
    too_few_words_are_told_and_not_lost,
    somebody_unknown_is_made_known_once_a_day,
    nobody_is_said_to_be_told_who_was_not,
    what_is_asked_while_posts_fail_is_announced_after_a_restart,
    what_waits_is_not_denied_since_nobody_can_be_looked_up,
    what_waits_lives_through_a_restart,
    a_late_click_on_a_card_that_could_not_be_drawn_again_is_answered,
    clicks_that_were_lost_while_nobody_listened_are_spoken_of,
    what_waited_for_chat_becomes_a_digest_and_an_alarm_does_not,
    nobody_waits_while_chat_hangs_on_another,
    a_click_while_too_much_waits_is_answered,
]);

scenarios!([
    whole_on_slack = Setting::SLACK.whole(),
    whole_on_slack_by_http = Setting::SLACK.by_http().whole(),
    whole_on_discord_by_gateway = Setting::DISCORD.whole(),
    whole_on_discord_by_http = Setting::DISCORD.by_http().whole(),
    whole_from_slack_to_discord = Setting::ASKED_ON_SLACK.whole(),
    whole_from_slack_to_discord_by_http = Setting::ASKED_ON_SLACK.by_http().whole(),
    whole_from_discord_to_slack = Setting::ASKED_ON_DISCORD.whole(),
    whole_from_discord_to_slack_by_http = Setting::ASKED_ON_DISCORD.by_http().whole(),
]: [
    a_role_comes_by_two_buttons_and_goes_by_the_clock,
    a_role_is_given_back_in_the_direct_message_that_told_of_it,
]);

scenarios!([
    on_postgresql_15_by_slack = Setting::SLACK.on_postgresql_15(),
    on_postgresql_15_by_discord = Setting::DISCORD.on_postgresql_15(),
]: [
    a_role_comes_by_two_buttons_and_goes_by_the_clock,
]);

scenarios!([
    stored_in_postgresql_on_slack = Setting::SLACK.whole(),
    stored_in_postgresql_on_discord = Setting::DISCORD.whole(),
    stored_in_postgresql_on_both = Setting::ASKED_ON_DISCORD.whole(),
]: [
    what_is_asked_while_posts_fail_is_announced_after_a_restart,
    what_waits_is_not_denied_since_nobody_can_be_looked_up,
    what_waits_lives_through_a_restart,
]);

scenarios!([
    slowly_on_slack = Setting::SLACK,
    slowly_on_discord_by_gateway = Setting::DISCORD,
    slowly_on_discord_by_http = Setting::DISCORD.by_http(),
    slowly_on_both = Setting::ASKED_ON_SLACK,
]: [
    what_is_asked_while_the_chat_limits_us_is_announced_after_a_restart,
    what_is_asked_while_the_chat_hangs_is_announced_after_a_restart,
    what_went_out_unanswered_is_announced,
]);

scenarios!([
    twice_on_slack = Setting::SLACK,
]: [
    a_card_that_nobody_knows_of_is_drawn_when_it_is_pressed,
]);

scenarios!([
    behind_on_slack = Setting::SLACK,
    behind_on_discord = Setting::DISCORD,
    behind_on_discord_by_http = Setting::DISCORD.by_http(),
    behind_on_both = Setting::ASKED_ON_DISCORD,
]: [
    what_is_live_ends_while_the_clock_is_behind_the_log,
]);

scenarios!([
    off_on_slack = Setting::SLACK.whole(),
]: [
    a_server_whose_clock_is_wrong_goes_by_the_stores,
]);

scenarios!([
    without_help_on_slack = Setting::SLACK.without_help(),
    without_help_on_discord = Setting::DISCORD.without_help(),
    without_help_on_discord_by_http = Setting::DISCORD.by_http().without_help(),
]: [
    somebody_unknown_is_told_whom_to_ask_where_there_is_no_channel_for_help,
]);

scenarios!([
    closed_on_discord = Setting::DISCORD,
    closed_on_discord_by_http = Setting::DISCORD.by_http(),
    closed_on_discord_beside_slack = Setting::ASKED_ON_DISCORD,
]: [
    who_takes_no_direct_messages_is_called_in_the_thread,
]);

scenarios!([
    from_slack_to_discord = Setting::ASKED_ON_SLACK,
    from_slack_to_discord_by_http = Setting::ASKED_ON_SLACK.by_http(),
    from_discord_to_slack = Setting::ASKED_ON_DISCORD,
    from_discord_to_slack_by_http = Setting::ASKED_ON_DISCORD.by_http(),
]: [
    an_account_is_linked_and_approves_a_day_later,
    a_link_is_taken_back,
    security_takes_a_link_back,
    each_hears_of_it_once,
    one_goes_on_while_the_other_is_away,
]);

scenarios!([
    doors_on_slack = Setting::SLACK,
    doors_on_discord = Setting::DISCORD,
    doors_on_both = Setting::ASKED_ON_SLACK,
]: [
    what_a_target_has_is_compared_with_the_log,
    the_grants_of_somebody_who_left_end,
    who_left_the_group_keeps_it_and_security_may_revoke,
    approvers_see_that_it_could_not_be_given_now,
    somebody_answers_for_what_could_not_be_removed,
    what_a_late_call_left_behind_is_found_where_nothing_is_listed,
]);

scenarios!([
    waking_on_slack = Setting::SLACK,
    waking_on_discord = Setting::DISCORD,
    waking_on_both = Setting::ASKED_ON_DISCORD,
]: [
    who_is_asked_is_woken_up_and_a_dead_pager_delays_nothing,
    security_is_woken_up_for_what_stays,
    who_is_silent_is_reminded_once_and_nobody_else,
    after_silence_the_glass_is_offered_and_broken,
    a_denial_removes_the_offer_to_break_the_glass,
]);

scenarios!([
    only_by_gateway = Setting::DISCORD,
    only_by_http = Setting::DISCORD.by_http(),
]: [
    suggestions_wait_for_nobody,
    after_a_restart_a_direct_message_leads_to_its_card,
]);

const ASK: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "admin",
    duration: "2m",
    severity: 1,
    incident: Some("INC-2231"),
    why: "replication slot stuck, orders are failing",
};

const READ: Line<'static> = Line::Ask {
    target: "orders-db",
    role: "read",
    duration: "20m",
    severity: 2,
    incident: None,
    why: "the replica lags and nobody knows why",
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
    assert_eq!(scene.recorded("approval_given").await, 0);
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
    asked.types(Who::Maya, &Line::Withdraw(None)).await;
    asked.reads(Who::Maya, "BG-1 is taken back").await;
    for chat in scene.chats() {
        chat.finds(Place::Approvers, "Withdrawn").await;
    }
}

#[tokio::test]
async fn a_guild_is_set_up_from_the_command_line() {
    let scene = Scene::open(Setting::DISCORD).await;
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

scenarios!([
    renamed_on_slack = Setting::SLACK,
    renamed_on_discord_by_http = Setting::DISCORD.by_http(),
]: [
    what_was_renamed_under_a_live_grant_still_ends,
    what_was_removed_from_the_policy_still_ends,
]);
