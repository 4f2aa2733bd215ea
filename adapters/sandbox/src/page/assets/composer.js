// Where the reader writes: words, slash commands, shortcuts.

import { attempt, post, toast } from "./act.js";
import { openMenu } from "./controls.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { place, state } from "./store.js";

/** What was typed and not sent, by person, room and thread. */
const drafts = new Map();

/** A composer for a room, or for one of its threads. */
export function composer(room, threadTs) {
  const key = `${place.me}/${room.id}/${threadTs ?? ""}`;
  const where = room.kind === "direct" ? state.app.name : `#${room.name}`;
  const hint = uniqueId("commands");
  const input = h("textarea", {
    class: "composer-input",
    rows: "1",
    placeholder: threadTs ? "Reply…" : `Message ${where}, or type /`,
    "aria-label": threadTs ? "Reply in thread" : `Message ${where}`,
    "aria-controls": hint,
    autocomplete: "off",
    data: { focus: key },
  });
  input.value = drafts.get(key) ?? "";
  const hints = h("div", { class: "hints", id: hint, role: "listbox", "aria-label": "Suggestions" });
  const suggest = suggestions(input, hints);
  const send = async () => {
    const text = input.value.trim();
    if (!text) return;
    const isCommand = text.startsWith("/");
    if (isCommand && threadTs) return toast("Slash commands don't work in threads. Type it in the channel.");
    if (isCommand && !state.app.commands.some((one) => one.name === text.split(/\s/)[0])) {
      return toast(`${text.split(/\s/)[0]} is not a command here.`);
    }
    input.value = "";
    drafts.delete(key);
    grow(input);
    suggest();
    try {
      await post(isCommand ? "slash" : "say", { channel: room.id, text, thread_ts: threadTs });
    } catch (fault) {
      toast(fault.message);
    }
  };
  input.addEventListener("input", () => {
    drafts.set(key, input.value);
    grow(input);
    suggest();
  });
  input.addEventListener("keydown", (event) => {
    if (suggest.keydown(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  input.addEventListener("blur", () => hints.replaceChildren());
  return h(
    "div",
    { class: "composer" },
    hints,
    h("div", { class: "composer-box" },
      input,
      h("div", { class: "composer-foot" },
        !threadTs && shortcuts(),
        !threadTs && h("button", { type: "button", class: "plain slash", "aria-label": "Type a command", title: "Type a command", onclick: () => start(input, "/") }, "/"),
        h("button", { type: "button", class: "plain slash", "aria-label": "Mention somebody", title: "Mention somebody", onclick: () => start(input, "@") }, "@"),
        h("span", { class: "composer-tip" }, "Enter sends, Shift + Enter starts a line"),
        h("button", { type: "button", class: "send", "aria-label": "Send", onclick: send }, icon("send")),
      ),
    ),
  );
}

function start(input, sign) {
  input.setRangeText(sign, input.selectionEnd, input.selectionEnd, "end");
  input.focus();
  input.dispatchEvent(new Event("input"));
}

function grow(input) {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
}

/** The button that opens the app's global shortcuts. */
function shortcuts() {
  const all = state.app.shortcuts.filter((shortcut) => shortcut.is_global);
  if (!all.length) return null;
  const list = h("div", { class: "menu", role: "menu", popover: "auto" },
    all.map((shortcut) =>
      h("button", { type: "button", role: "menuitem", onclick: () => {
        list.hidePopover();
        attempt("shortcut", { callback_id: shortcut.callback_id });
      } }, icon("bolt"), shortcut.name),
    ),
  );
  const open = (event) => openMenu(event.currentTarget, list);
  return [h("button", { type: "button", class: "plain", "aria-label": "Shortcuts", title: "Shortcuts", "aria-haspopup": "menu", onclick: open }, icon("bolt")), list];
}

/** Offers commands after `/` and people after `@`; the result redraws, `keydown` handles keys. */
function suggestions(input, hints) {
  let found = [];
  let active = 0;
  const draw = () => {
    hints.replaceChildren(
      ...found.map((one, index) =>
        h("div", { class: "hint-row", role: "option", "aria-selected": String(index === active), onmousedown: (event) => event.preventDefault(), onclick: () => take(one) },
          h("strong", {}, one.title), h("span", { class: "usage" }, one.usage ?? ""), h("span", { class: "hint" }, one.hint)),
      ),
    );
  };
  const update = () => {
    found = offers(input);
    active = 0;
    draw();
  };
  const take = (one) => {
    input.setRangeText(`${one.insert} `, one.from, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input"));
    input.focus();
  };
  update.keydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!found.length) return false;
    if (step) active = (active + step + found.length) % found.length;
    else if (event.key === "Escape") found = [];
    else if (event.key === "Tab" || event.key === "Enter") {
      // What is typed in full is sent, not completed.
      const typed = input.value.slice(found[active].from, input.selectionEnd);
      if (event.key === "Enter" && typed === found[active].insert) return false;
      take(found[active]);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    draw();
    return true;
  };
  return update;
}

function offers(input) {
  const before = input.value.slice(0, input.selectionEnd);
  const command = /^(\/\S*)$/.exec(before);
  if (command) {
    const commands = state.app.commands.filter((one) => one.name.startsWith(command[1]));
    return commands.map((one) => ({ title: one.name, usage: one.usage, hint: one.description, insert: one.name, from: 0 }));
  }
  const mention = /(?:^|\s)@([\w.-]*)$/.exec(before);
  if (!mention) return [];
  const from = before.length - mention[1].length - 1;
  const groups = state.usergroups.map((group) => ({ handle: group.handle, name: "User group" }));
  const people = state.people.filter((one) => one.standing !== "deactivated");
  const all = [...people, ...groups].filter((one) => `${one.handle} ${one.name}`.toLowerCase().includes(mention[1].toLowerCase()));
  return all.slice(0, 8).map((one) => ({ title: `@${one.handle}`, hint: one.name, insert: `@${one.handle}`, from }));
}
