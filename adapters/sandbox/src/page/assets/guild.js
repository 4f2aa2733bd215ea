// The guild's page: draws all its parts after each change.

import { fill, h, reconcile } from "./dom.js";
import { composer } from "./guild_composer.js";
import { drawForm } from "./guild_form.js";
import { freshen } from "./guild_markdown.js";
import { face, items } from "./guild_messages.js";
import { follow, go, isApp, place, room, state, subscribe } from "./guild_store.js";

const part = (id) => document.getElementById(id);
let at = "";

function draw() {
  fill(part("people"), people());
  fill(part("channels"), channels());
  const here = room();
  fill(part("head"), head(here));
  const list = part("messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  reconcile(list, here ? items(here) : []);
  const now = `${place.me}/${place.room}`;
  if (isAtEnd || at !== now) list.scrollTop = list.scrollHeight;
  if (at !== now) part("composer").replaceChildren(here ? composer(here) : "");
  at = now;
  drawForm();
  part("app").removeAttribute("aria-busy");
  document.title = state.guild.name;
}

function people() {
  const one = (person) =>
    h("button", {
      class: `who ${person.id === place.me ? "is-me" : ""}`,
      "aria-pressed": String(person.id === place.me),
      title: [person.shown, person.title, person.is_timed_out && "timed out"].filter(Boolean).join(", "),
      disabled: !person.is_here,
      data: { focus: `who-${person.id}` },
      onclick: () => go({ me: person.id }),
    }, face(person.id), h("span", { class: "unseen" }, person.shown));
  const other = state.has_workspace && h("a", { class: "who switch", href: "/", title: "To the workspace on Slack" }, "Slack");
  return [...state.people.filter((person) => !person.is_bot).map(one), other];
}

function channels() {
  const entry = (one, label, className = "") =>
    h("button", {
      class: `entry ${className} ${one.id === place.room ? "is-here" : ""}`,
      "aria-current": one.id === place.room ? "page" : null,
      data: { focus: `room-${one.id}` },
      onclick: () => go({ room: one.id }),
    }, label);
  const threads = (parent) =>
    state.rooms.filter((one) => one.parent === parent.id).map((one) => entry(one, `↳ ${one.name}`, one.is_archived ? "is-thread is-quiet" : "is-thread"));
  const texts = state.rooms.filter((one) => one.kind === "text");
  const direct = state.rooms.find((one) => one.kind === "direct");
  const me = state.people.find((one) => one.id === place.me);
  return [
    h("h1", { class: "guild-name" }, state.guild.name),
    h("div", { class: "list" },
      texts.map((one) => [entry(one, `${one.is_private ? "🔒" : "#"} ${one.name}`), threads(one)]),
      direct && [h("h2", {}, "Direct messages"), entry(direct, state.app.name)]),
    h("div", { class: "status" },
      me && [face(me.id), h("span", {}, h("strong", {}, me.shown), h("small", {}, me.title || `@${me.username}`))],
      h("span", { class: state.app.is_connected ? "dot is-on" : "dot", title: state.app.is_connected ? "The app is connected" : "The app is not connected" })),
  ];
}

function head(here) {
  if (!here) return h("h2", {}, "Nothing to see for you");
  const name = here.kind === "direct" ? `@ ${state.app.name}` : `# ${here.name}`;
  const note = here.is_locked ? "locked" : here.is_archived ? "archived" : here.topic;
  const back = here.parent && h("button", { class: "back", onclick: () => go({ room: here.parent }) }, "← to the channel");
  return [h("h2", {}, name), note && h("span", { class: "topic" }, note), back];
}

addEventListener("keydown", (event) => {
  if (!event.altKey || !state || document.querySelector("dialog[open]")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const person = state.people.filter((one) => !isApp(one.id) && !one.is_bot)[Number(event.key) - 1];
  if (step) {
    const index = state.rooms.findIndex((one) => one.id === place.room);
    go({ room: state.rooms.at((index + step) % state.rooms.length).id });
  } else if (person) go({ me: person.id });
  else return;
  event.preventDefault();
});

setInterval(freshen, 10_000);
subscribe(draw);
follow();
