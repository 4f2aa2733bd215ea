// Who the reader is, and where they can go.

import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { direct, go, place, state } from "./store.js";

/** The people whom the reader can be. */
export function drawRail(rail) {
  const people = state.people.filter((person) => !["deactivated", "bot"].includes(person.standing));
  const be = (person) => {
    const isMe = person.id === place.me;
    const unread = isMe ? 0 : person.unread;
    const first = person.name.split(" ")[0];
    const label = `${person.name}${person.title ? `, ${person.title}` : ""}${unread ? `, ${unread} unread` : ""}`;
    return h(
      "button",
      { class: "face", type: "button", title: label, "aria-label": `Be ${label}`, "aria-pressed": String(isMe), data: { focus: person.id }, onclick: () => go({ me: person.id }) },
      h("span", { class: "face-picture" }, avatar(person.id, "large"), unread > 0 && h("span", { class: "badge" }, String(unread))),
      h("span", { class: "face-name" }, first),
    );
  };
  fill(rail, h("div", { class: "rail-head" }, "You are"), people.map(be), state.has_guild && h("a", { class: "rail-other", href: "/discord", title: "To the guild on Discord" }, "Discord"));
}

/** Channels, the app, and how the app is. */
export function drawSide(side) {
  const me = state.people.find((person) => person.id === place.me);
  const rooms = state.rooms.filter((room) => room.kind !== "direct");
  fill(
    side,
    h("div", { class: "side-head" },
      h("div", { class: "team" }, state.team.name),
      h("div", { class: "whoami" }, me?.name ?? "", me?.title && h("span", { class: "hint" }, me.title),
        me?.standing === "guest" && h("span", { class: "tag" }, "Guest")),
    ),
    h("div", { class: "side-list" },
      h("h2", {}, "Apps"),
      appEntry(),
      h("h2", {}, "Channels"),
      rooms.map(entry),
      !rooms.length && h("p", { class: "hint side-none" }, "In no channel"),
    ),
    h("div", { class: state.app.is_connected ? "status is-on" : "status" },
      h("span", { class: "dot", "aria-hidden": "true" }),
      state.app.is_connected ? `${state.app.name} is connected` : `${state.app.name} is away`,
    ),
  );
}

function entry(room) {
  const isHere = place.tab === "room" && room.id === place.room;
  return h(
    "button",
    { class: room.unread && !isHere ? "entry is-unread" : "entry", type: "button", "aria-current": isHere ? "page" : undefined, data: { focus: room.id }, onclick: () => visit(room.id) },
    icon(room.kind === "private" ? "lock" : "hash"),
    h("span", { class: "entry-name" }, room.name),
    badge(room, isHere),
  );
}

function appEntry() {
  const room = direct();
  const isHere = place.tab !== "room";
  return h(
    "button",
    { class: room?.unread && !isHere ? "entry is-unread" : "entry", type: "button", "aria-current": isHere ? "page" : undefined, data: { focus: "app" }, onclick: () => visit(room?.messages.length ? "app" : "home") },
    avatar(state.app.user, "tiny"),
    h("span", { class: "entry-name" }, state.app.name),
    room && badge(room, place.tab === "app"),
  );
}

const badge = (room, isHere) =>
  room.mentions > 0 && !isHere && h("span", { class: "badge", "aria-label": `${room.mentions} for you` }, String(room.mentions));

/** Goes to a room; on a phone that also turns from the list to the room. */
function visit(room) {
  document.getElementById("app").dataset.screen = "room";
  go({ room });
}
