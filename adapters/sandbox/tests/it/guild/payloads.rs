//! What the guild tells an app, held against Discord's payloads as the types of `discord-api-types` have them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use breakglass_sandbox::discord::Guild;
use serde_json::{Value, json};
use tokio::process::Command;

use super::client::{Line, register, rest};
use super::{APPROVALS, BO, DBA, GUILD, MAYA, options, start};

/// The types with what is an enum there as what it is on the wire: texts, and sets of bits as numbers.
const PRELUDE: &str = "import type * as d from 'discord-api-types/v10';
type Bits = 'flags' | 'public_flags' | 'system_channel_flags';
type Wire<T> = T extends string ? `${T}`
    : T extends object ? { [K in keyof T]: K extends Bits ? number : Wire<T[K]> }
    : T;
";

/// The folder with npm's packages; `tests/run` names it.
#[expect(
    clippy::disallowed_methods,
    reason = "tests/run passes the folder this way"
)]
fn packages() -> PathBuf {
    let folder = std::env::var("BREAKGLASS_TEST_NODE_MODULES");
    folder.expect("tests/run installs npm's packages").into()
}

/// Everything that is told, by the name of its type.
#[derive(Default)]
struct Told(Vec<(&'static str, Value)>);

impl Told {
    fn add(&mut self, name: &'static str, value: &Value) {
        self.0.push((name, value.clone()));
    }

    /// The types as a program that compiles if all of it fits.
    fn program(&self) -> String {
        let mut program = PRELUDE.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            writeln!(program, "export const v{index}: Wire<d.{name}> = {value};").unwrap();
        }
        program
    }
}

async fn interactions(guild: &Guild, line: &mut Line, told: &mut Told) {
    let button = json!({"type": 2, "style": 1, "label": "Go", "custom_id": "go"});
    let select = json!({"type": 3, "custom_id": "s", "options": [{"label": "A", "value": "a"}]});
    let row = |inner: Value| json!({"type": 1, "components": [inner]});
    let embed =
        json!({"title": "t", "fields": [{"name": "n", "value": "v"}], "footer": {"text": "f"}});
    let card =
        json!({"content": "card", "embeds": [embed], "components": [row(button), row(select)]});
    let path = format!("/channels/{APPROVALS}/messages");
    told.add("APIMessage", &rest(guild, "POST", &path, card).await.1);
    told.add(
        "GatewayMessageCreateDispatchData",
        &line.event("MESSAGE_CREATE").await,
    );
    let card = guild.messages(APPROVALS).pop().unwrap();

    let plan = json!({"day": 3, "who": BO});
    let answer = json!({"type": 4, "data": {"content": "x", "flags": 64}});
    let (acted, command) = tokio::join!(
        guild.slash(MAYA, APPROVALS, "/plan make", plan),
        line.answer(guild, answer)
    );
    acted.unwrap();
    told.add("APIChatInputApplicationCommandInteraction", &command);
    let choices = json!({"type": 8, "data": {"choices": []}});
    let (offered, typing) = tokio::join!(
        guild.autocomplete(MAYA, APPROVALS, "/ask", ("what", json!({"what": "or"}))),
        line.answer(guild, choices)
    );
    offered.unwrap();
    told.add("APIApplicationCommandAutocompleteInteraction", &typing);
    let later = json!({"type": 6});
    let (acted, chosen) = tokio::join!(
        guild.choose(BO, &card, "s", json!("A")),
        line.answer(guild, later)
    );
    acted.unwrap();
    told.add("APIMessageComponentSelectMenuInteraction", &chosen);
    let input = json!({"type": 4, "custom_id": "why", "style": 2});
    let label = json!({"type": 18, "label": "Why?", "component": input});
    let select = json!({"type": 3, "custom_id": "how", "options": [{"label": "A", "value": "a"}]});
    let other = json!({"type": 18, "label": "How?", "component": select});
    let form = json!({"custom_id": "m", "title": "Form", "components": [label, other]});
    let (acted, pressed) = tokio::join!(
        guild.press(BO, &card, "Go"),
        line.answer(guild, json!({"type": 9, "data": form}))
    );
    acted.unwrap();
    told.add("APIMessageComponentButtonInteraction", &pressed);
    let (acted, sent) = tokio::join!(
        guild.submit_view(BO, json!({"Why?": "because", "How?": "A"})),
        line.answer(guild, json!({"type": 4, "data": {"content": "sent"}}))
    );
    acted.unwrap();
    told.add("APIModalSubmitInteraction", &sent);
    told.add(
        "GatewayMessageCreateDispatchData",
        &line.event("MESSAGE_CREATE").await,
    );
}

async fn changes(guild: &Guild, line: &mut Line, told: &mut Told) {
    let card = &guild.messages(APPROVALS)[0];
    let path = format!("/channels/{APPROVALS}/messages/{}/threads", card.id);
    rest(guild, "POST", &path, json!({"name": "Talk"})).await;
    told.add(
        "GatewayThreadCreateDispatchData",
        &line.event("THREAD_CREATE").await,
    );
    guild.archive_thread(&card.id);
    told.add(
        "GatewayThreadUpdateDispatchData",
        &line.event("THREAD_UPDATE").await,
    );
    guild.delete_channel(&card.id);
    told.add(
        "GatewayThreadDeleteDispatchData",
        &line.event("THREAD_DELETE").await,
    );
    guild.time_out(BO, Some(1_760_000_060_000));
    told.add(
        "GatewayGuildMemberUpdateDispatchData",
        &line.event("GUILD_MEMBER_UPDATE").await,
    );
    guild.leave(BO);
    told.add(
        "GatewayGuildMemberRemoveDispatchData",
        &line.event("GUILD_MEMBER_REMOVE").await,
    );
    guild.join(BO);
    told.add(
        "GatewayGuildMemberAddDispatchData",
        &line.event("GUILD_MEMBER_ADD").await,
    );
    guild.delete_role(DBA);
    told.add(
        "GatewayGuildRoleDeleteDispatchData",
        &line.event("GUILD_ROLE_DELETE").await,
    );
    guild.delete_message(card);
    told.add(
        "GatewayMessageDeleteDispatchData",
        &line.event("MESSAGE_DELETE").await,
    );
    guild.delete_channel(APPROVALS);
    told.add(
        "GatewayChannelDeleteDispatchData",
        &line.event("CHANNEL_DELETE").await,
    );
    line.say(json!({"op": 8, "d": {"guild_id": GUILD, "query": "", "limit": 0}}))
        .await;
    told.add(
        "GatewayGuildMembersChunkDispatchData",
        &line.event("GUILD_MEMBERS_CHUNK").await,
    );
}

#[tokio::test]
async fn all_that_is_told_has_the_types_of_discord() {
    let sandbox = start(options()).await;
    let guild = sandbox.guild();
    register(&guild).await;
    let mut told = Told::default();
    let (mut line, ready) = Line::identified(&guild).await;
    told.add("GatewayReadyDispatchData", &ready["d"]);
    interactions(&guild, &mut line, &mut told).await;
    changes(&guild, &mut line, &mut told).await;
    guild.kick_app();
    told.add(
        "GatewayGuildDeleteDispatchData",
        &line.event("GUILD_DELETE").await,
    );
    guild.add_app();
    told.add(
        "GatewayGuildCreateDispatchData",
        &line.event("GUILD_CREATE").await,
    );

    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(packages(), folder.path().join("node_modules")).unwrap();
    std::fs::write(folder.path().join("told.ts"), told.program()).unwrap();
    let compiler = packages().join("typescript/bin/tsc");
    let options = [
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "told.ts",
    ];
    let mut run = Command::new("node");
    run.arg(compiler)
        .args(options)
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let output = run.output().await.expect("node; tests/run installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", told.program());
    sandbox.stop().await;
}
