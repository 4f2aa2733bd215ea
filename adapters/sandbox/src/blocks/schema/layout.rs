//! Blocks. <https://docs.slack.dev/reference/block-kit/blocks>

use super::super::check::{Field, Rule, Shape, may, must, shape};
use super::elements::{
    BUTTON, CHECKBOXES, DATE, DATE_TIME, EMAIL_INPUT, IMAGE, NUMBER_INPUT, OVERFLOW, RADIO,
    TEXT_INPUT, TIME, URL_INPUT,
};
use super::menus::{
    CHANNELS, CONVERSATIONS, EXTERNAL, MULTI_CHANNELS, MULTI_CONVERSATIONS, MULTI_EXTERNAL,
    MULTI_STATIC, MULTI_USERS, STATIC, USERS,
};
use super::rich_text::{RICH_TEXT, RICH_TEXT_INPUT};
use super::{ID_CHARS_MAX, URL_CHARS_MAX};

/// Blocks that a message may hold.
pub(in super::super) static IN_MESSAGES: &[&Shape] = &[
    &ACTIONS, &CONTEXT, &DIVIDER, &HEADER, &PICTURE, &INPUT, &RICH_TEXT, &SECTION, &MARKDOWN,
];

/// Blocks that a modal or a Home tab may hold.
pub(super) static IN_VIEWS: &[&Shape] = &[
    &ACTIONS, &CONTEXT, &DIVIDER, &HEADER, &PICTURE, &INPUT, &RICH_TEXT, &SECTION,
];

/// Images that stand among text.
pub(in super::super) static IMAGES: &[&Shape] = &[&IMAGE];

static IN_ACTIONS: &[&Shape] = &[
    &BUTTON,
    &OVERFLOW,
    &CHECKBOXES,
    &RADIO,
    &DATE,
    &TIME,
    &DATE_TIME,
    &STATIC,
    &EXTERNAL,
    &USERS,
    &CONVERSATIONS,
    &CHANNELS,
];
static BESIDE_SECTION: &[&Shape] = &[
    &BUTTON,
    &OVERFLOW,
    &IMAGE,
    &CHECKBOXES,
    &RADIO,
    &DATE,
    &TIME,
    &STATIC,
    &EXTERNAL,
    &USERS,
    &CONVERSATIONS,
    &CHANNELS,
    &MULTI_STATIC,
    &MULTI_EXTERNAL,
    &MULTI_USERS,
    &MULTI_CONVERSATIONS,
    &MULTI_CHANNELS,
];
static IN_INPUT: &[&Shape] = &[
    &TEXT_INPUT,
    &EMAIL_INPUT,
    &URL_INPUT,
    &NUMBER_INPUT,
    &RICH_TEXT_INPUT,
    &CHECKBOXES,
    &RADIO,
    &DATE,
    &TIME,
    &DATE_TIME,
    &STATIC,
    &EXTERNAL,
    &USERS,
    &CONVERSATIONS,
    &CHANNELS,
    &MULTI_STATIC,
    &MULTI_EXTERNAL,
    &MULTI_USERS,
    &MULTI_CONVERSATIONS,
    &MULTI_CHANNELS,
];

const BLOCK_ID: Field = may("block_id", Rule::Name(ID_CHARS_MAX));

static DIVIDER: Shape = shape("divider", &[BLOCK_ID]);
static HEADER: Shape = shape("header", &[BLOCK_ID, must("text", Rule::Plain(150))]);
static MARKDOWN: Shape = shape("markdown", &[BLOCK_ID, must("text", Rule::Name(12_000))]);

static PICTURE: Shape = shape(
    "image",
    &[
        BLOCK_ID,
        must("image_url", Rule::Name(URL_CHARS_MAX)),
        must("alt_text", Rule::Name(2_000)),
        may("title", Rule::Plain(2_000)),
    ],
);

static SECTION: Shape = Shape {
    kind: Some("section"),
    fields: &[
        BLOCK_ID,
        may("text", Rule::Text(3_000)),
        may("fields", Rule::Texts(10, 2_000)),
        may("accessory", Rule::One(BESIDE_SECTION)),
        may("expand", Rule::Flag),
    ],
    also: |checker, block, at| {
        if block.get("text").is_none() && block.get("fields").is_none() {
            checker.problem(at, "needs text or fields");
        }
    },
};

static CONTEXT: Shape = shape(
    "context",
    &[BLOCK_ID, must("elements", Rule::TextsOrImages(10))],
);

static ACTIONS: Shape = shape(
    "actions",
    &[BLOCK_ID, must("elements", Rule::Many(IN_ACTIONS, 1, 25))],
);

static INPUT: Shape = shape(
    "input",
    &[
        BLOCK_ID,
        must("label", Rule::Plain(2_000)),
        must("element", Rule::One(IN_INPUT)),
        may("hint", Rule::Plain(2_000)),
        may("optional", Rule::Flag),
        may("dispatch_action", Rule::Flag),
    ],
);
