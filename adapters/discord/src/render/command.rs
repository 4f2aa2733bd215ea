//! `/breakglass` as it is declared to a guild: <https://docs.discord.com/developers/interactions/application-commands>.

use serde_json::{Value, json};

/// Kinds of options: a sub-command, a text, a number, a truth, a person.
const SUB_COMMAND: u8 = 1;
const STRING: u8 = 3;
const INTEGER: u8 = 4;
const BOOLEAN: u8 = 5;
const USER: u8 = 6;

/// What the command is called.
pub(crate) const NAME: &str = "breakglass";

/// The guild's commands, all of them.
pub fn commands() -> Value {
    json!([{
        "name": NAME,
        "type": 1,
        "description": "Emergency access, for minutes, on the record",
        // In guilds only, installed to guilds only.
        "contexts": [0],
        "integration_types": [0],
        "options": sub_commands(),
    }])
}

/// Which request is meant.
fn which() -> Value {
    let description = "Such as BG-4821; without it the only one is meant";
    option(STRING, "id", description)
}

fn sub_commands() -> Vec<Value> {
    let request = [
        suggested("target", "What you need access to"),
        suggested("role", "As what"),
        option(STRING, "duration", "For how long: 30m, 1h30m"),
        severity(),
        option(STRING, "incident", "Its id, or a link to it"),
        option(USER, "for", "For somebody else"),
        long(
            "why",
            "Shown to approvers, kept in the log. No secrets or customer data",
        ),
    ];
    vec![
        sub("request", "Ask for access", &request),
        sub("status", "Your requests and grants", &[]),
        sub(
            "list",
            "What you may ask for, what you hold, what waits for you",
            &[],
        ),
        sub("end", "Give access back", &[which()]),
        sub(
            "revoke",
            "Take access away",
            &[which(), long("why", "The holder reads this")],
        ),
        sub("withdraw", "Take back a request that waits", &[which()]),
        sub(
            "review",
            "Close a review",
            &[
                which(),
                finding(),
                long("note", "Kept in the log. It can't be changed"),
            ],
        ),
        sub("again", "Ask once more for the same", &[required(which())]),
        sub(
            "describe",
            "Say what you did with the access",
            &[required(which()), long("words", "Two lines for the review")],
        ),
        sub(
            "lockdown",
            "Stop all granting",
            &[
                long("why", "Everybody who looks for access reads this"),
                option(
                    BOOLEAN,
                    "revoke_all",
                    "Also take back everything that is held",
                ),
            ],
        ),
        sub(
            "link",
            "Link this account with yours on the other chat",
            &[option(STRING, "code", "The code that you were given there")],
        ),
        sub(
            "unlink",
            "Take a link of two accounts back",
            &[option(USER, "person", "Whose, if not your own")],
        ),
        sub("help", "How this works", &[]),
    ]
}

fn sub(name: &str, description: &str, options: &[Value]) -> Value {
    json!({
        "type": SUB_COMMAND,
        "name": name,
        "description": description,
        "options": options,
    })
}

fn option(kind: u8, name: &str, description: &str) -> Value {
    json!({ "type": kind, "name": name, "description": description })
}

fn required(mut option: Value) -> Value {
    option["required"] = json!(true);
    option
}

fn suggested(name: &str, description: &str) -> Value {
    let mut option = option(STRING, name, description);
    option["autocomplete"] = json!(true);
    option
}

/// As long as a text is kept.
fn long(name: &str, description: &str) -> Value {
    let mut option = option(STRING, name, description);
    option["max_length"] = json!(2000);
    option
}

fn severity() -> Value {
    let names = ["SEV1 (worst)", "SEV2", "SEV3", "SEV4", "SEV5 (least)"];
    let choices: Vec<Value> = (1..)
        .zip(names)
        .map(|(level, name)| json!({ "name": name, "value": level }))
        .collect();
    let mut option = option(INTEGER, "severity", "How urgent is it?");
    option["choices"] = json!(choices);
    option
}

fn finding() -> Value {
    let names = [
        ("justified", "Justified"),
        ("drill", "Drill"),
        ("avoidable", "Avoidable"),
        ("misuse", "Misuse"),
    ];
    let choices: Vec<Value> = names
        .iter()
        .map(|(value, name)| json!({ "name": name, "value": value }))
        .collect();
    let mut option = option(STRING, "finding", "What do you find?");
    option["choices"] = json!(choices);
    option
}
