// Messages: lists of them, and one by one.

import { attempt } from "./act.js";
import { avatar } from "./avatar.js";
import { blocks } from "./blocks.js";
import { openMenu } from "./controls.js";
import { clock, day, full, ofTs } from "./date.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { mrkdwn } from "./mrkdwn.js";
import { go, isApp, nameOf, place, state } from "./store.js";

/** Messages of one author closer together than this share one heading. */
const GROUP_SECS = 300;

export const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
const isShown = (message) => !isReply(message) || message.broadcast;

/** The messages of a room as items for `reconcile`, with days and what is new set apart. */
export function channelItems(room) {
  const items = [];
  let before = null;
  let isNewMarked = false;
  for (const message of room.messages.filter(isShown)) {
    const today = day(ofTs(message.ts));
    if (!before || day(ofTs(before.ts)) !== today) {
      items.push(mark(`day-${today}`, "day", today));
      before = null;
    }
    const isSince = place.newSince && message.ts > place.newSince && message.ts <= place.newUntil;
    const isNew = isSince && message.author !== place.me;
    if (isNew && !isNewMarked) {
      items.push(mark("new", "new", "New"));
      isNewMarked = true;
      before = null;
    }
    items.push(item(room, message, continues(before, message), thread(room, message)));
    before = message;
  }
  return items;
}

/** The messages of a thread as items for `reconcile`. */
export function threadItems(room, head) {
  const replies = room.messages.filter((message) => isReply(message) && message.thread_ts === head.ts);
  const counted = replies.filter((reply) => !reply.only_for).length;
  const count = counted === 1 ? "1 reply" : `${counted} replies`;
  const rest = replies.map((reply, index) => item(room, reply, continues(replies[index - 1], reply)));
  return [item(room, head, false), mark("count", "day", count), ...rest];
}

function mark(key, className, text) {
  return { key, sign: text, make: () => h("div", { class: `mark ${className}`, role: "separator" }, h("span", {}, text)) };
}

/** Whether a message needs no heading, since the one before it has the same. Cards always have one. */
function continues(before, message) {
  if (!before || before.author !== message.author || before.only_for || message.only_for) return false;
  if (before.blocks.length > 1 || message.blocks.length > 1) return false;
  return message.ts - before.ts < GROUP_SECS;
}

/** What stands below the head of a thread. */
function thread(room, message) {
  const isCounted = (reply) => isReply(reply) && reply.thread_ts === message.ts && !reply.only_for;
  const replies = room.messages.filter(isCounted);
  if (!replies.length) return null;
  const authors = [...new Set(replies.map((reply) => reply.author))].slice(0, 4);
  return { count: replies.length, last: replies.at(-1).ts, authors };
}

function item(room, message, isContinued, replies = null) {
  const chosen = room.chosen[message.ts];
  const names = state.people.map((person) => person.shown).join();
  const sign = JSON.stringify([message, isContinued, replies, chosen, place.me, names]);
  return { key: message.ts, sign, make: () => draw(room, message, isContinued, replies) };
}

function draw(room, message, isContinued, replies) {
  const at = ofTs(message.ts);
  const when = h("time", { class: "when", datetime: at.toISOString(), title: full(at) }, clock(at));
  const classes = ["message", isContinued && "is-continued", message.only_for && "is-private"];
  return h(
    "article",
    { class: classes.filter(Boolean).join(" "), "aria-label": `${nameOf(message.author)}, ${clock(at)}` },
    h("div", { class: "gutter" }, isContinued ? h("span", { class: "when" }, clock(at).replace(/\s?[AP]M$/i, "")) : avatar(message.author)),
    h(
      "div",
      { class: "content" },
      message.only_for && h("div", { class: "only" }, icon("eye"), "Only visible to you"),
      !isContinued &&
        h("header", { class: "byline" },
          h("span", { class: "author" }, nameOf(message.author)),
          isApp(message.author) && h("span", { class: "tag" }, "App"),
          when,
        ),
      body(room, message),
      replies && summary(message, replies),
    ),
    !message.only_for && tools(room, message),
  );
}

function body(room, message) {
  if (message.blocks.length) return h("div", { class: "blocks" }, blocks(message.blocks, context(room, message)));
  const edited = message.edited_ts && h("span", { class: "edited" }, " (edited)");
  return h("div", { class: "blocks" }, h("div", { class: "block" }, mrkdwn(message.text), edited));
}

/** What controls in a message hold and do; see controls.js. */
function context(room, message) {
  const act = (block, element, input) =>
    attempt("choose", { channel: room.id, ts: message.ts, control: `${block.block_id}/${element.action_id}`, input });
  return {
    name: message.ts,
    valueOf: (block, element) =>
      room.chosen[message.ts]?.[block.block_id]?.[element.action_id] ?? {
        selected_option: element.initial_option,
        selected_options: element.initial_options,
        value: element.initial_value,
      },
    act,
    type: () => {},
    lookUp: () => Promise.resolve([]),
  };
}

function summary(message, { count, last, authors }) {
  return h(
    "button",
    { class: "replies", type: "button", onclick: () => go({ thread: message.ts }) },
    h("span", { class: "faces" }, authors.map((author) => avatar(author, "tiny"))),
    h("strong", {}, count === 1 ? "1 reply" : `${count} replies`),
    h("span", { class: "hint" }, `last at ${clock(ofTs(last))}`),
  );
}

/** The buttons that show when the message is pointed at or holds the focus. */
function tools(room, message) {
  const shortcuts = state.app.shortcuts.filter((shortcut) => !shortcut.is_global);
  const reply = h(
    "button",
    { type: "button", class: "plain", "aria-label": "Reply in thread", title: "Reply in thread", onclick: () => go({ thread: message.thread_ts ?? message.ts }) },
    icon("reply"),
  );
  const list = h("div", { class: "menu", role: "menu", popover: "auto" },
    shortcuts.map((shortcut) =>
      h("button", { type: "button", role: "menuitem", onclick: () => {
        list.hidePopover();
        attempt("shortcut", { channel: room.id, ts: message.ts, callback_id: shortcut.callback_id });
      } }, icon("bolt"), shortcut.name),
    ),
  );
  const more = shortcuts.length > 0 &&
    h("button", { type: "button", class: "plain", "aria-label": "More actions", title: "More actions", "aria-haspopup": "menu", onclick: (event) => openMenu(event.currentTarget, list) }, icon("more"));
  return h("div", { class: "tools" }, reply, more, more && list);
}
