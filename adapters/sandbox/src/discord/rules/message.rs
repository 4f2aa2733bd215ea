//! Messages, answers and threads. <https://docs.discord.com/developers/resources/message>

use serde_json::Value;

use super::check::{Checker, Rule, Shape, below, may, must, shape};
use super::component::{ROW, ids_differ};
use super::embed::{EMBED, together};

const CONTENT: Rule = Rule::Text(0, 2_000);
/// The rows of a message. The newer layouts are not here.
const ROWS: Rule = Rule::List(&Rule::Union(&[(1, &ROW)]), 0, 5);
const EMBEDS: Rule = Rule::List(&Rule::Object(&EMBED), 0, 10);

static ALLOWED_MENTIONS: Shape = Shape {
    fields: &[
        may(
            "parse",
            Rule::Set(&Rule::Word(&["users", "roles", "everyone"]), 0, 3),
        ),
        may("users", Rule::Set(&Rule::Snowflake, 0, 100)),
        may("roles", Rule::Set(&Rule::Snowflake, 0, 100)),
        may("replied_user", Rule::Flag),
    ],
    also: |checker, allowed, at| {
        let parse = allowed["parse"].as_array().into_iter().flatten();
        for kind in parse.filter_map(Value::as_str) {
            let named = allowed[kind]
                .as_array()
                .is_some_and(|named| !named.is_empty());
            if named {
                let message =
                    format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
                checker.problem(at, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message);
            }
        }
    },
};

static REFERENCE: Shape = shape(&[
    may("type", Rule::OneOf(&[0])),
    must("message_id", Rule::Snowflake),
    may("channel_id", Rule::Snowflake),
    may("guild_id", Rule::Snowflake),
    may("fail_if_not_exists", Rule::Flag),
]);

/// No files are taken; clients send an empty list.
const ATTACHMENTS: Rule = Rule::List(&Rule::NotHere, 0, 10);
const STICKERS: Rule = Rule::List(&Rule::NotHere, 0, 3);

/// A message in a channel.
pub(in super::super) static CREATE: Shape = Shape {
    fields: &[
        may("content", CONTENT),
        may("embeds", EMBEDS),
        may("components", ROWS),
        may("allowed_mentions", Rule::Object(&ALLOWED_MENTIONS)),
        may("flags", Rule::Integer(0, i32::MAX as i64)),
        may("nonce", Rule::Scalar(25)),
        may("enforce_nonce", Rule::Flag),
        may("tts", Rule::Flag),
        may("message_reference", Rule::Object(&REFERENCE)),
        may("attachments", ATTACHMENTS),
        may("sticker_ids", STICKERS),
        may("poll", Rule::NotHere),
        may("shared_client_theme", Rule::NotHere),
    ],
    also: |checker, message, at| {
        whole(checker, message, at);
        flags(
            checker,
            message,
            at,
            SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS,
        );
        if message["enforce_nonce"] == true && message["nonce"].is_null() {
            checker.problem(
                &below(at, "nonce"),
                "BASE_TYPE_REQUIRED",
                "This field is required",
            );
        }
    },
};

/// A change to a message in a channel.
pub(in super::super) static EDIT: Shape = Shape {
    fields: &[
        may("content", CONTENT),
        may("embeds", EMBEDS),
        may("components", ROWS),
        may("allowed_mentions", Rule::Object(&ALLOWED_MENTIONS)),
        may("flags", Rule::Integer(0, i32::MAX as i64)),
        may("attachments", ATTACHMENTS),
        may("sticker_ids", STICKERS),
    ],
    also: |checker, message, at| {
        whole(checker, message, at);
        flags(checker, message, at, SUPPRESS_EMBEDS);
    },
};

/// A message that answers an interaction, first or later.
pub(in super::super) static ANSWER: Shape = Shape {
    fields: &[
        may("content", CONTENT),
        may("embeds", EMBEDS),
        may("components", ROWS),
        may("allowed_mentions", Rule::Object(&ALLOWED_MENTIONS)),
        may("flags", Rule::Integer(0, i32::MAX as i64)),
        may("tts", Rule::Flag),
        may("attachments", ATTACHMENTS),
        may("poll", Rule::NotHere),
    ],
    also: |checker, message, at| {
        whole(checker, message, at);
        flags(
            checker,
            message,
            at,
            SUPPRESS_EMBEDS | EPHEMERAL | SUPPRESS_NOTIFICATIONS,
        );
    },
};

/// A change to a message that answers an interaction.
pub(in super::super) static ANSWER_EDIT: Shape = Shape {
    fields: &[
        may("content", CONTENT),
        may("embeds", EMBEDS),
        may("components", ROWS),
        may("allowed_mentions", Rule::Object(&ALLOWED_MENTIONS)),
        may("flags", Rule::Integer(0, i32::MAX as i64)),
        may("attachments", ATTACHMENTS),
        may("poll", Rule::NotHere),
    ],
    also: |checker, message, at| {
        whole(checker, message, at);
        flags(checker, message, at, SUPPRESS_EMBEDS | EPHEMERAL);
    },
};

const SUPPRESS_EMBEDS: u64 = 1 << 2;
const EPHEMERAL: u64 = 1 << 6;
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// Another kind of message altogether: neither content nor embeds.
const COMPONENTS_V2: u64 = 1 << 15;

/// What the parts of a message must fulfil together.
fn whole(checker: &mut Checker, message: &Value, at: &[String]) {
    together(checker, message, at);
    ids_differ(checker, message, at);
}

/// Flags that do nothing here are complained of; those of the newer layouts are refused.
fn flags(checker: &mut Checker, message: &Value, at: &[String], settable: u64) {
    let flags = message["flags"].as_u64().unwrap_or_default();
    if flags & COMPONENTS_V2 != 0 {
        checker.check(&Rule::NotHere, &message["flags"], &below(at, "flags"));
    } else if flags & !settable != 0 {
        checker.stray(&below(at, &format!("flags {}", flags & !settable)));
    }
}

/// The frame of a first answer; its `data` depends on its type.
pub(in super::super) static CALLBACK: Shape = shape(&[
    must("type", Rule::OneOf(&[1, 4, 5, 6, 7, 8, 9])),
    may("data", Rule::Anything),
]);

/// Opens a direct message.
pub(in super::super) static DIRECT: Shape = shape(&[must("recipient_id", Rule::Snowflake)]);

const ARCHIVE_AFTER: Rule = Rule::OneOf(&[60, 1_440, 4_320, 10_080]);
const SLOWLY: Rule = Rule::Integer(0, 21_600);

/// Starts a thread.
pub(in super::super) static THREAD: Shape = shape(&[
    must("name", Rule::Text(1, 100)),
    may("auto_archive_duration", ARCHIVE_AFTER),
    may("rate_limit_per_user", SLOWLY),
]);

/// Changes a thread.
pub(in super::super) static THREAD_EDIT: Shape = shape(&[
    may("name", Rule::Text(1, 100)),
    may("archived", Rule::Flag),
    may("locked", Rule::Flag),
    may("auto_archive_duration", ARCHIVE_AFTER),
    may("rate_limit_per_user", SLOWLY),
    may("invitable", Rule::Flag),
    may("flags", Rule::Integer(0, i32::MAX as i64)),
    may("applied_tags", Rule::List(&Rule::Snowflake, 0, 5)),
]);
