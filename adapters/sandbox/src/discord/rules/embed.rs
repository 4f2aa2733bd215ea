//! Embeds. <https://docs.discord.com/developers/resources/message#embed-object>

use serde_json::Value;

use super::check::{Checker, Rule, Shape, below, may, must, shape};

/// The texts of all embeds of a message together.
const CHARS_MAX: usize = 6_000;
const URL_CHARS_MAX: usize = 2_048;

static FIELD: Shape = shape(&[
    must("name", Rule::Text(1, 256)),
    must("value", Rule::Text(1, 1_024)),
    may("inline", Rule::Flag),
]);

static FOOTER: Shape = shape(&[
    must("text", Rule::Text(1, 2_048)),
    may("icon_url", Rule::Url(URL_CHARS_MAX)),
]);

static AUTHOR: Shape = shape(&[
    must("name", Rule::Text(1, 256)),
    may("url", Rule::Url(URL_CHARS_MAX)),
    may("icon_url", Rule::Url(URL_CHARS_MAX)),
]);

static PICTURE: Shape = shape(&[must("url", Rule::Url(URL_CHARS_MAX))]);

/// One embed.
pub(super) static EMBED: Shape = shape(&[
    may("type", Rule::Word(&["rich"])),
    may("title", Rule::Text(0, 256)),
    may("description", Rule::Text(0, 4_096)),
    may("url", Rule::Url(URL_CHARS_MAX)),
    may("timestamp", Rule::Instant),
    may("color", Rule::Integer(0, 0xFF_FFFF)),
    may("footer", Rule::Object(&FOOTER)),
    may("author", Rule::Object(&AUTHOR)),
    may("image", Rule::Object(&PICTURE)),
    may("thumbnail", Rule::Object(&PICTURE)),
    may("fields", Rule::List(&Rule::Object(&FIELD), 0, 25)),
]);

/// Checks that the embeds of a message are not too long together, and that each shows something.
pub(super) fn together(checker: &mut Checker, message: &Value, at: &[String]) {
    let embeds: &[Value] = message["embeds"].as_array().map_or(&[], Vec::as_slice);
    let at = below(at, "embeds");
    if embeds.iter().map(chars).sum::<usize>() > CHARS_MAX {
        let message = format!("Embed size exceeds maximum size of {CHARS_MAX}");
        checker.problem(&at, "MAX_EMBED_SIZE_EXCEEDED", message);
    }
    for (index, embed) in embeds.iter().enumerate() {
        let shows = ["image", "thumbnail"]
            .iter()
            .any(|key| embed[key].is_object());
        if chars(embed) == 0 && !shows {
            let at = below(&below(&at, &index.to_string()), "description");
            checker.problem(&at, "BASE_TYPE_REQUIRED", "This field is required");
        }
    }
}

fn chars(embed: &Value) -> usize {
    let fields = embed["fields"].as_array().into_iter().flatten();
    let fields = fields.flat_map(|field| [&field["name"], &field["value"]]);
    let texts = [
        &embed["title"],
        &embed["description"],
        &embed["footer"]["text"],
        &embed["author"]["name"],
    ];
    let texts = texts.into_iter().chain(fields);
    texts
        .filter_map(Value::as_str)
        .map(|text| text.chars().count())
        .sum()
}
