// Messages of the guild, with embeds, buttons, selects and threads.

import { h } from "./dom.js";
import { markdown } from "./guild_markdown.js";
import { attempt, go, isApp, nameOf, person, place, room, state } from "./guild_store.js";

const HUES = 8;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/** The picture of whoever has this user id: initials on a colour of their own. */
export function face(id) {
  if (isApp(id)) return h("img", { class: "face", src: "/page/files/icon.svg", alt: "" });
  const hue = Math.max(0, state.people.findIndex((one) => one.id === id)) % HUES;
  const words = (person(id)?.shown ?? "?").split(/\s+/);
  const initials = (words.length > 1 ? [words[0], words.at(-1)] : words).map((word) => word[0]).join("");
  return h("span", { class: `face hue-${hue}`, "aria-hidden": "true" }, initials.toUpperCase());
}

/** The messages of a room as items for `reconcile`. */
export function items(here) {
  return here.messages.map((message) => {
    const thread = message.has_thread ? room(message.id) : undefined;
    const sign = JSON.stringify([message, place.me, thread?.messages.length, thread?.is_archived]);
    return { key: message.id, sign, make: () => draw(here, message, thread) };
  });
}

function draw(here, message, thread) {
  const at = new Date(message.at_ms);
  const isMine = message.mentions.includes(place.me) || message.mention_everyone;
  const classes = ["message", message.only_for && "is-private", isMine && "is-mine"];
  const answered = message.interaction;
  return h("article", { class: classes.filter(Boolean).join(" ") },
    face(message.author),
    h("div", { class: "content" },
      answered && h("div", { class: "answered" }, `↱ ${nameOf(answered.user.id)} ${answered.type === 2 ? "used a command" : "acted"}`),
      h("header", {},
        h("strong", {}, nameOf(message.author)),
        person(message.author)?.is_bot && h("span", { class: "tag" }, "APP"),
        h("time", { datetime: at.toISOString(), title: at.toLocaleString() }, at.toLocaleTimeString([], { timeStyle: "short" }))),
      (message.flags & 128) !== 0
        ? h("p", { class: "thinking" }, `${state.app.name} is thinking…`)
        : message.content && h("div", { class: "text" }, markdown(message.content), message.edited_at_ms && h("small", {}, " (edited)")),
      message.embeds.map(embed),
      message.components.map((row) => h("div", { class: "row" }, row.components.map((element) => control(here, message, element)))),
      thread && h("button", { class: "thread", onclick: () => go({ room: thread.id }) }, h("strong", {}, thread.name), ` ${thread.messages.length === 1 ? "1 message" : `${thread.messages.length} messages`} ›`),
      message.only_for && h("div", { class: "only" }, "Only you can see this")));
}

function embed(one) {
  const node = h("div", { class: "embed" },
    one.author && h("div", { class: "embed-author" }, one.author.name),
    one.title && h("div", { class: "embed-title" }, markdown(one.title)),
    one.description && h("div", { class: "text" }, markdown(one.description)),
    one.fields?.length && h("dl", {}, one.fields.map((field) =>
      h("div", { class: field.inline ? "field is-inline" : "field" }, h("dt", {}, markdown(field.name)), h("dd", { class: "text" }, markdown(field.value))))),
    (one.footer || one.timestamp) && h("div", { class: "embed-footer" },
      [one.footer?.text, one.timestamp && new Date(one.timestamp).toLocaleString()].filter(Boolean).join(" · ")));
  if (one.color !== undefined && one.color !== null) node.style.setProperty("--edge", `#${one.color.toString(16).padStart(6, "0")}`);
  return node;
}

function control(here, message, element) {
  const choose = (input) => attempt("choose", { channel: here.id, id: message.id, control: element.custom_id, input });
  if (element.type === 2) {
    const label = [element.emoji?.name, element.label].filter(Boolean).join(" ");
    const className = `button ${STYLES[element.style]}`;
    if (element.style === 5) return h("a", { class: className, href: element.url, target: "_blank", rel: "noreferrer noopener" }, `${label} ↗`);
    const press = async (event) => {
      event.currentTarget.setAttribute("aria-busy", "true");
      const button = event.currentTarget;
      await choose(null);
      button.removeAttribute("aria-busy");
    };
    return h("button", { class: className, disabled: element.disabled === true, data: { focus: element.custom_id }, onclick: press }, label);
  }
  return select(element, (values) => values.length && choose(values));
}

/** A select, whatever it selects among; `changed` gets the values. */
export function select(element, changed) {
  const options = choices(element);
  const isMany = (element.max_values ?? 1) > 1;
  const node = h("select", { class: "select", multiple: isMany, disabled: element.disabled === true, "aria-label": element.placeholder ?? "Choose" },
    !isMany && h("option", { value: "" }, element.placeholder ?? "Choose…"),
    options.map((option) => h("option", { value: option.value, selected: option.default === true, title: option.description ?? "" }, option.label)));
  node.addEventListener("change", () => changed([...node.selectedOptions].map((one) => one.value).filter(Boolean)));
  return node;
}

function choices(element) {
  const people = () => state.people.map((one) => ({ value: one.id, label: `@${one.shown}` }));
  const roles = () => state.roles.map((one) => ({ value: one.id, label: `@${one.name}` }));
  const rooms = () => state.rooms.filter((one) => one.kind === "text").map((one) => ({ value: one.id, label: `#${one.name}` }));
  const by = { 3: () => element.options, 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: rooms };
  return by[element.type]?.() ?? [];
}
