// The room that the reader looks at: a channel, or the app with its tabs.

import { attempt } from "./act.js";
import { avatar } from "./avatar.js";
import { composer } from "./composer.js";
import { announce, fill, h, reconcile } from "./dom.js";
import { homeTab, tabs } from "./home.js";
import { icon } from "./icons.js";
import { channelItems } from "./messages.js";
import { direct, nameOf, place, room, state } from "./store.js";

let drawn = "";
let homeOf = "";
let newest = "";

/** Shows the room. Its frame is drawn anew only when the reader goes elsewhere. */
export function drawRoom(main) {
  if (place.tab === "home") return drawHome(main);
  const here = room() ?? (place.tab === "app" ? noMessages() : null);
  if (!here) return drawNowhere(main);
  const commands = state.app.commands.map((one) => one.name).join();
  const sign = `${place.me}/${place.tab}/${here.id}/${commands}`;
  const isElsewhere = sign !== drawn;
  if (isElsewhere) {
    drawn = sign;
    homeOf = "";
    newest = here.messages.at(-1)?.ts ?? "";
    main.replaceChildren(head(here), h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": "Messages", tabindex: "0" }), composer(here));
  }
  const list = main.querySelector(".messages");
  const isAtEnd = isElsewhere || list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  const items = channelItems(here);
  reconcile(list, items.length ? items : [nothing(here)]);
  if (isAtEnd) list.scrollTop = list.scrollHeight;
  tell(here);
  markRead(here);
}

function drawHome(main) {
  const sign = `${place.me}/home`;
  if (homeOf !== sign) {
    homeOf = sign;
    attempt("home");
  }
  drawn = sign;
  const top = main.querySelector(".messages")?.scrollTop ?? 0;
  fill(main, head(null), h("div", { class: "messages is-home" }, homeTab()));
  main.querySelector(".messages").scrollTop = top;
}

function drawNowhere(main) {
  drawn = "";
  fill(main, h("div", { class: "empty" }, h("p", {}, "You are in no channel here.")));
}

const noMessages = () => direct() ?? { id: "", kind: "direct", messages: [], chosen: {}, name: "", members: [], read_ts: "" };

function head(here) {
  const back = h("button", { type: "button", class: "plain back", "aria-label": "Channels", onclick: () => (document.getElementById("app").dataset.screen = "list") }, icon("back"));
  if (!here || here.kind === "direct") {
    return h("header", { class: "room-head" }, back,
      h("div", { class: "room-title" }, avatar(state.app.user, "small"), h("h1", {}, state.app.name), h("span", { class: "tag" }, "App")), tabs());
  }
  const people = here.members.filter((id) => state.people.some((one) => one.id === id));
  const names = people.map(nameOf).join(", ");
  return h("header", { class: "room-head" }, back,
    h("div", { class: "room-title" }, icon(here.kind === "private" ? "lock" : "hash"), h("h1", {}, here.name), here.topic && h("span", { class: "topic" }, here.topic)),
    h("div", { class: "members", title: names, role: "img", "aria-label": `${people.length} people: ${names}` },
      people.slice(0, 3).map((id) => avatar(id, "tiny")), h("span", {}, String(people.length))));
}

function nothing(here) {
  const command = state.app.commands[0]?.name ?? "/";
  const text = here.kind === "direct" ? `${state.app.name} writes to you here.` : `This is the beginning of #${here.name}.`;
  const make = () =>
    h("div", { class: "empty" }, icon("message"), h("p", {}, text), here.kind !== "direct" && h("p", { class: "hint" }, "Type ", h("kbd", {}, command), " to begin."));
  return { key: "nothing", sign: text, make };
}

/** Reads out what others write while the reader is here. */
function tell(here) {
  const fresh = here.messages.filter((message) => message.ts > newest);
  newest = here.messages.at(-1)?.ts ?? newest;
  const last = fresh.filter((message) => message.author !== place.me).at(-1);
  if (last) announce(`${nameOf(last.author)}: ${last.text}`);
}

function markRead(here) {
  const last = here.messages.at(-1)?.ts ?? "";
  if (document.visibilityState === "visible" && last > here.read_ts) attempt("read", { channel: here.id, ts: last });
}
