// What the guild's page knows: the guild as the reader sees it, and where the reader is.

import { h } from "./dom.js";

/** The guild as the server last told it. */
export let state = null;

/** Who the reader is, and which channel or thread they look at. */
export const place = { me: "", room: "" };

const listeners = new Set();

/** Calls `listener` after each change. */
export const subscribe = (listener) => listeners.add(listener);

export const person = (id) => state.people.find((one) => one.id === id);
export const room = (id = place.room) => state.rooms.find((one) => one.id === id);
export const isApp = (id) => id === state.app.id;
export const nameOf = (id) => person(id)?.shown ?? "somebody";

/** Goes somewhere; what is not named stays as it is. */
export function go({ me = place.me, room = place.room }) {
  location.hash = `#/${[me, room].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

let isLoading = false;
let isStale = false;

/** Asks the server for the newest state; requests that come meanwhile become one. */
async function refresh() {
  isStale = true;
  if (isLoading) return;
  isLoading = true;
  try {
    while (isStale) {
      isStale = false;
      const [me = "", at = ""] = location.hash.slice(2).split("/").map(decodeURIComponent);
      state = await load(me || place.me);
      if (!state.me) state = await load(state.people.find((one) => !one.is_bot)?.id ?? "");
      place.me = state.me;
      const direct = state.rooms.find((one) => one.kind === "direct");
      const there = room(at) ?? (at === "app" ? direct : null) ?? state.rooms[0];
      place.room = there?.id ?? "";
      listeners.forEach((listener) => listener());
    }
  } finally {
    isLoading = false;
  }
}

const load = async (me) => (await fetch(`/page/guild/state?as=${encodeURIComponent(me)}`)).json();

/** Follows the address and the server for as long as the page is open; with `?still` only once. */
export function follow() {
  addEventListener("hashchange", refresh);
  if (!new URLSearchParams(location.search).has("still")) {
    new EventSource("/page/live").addEventListener("change", refresh);
  }
  return refresh();
}

/** Does something as the reader; a fault is thrown with its `errors`. */
export async function act(what, more = {}) {
  const answer = await fetch("/page/guild/act", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: place.me, do: what, ...more }),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.error ?? `Status ${answer.status}`), { errors: told.errors ?? {} });
  return told;
}

/** Does something, and shows the reader a fault instead of throwing it. */
export async function attempt(what, more) {
  try {
    return await act(what, more);
  } catch (fault) {
    toast(fault.message);
    return null;
  }
}

/** Shows a fault for some seconds. */
export function toast(text) {
  const node = h("div", { class: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 7000);
}
