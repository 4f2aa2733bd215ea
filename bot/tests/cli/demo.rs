//! The demo acts an incident out on each chat.

use super::shell::Shell;

fn plays(chat: &str, typed: &str) {
    let played = Shell::new().run(&format!("demo --play --chat {chat}"));
    played
        .exits(0)
        .tells(typed)
        .tells("after the second: Maya holds admin")
        .tells("after the end: Maya holds nothing")
        .tells("The log verifies");
}

#[test]
fn an_incident_is_acted_out_on_slack() {
    plays("slack", "/breakglass orders-db admin 3s");
}

#[test]
fn an_incident_is_acted_out_on_discord() {
    plays("discord", "/breakglass request target:orders-db");
}

#[test]
fn an_incident_is_acted_out_across_both() {
    plays("both", "card in #access-approvals on Discord");
}
