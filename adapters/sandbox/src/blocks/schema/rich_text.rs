//! Rich text. <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>

use super::super::check::{Field, Rule, Shape, may, must, shape};
use super::elements::{ACTION_ID, FOCUS, PLACEHOLDER};
use super::objects::{DISPATCH_CONFIG, nothing};
use super::{ID_CHARS_MAX, URL_CHARS_MAX};

/// A part of a line; Slack names no limit of its own, so the one of a whole message counts.
const PIECE_CHARS_MAX: usize = 40_000;
const PIECES_MAX: usize = 1_000;

pub(super) static RICH_TEXT: Shape = shape(
    "rich_text",
    &[
        may("block_id", Rule::Name(ID_CHARS_MAX)),
        must(
            "elements",
            Rule::Many(&[&SECTION, &LIST, &PREFORMATTED, &QUOTE], 1, PIECES_MAX),
        ),
    ],
);

pub(super) static RICH_TEXT_INPUT: Shape = shape(
    "rich_text_input",
    &[
        ACTION_ID,
        may("initial_value", Rule::One(&[&RICH_TEXT])),
        may("dispatch_action_config", Rule::Object(&DISPATCH_CONFIG)),
        PLACEHOLDER,
        FOCUS,
    ],
);

static SECTION: Shape = shape("rich_text_section", &[PIECES]);
static PREFORMATTED: Shape = shape(
    "rich_text_preformatted",
    &[PIECES, BORDER, may("language", Rule::Name(50))],
);
static QUOTE: Shape = shape("rich_text_quote", &[PIECES, BORDER]);
static LIST: Shape = shape(
    "rich_text_list",
    &[
        must("style", Rule::Word(&["bullet", "ordered"])),
        must("elements", Rule::Many(&[&SECTION], 1, PIECES_MAX)),
        may("indent", Rule::Integer(0, 8)),
        may("offset", Rule::Integer(0, 1_000)),
        BORDER,
    ],
);

const BORDER: Field = may("border", Rule::Integer(0, 1));
const PIECES: Field = must("elements", Rule::Many(PIECE_SHAPES, 0, PIECES_MAX));
const LOOKS: Field = may("style", Rule::Object(&STYLE));
const PIECE_SHAPES: &[&Shape] = &[
    &shape("text", &[must("text", Rule::Name(PIECE_CHARS_MAX)), LOOKS]),
    &shape(
        "link",
        &[
            must("url", Rule::Name(URL_CHARS_MAX)),
            may("text", Rule::String(PIECE_CHARS_MAX)),
            may("unsafe", Rule::Flag),
            LOOKS,
        ],
    ),
    &shape("user", &[must("user_id", Rule::Name(ID_CHARS_MAX)), LOOKS]),
    &shape(
        "usergroup",
        &[must("usergroup_id", Rule::Name(ID_CHARS_MAX)), LOOKS],
    ),
    &shape(
        "channel",
        &[must("channel_id", Rule::Name(ID_CHARS_MAX)), LOOKS],
    ),
    &shape(
        "broadcast",
        &[
            must("range", Rule::Word(&["here", "channel", "everyone"])),
            LOOKS,
        ],
    ),
    &shape("color", &[must("value", Rule::Name(20)), LOOKS]),
    &shape(
        "emoji",
        &[
            must("name", Rule::Name(100)),
            may("unicode", Rule::Name(100)),
            may("skin_tone", Rule::Integer(1, 6)),
            LOOKS,
        ],
    ),
    &shape(
        "date",
        &[
            must("timestamp", Rule::Integer(0, 9_999_999_999)),
            must("format", Rule::Name(1_000)),
            may("url", Rule::Name(URL_CHARS_MAX)),
            may("fallback", Rule::Name(PIECE_CHARS_MAX)),
            LOOKS,
        ],
    ),
];

static STYLE: Shape = Shape {
    kind: None,
    fields: &[
        may("bold", Rule::Flag),
        may("italic", Rule::Flag),
        may("strike", Rule::Flag),
        may("code", Rule::Flag),
        may("underline", Rule::Flag),
        may("highlight", Rule::Flag),
        may("client_highlight", Rule::Flag),
        may("unlink", Rule::Flag),
    ],
    also: nothing,
};
