// Where the reader writes: words, and slash commands with their options.

import { h, uniqueId } from "./dom.js";
import { act, attempt, place, state } from "./guild_store.js";

/** What was typed and not sent, by person and room. */
const drafts = new Map();

/** A composer for a room. */
export function composer(room) {
  const box = h("div", { class: "composer-box" });
  const begin = () => box.replaceChildren(...words(room, (command) => {
    box.replaceChildren(options(room, command, begin));
    box.querySelector("input, select, button")?.focus();
  }));
  begin();
  return box;
}

/** The line for words; `start` is called with the command that is picked. */
function words(room, start) {
  const key = `${place.me}/${room.id}`;
  const hints = h("div", { class: "hints", role: "listbox", "aria-label": "Commands" });
  const where = room.kind === "direct" ? `@${state.app.name}` : `#${room.name}`;
  const input = h("textarea", { class: "composer-input", rows: "1", placeholder: `Message ${where}, or type /`, "aria-label": `Message ${where}` });
  input.value = drafts.get(key) ?? "";
  let found = [];
  let active = 0;
  const draw = () => hints.replaceChildren(...found.map((one, index) =>
    h("div", { class: "hint-row", role: "option", "aria-selected": String(index === active), onmousedown: (event) => event.preventDefault(), onclick: () => start(one) },
      h("strong", {}, `/${one.path}`), h("span", {}, one.description))));
  const update = () => {
    drafts.set(key, input.value);
    const typed = room.kind === "text" && /^\/(.*)$/.exec(input.value)?.[1];
    found = typed === undefined || typed === false ? [] : commands().filter((one) => one.path.startsWith(typed.trim()));
    active = 0;
    draw();
  };
  input.addEventListener("input", update);
  input.addEventListener("keydown", async (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (found.length && step) active = (active + step + found.length) % found.length;
    else if (found.length && (event.key === "Enter" || event.key === "Tab")) {
      drafts.delete(key);
      start(found[active]);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      const text = input.value.trim();
      if (text && (await attempt("say", { channel: room.id, text }))) input.value = "";
      drafts.delete(key);
    } else return;
    event.preventDefault();
    draw();
  });
  return [hints, input];
}

/** All commands, a subcommand each on its own. */
function commands() {
  const leaves = (path, one) => {
    const subs = (one.options ?? []).filter((option) => option.type <= 2);
    if (subs.length) return subs.flatMap((sub) => leaves(`${path} ${sub.name}`, sub));
    return [{ path, description: one.description, options: one.options ?? [] }];
  };
  return state.app.commands.filter((one) => one.type === 1).flatMap((one) => leaves(one.name, one));
}

/** The options of a command, to be filled in; `done` is called when it is sent or given up. */
function options(room, command, done) {
  const held = {};
  const trouble = h("div", { class: "trouble", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    try {
      const sent = act("slash", { channel: room.id, command: command.path, options: held });
      form.setAttribute("aria-busy", "true");
      await sent;
      done();
    } catch (fault) {
      const faults = Object.entries(fault.errors).map(([name, words]) => `${name}: ${words}`);
      trouble.textContent = faults.join("; ") || fault.message;
    }
    form.removeAttribute("aria-busy");
  };
  const form = h("form", { class: "command", onsubmit: send, onkeydown: (event) => event.key === "Escape" && done() },
    h("strong", {}, `/${command.path}`),
    command.options.map((option) => field(room, command, option, held)),
    h("button", { type: "submit", class: "button primary" }, "Send"),
    h("button", { type: "button", class: "button secondary", onclick: done }, "Cancel"),
    trouble);
  return form;
}

function field(room, command, option, held) {
  const id = uniqueId("option");
  const keep = (value) => {
    if (value === "") delete held[option.name];
    else held[option.name] = value;
  };
  const input = option.choices?.length || picks[option.type] ? picker(option, keep) : typing(room, command, option, held, keep);
  const [control, list] = [input].flat();
  control.id = id;
  return h("span", { class: option.required ? "option is-required" : "option", title: option.description },
    h("label", { for: id }, option.name), control, list);
}

const picks = {
  5: () => [["true", "True"], ["false", "False"]],
  6: () => state.people.map((one) => [one.id, `@${one.shown}`]),
  7: () => state.rooms.filter((one) => one.kind === "text").map((one) => [one.id, `#${one.name}`]),
  8: () => state.roles.map((one) => [one.id, `@${one.name}`]),
  9: () => [...picks[6](), ...picks[8]()],
};

function picker(option, keep) {
  const all = option.choices?.length ? option.choices.map((choice) => [String(choice.value), choice.name]) : picks[option.type]();
  const node = h("select", { class: "select" }, h("option", { value: "" }, "–"), all.map(([value, label]) => h("option", { value }, label)));
  node.addEventListener("change", () => keep(node.value && cast(option, node.value)));
  return node;
}

const cast = (option, text) => {
  if (option.type === 5) return text === "true";
  return option.type === 4 || option.type === 10 ? Number(text) : text;
};

function typing(room, command, option, held, keep) {
  const list = h("datalist", { id: uniqueId("choices") });
  const input = h("input", { class: "input", type: option.type === 3 ? "text" : "number", autocomplete: "off", placeholder: option.description });
  let asked = 0;
  const complete = async () => {
    const ask = (asked += 1);
    const typed = { ...held, [option.name]: input.value };
    const told = await act("complete", { channel: room.id, command: command.path, options: typed, focused: option.name }).catch(() => null);
    if (ask !== asked || !told) return;
    list.replaceChildren(...told.choices.map((choice) => h("option", { value: String(choice.value), label: choice.name })));
  };
  input.addEventListener("input", () => {
    keep(input.value && cast(option, input.value));
    if (option.autocomplete) complete();
  });
  if (!option.autocomplete) return input;
  input.setAttribute("list", list.id);
  input.addEventListener("focus", complete);
  return [input, list];
}
