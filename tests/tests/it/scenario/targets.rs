//! Targets that don't have what the log says.

use std::time::Duration;

use super::ALONE;
use crate::company::hands::{Away, Call, Line, Place, Who};
use crate::scene::Scene;

/// The glass is broken for the edge: Maya has it.
async fn maya_has_it(scene: &Scene) {
    let asked = scene.asked();
    asked.types(Who::Maya, &ALONE).await;
    let own = Place::Own(Who::Maya);
    asked
        .presses(Who::Maya, own, "Break the glass?", "Break the glass")
        .await;
    asked.finds(Place::Direct(Who::Maya), "Active").await;
}

pub(super) async fn what_a_target_has_is_compared_with_the_log(scene: &mut Scene) {
    maya_has_it(scene).await;
    assert!(scene.door("maya:edge_debug").exists());
    scene.stop().await;
    std::fs::remove_file(scene.door("maya:edge_debug")).unwrap();
    std::fs::write(scene.door("tom:edge_debug"), "").unwrap();
    std::fs::write(scene.door("svc-x:edge_debug:standing"), "").unwrap();
    scene.start().await;
    for chat in scene.chats() {
        let lost = "vanished from the target before its time";
        chat.finds(Place::Security, lost).await;
        chat.finds(Place::Security, "no grant covers it").await;
        for (title, words) in [
            ("Taken away", "edge_debug for tom"),
            (
                "Access we did not give",
                "edge_debug for svc-x on edge-kubernetes, a standing key",
            ),
        ] {
            let told = chat.finds(Place::Security, title).await;
            assert!(told.replace('\\', "").contains(words), "{told}");
        }
    }
    let over = scene
        .asked()
        .finds(Place::Direct(Who::Maya), "vanished")
        .await;
    assert!(over.contains("Ended"), "{over}");
    assert!(!scene.door("tom:edge_debug").exists());
    assert!(scene.door("svc-x:edge_debug:standing").exists());
    scene.everything_is_told().await;
    assert_eq!(scene.recorded("reconciled").await, 3);

    // The same again says nothing, until it went away and came back.
    scene.compares_again().await;
    assert_eq!(scene.recorded("reconciled").await, 3);
    std::fs::remove_file(scene.door("svc-x:edge_debug:standing")).unwrap();
    scene.compares_again().await;
    assert_eq!(scene.recorded("reconciled").await, 4);
    std::fs::write(scene.door("svc-x:edge_debug:standing"), "").unwrap();
    scene.compares_again().await;
    assert_eq!(scene.recorded("reconciled").await, 5);
    for chat in scene.chats() {
        chat.finds_all(Place::Security, "Access we did not give", 2)
            .await;
    }
}

pub(super) async fn the_grants_of_somebody_who_left_end(scene: &mut Scene) {
    maya_has_it(scene).await;
    scene.everything_is_told().await;
    let asked = scene.asked();
    // Nobody is gone because nobody can be asked.
    asked.fail(Call::Any, 1_000, Away::Fails);
    asked.lose(Who::Maya);
    scene.clock.forward(Duration::from_secs(30));
    scene.checks_rights().await;
    assert_eq!(scene.recorded("ending_started").await, 0);
    asked.heal();
    scene.clock.forward(Duration::from_secs(30));
    scene.checks_rights().await;
    for chat in scene.chats() {
        let why = "whom it is for is not active any more · read back: debug is gone";
        chat.finds(Place::Security, why).await;
    }
    assert_eq!(scene.recorded("ended").await, 1);
    assert!(!scene.door("maya:edge_debug").exists());
}

pub(super) async fn who_left_the_group_keeps_it_and_security_may_revoke(scene: &mut Scene) {
    maya_has_it(scene).await;
    scene.amends(
        "members = [\"maya\", \"tom\", \"noor\"]",
        "members = [\"tom\", \"noor\"]",
    );
    scene.amends("slack_usergroup = \"S01SRE\"", "");
    scene.amends("discord_role = \"830000000000000001\"", "");
    let decided = scene.decided();
    let lost = "couldn't ask for it any more";
    decided
        .presses(Who::Lee, Place::Security, lost, "Revoke…")
        .await;
    assert!(scene.door("maya:edge_debug").exists());
    decided
        .fills(Who::Lee, &[("text", "she changed teams")])
        .await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "revoked by Lee Park").await;
    }
    assert_eq!(scene.recorded("right_lost").await, 1);
}

pub(super) async fn approvers_see_that_it_could_not_be_given_now(scene: &mut Scene) {
    let (asked, decided) = (scene.asked(), scene.decided());
    let (doors, away) = (scene.folder().join("doors"), scene.folder().join("away"));
    std::fs::rename(&doors, &away).unwrap();
    let ask = Line::Ask {
        target: "edge",
        role: "debug",
        duration: "2m",
        severity: 2,
        incident: None,
        why: "pods crash in a loop since the deploy",
    };
    asked.types(Who::Tom, &ask).await;
    let trouble = "edge doesn't answer";
    for chat in scene.chats() {
        chat.finds(Place::Approvers, trouble).await;
        chat.finds(Place::Security, trouble).await;
    }
    asked.finds(Place::Direct(Who::Tom), trouble).await;
    std::fs::rename(&away, &doors).unwrap();
    scene.until_recorded("preflighted", 2).await;
    scene.everything_is_told().await;
    let card = decided.finds(Place::Approvers, "Waiting").await;
    assert!(!card.contains(trouble), "{card}");
    decided
        .presses(Who::Bo, Place::Approvers, "Waiting", "Approve")
        .await;
    asked.finds(Place::Direct(Who::Tom), "Active").await;
}

pub(super) async fn somebody_answers_for_what_could_not_be_removed(scene: &mut Scene) {
    maya_has_it(scene).await;
    let (asked, decided) = (scene.asked(), scene.decided());
    let (doors, away) = (scene.folder().join("doors"), scene.folder().join("away"));
    std::fs::rename(&doors, &away).unwrap();
    asked.types(Who::Maya, &Line::End).await;
    let alarm = "Access NOT removed";
    decided
        .presses(Who::Lee, Place::Security, alarm, "Removed by hand…")
        .await;
    decided
        .fills(Who::Lee, &[("text", "locked the door with my own key")])
        .await;
    decided.reads(Who::Lee, "counts as removed by hand").await;
    for chat in scene.chats() {
        let ended =
            "removed by hand by Lee Park: “locked the door with my own key” · read back: not yet";
        chat.finds(Place::Approvers, ended).await;
    }
    std::fs::rename(&away, &doors).unwrap();
    for chat in scene.chats() {
        chat.finds(Place::Security, "Access was still there").await;
        chat.finds(Place::Approvers, "read back: debug is gone")
            .await;
    }
    assert!(!scene.door("maya:edge_debug").exists());
    let refused = scene
        .operator_runs("grants attest BG-1 --reason again")
        .await;
    assert!(!refused.status.success(), "it has ended");
}

pub(super) async fn what_a_late_call_left_behind_is_found_where_nothing_is_listed(
    scene: &mut Scene,
) {
    let (asked, decided) = (scene.asked(), scene.decided());
    let ask = Line::Ask {
        target: "billing",
        role: "refunds",
        duration: "2m",
        severity: 2,
        incident: None,
        why: "a customer was charged twice",
    };
    asked.types(Who::Maya, &ask).await;
    decided
        .presses(Who::Lee, Place::Approvers, "Waiting", "Approve")
        .await;
    asked.finds(Place::Direct(Who::Maya), "Active").await;
    asked.types(Who::Maya, &Line::End).await;
    decided.finds(Place::Approvers, "Ended").await;
    scene.everything_is_told().await;
    let held = scene.folder().join("billing-admin.held");
    assert!(!held.exists());
    std::fs::write(&held, "").unwrap();
    scene.compares_again().await;
    assert_eq!(
        scene.recorded("reconciled").await,
        0,
        "a call may be under way"
    );
    scene.clock.forward(Duration::from_secs(70));
    scene.compares_again().await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "Taken away").await;
    }
    assert!(!held.exists());
}

/// What the operator reads when configuration, policy and what is live don't go together.
async fn store_is_checked(scene: &Scene, code: i32, told: &[&str]) {
    let checked = scene.operator_runs("check --store").await;
    let text = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(code), "{text}");
    for words in told {
        assert!(text.contains(words), "no {words:?} in {text}");
    }
}

async fn lee_revokes(scene: &Scene) {
    let decided = scene.decided();
    decided
        .presses(Who::Lee, Place::Security, "Active", "Revoke…")
        .await;
    decided
        .fills(Who::Lee, &[("text", "it is called otherwise now")])
        .await;
}

pub(super) async fn what_was_renamed_under_a_live_grant_still_ends(scene: &mut Scene) {
    maya_has_it(scene).await;
    store_is_checked(scene, 0, &["1 grant is live."]).await;
    scene.stop().await;
    let (was, is) = ("edge-kubernetes", "edge-k8s");
    scene.rewrite("breakglass.toml", was, is);
    scene.rewrite("policy.toml", was, is);
    let nobody = "provisioner \"edge-kubernetes\" isn't configured, and BG-1 rests on it. \
                  Nobody can take that access away.";
    let moved = "target \"edge\" is at provisioner edge-k8s now, and BG-1 rests on it.";
    store_is_checked(scene, 1, &[nobody, moved]).await;
    scene.start().await;
    for chat in scene.chats() {
        let place = Place::Security;
        chat.finds(place, "Access that nobody can take away").await;
    }
    // The target is reached by another name: what is there isn't a leftover.
    scene.compares_again().await;
    assert!(scene.door("maya:edge_debug").exists());
    lee_revokes(scene).await;
    for chat in scene.chats() {
        chat.finds(Place::Security, "NOT removed").await;
    }
    assert!(scene.door("maya:edge_debug").exists());

    scene.stop().await;
    scene.rewrite("breakglass.toml", is, was);
    scene.rewrite("policy.toml", is, was);
    store_is_checked(scene, 0, &["1 grant is live."]).await;
    scene.start().await;
    scene.asked().finds(Place::Direct(Who::Maya), "Ended").await;
    assert!(!scene.door("maya:edge_debug").exists());
}

pub(super) async fn what_was_removed_from_the_policy_still_ends(scene: &mut Scene) {
    maya_has_it(scene).await;
    scene.amends("id = \"edge\"", "id = \"rim\"");
    scene.amends("\"edge/debug\"", "\"rim/debug\"");
    scene.until_recorded("policy_loaded", 2).await;
    let target = "target \"edge\" isn't in the policy, and BG-1 rests on it.";
    store_is_checked(scene, 1, &[target, "still ends by what was written down"]).await;
    lee_revokes(scene).await;
    scene.asked().finds(Place::Direct(Who::Maya), "Ended").await;
    assert!(!scene.door("maya:edge_debug").exists());
    store_is_checked(scene, 0, &["Nothing is live."]).await;
}
