//! Targets that don't have what the log says.

use super::ALONE;
use super::hands::{Place, Who};
use super::scene::Scene;

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
