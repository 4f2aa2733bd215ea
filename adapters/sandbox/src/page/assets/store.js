// What the page knows: the workspace as the reader sees it, and where the reader is.

const listeners = new Set();

/** The workspace as the server last told it. */
export let state = null;

/** Who the reader is, which room or Home they look at, and which thread is open. */
export const place = { me: "", room: "", thread: "", tab: "room", newSince: "", newUntil: "" };

/** Calls `listener` after each change. */
export const subscribe = (listener) => listeners.add(listener);

const notify = () => listeners.forEach((listener) => listener());

export const person = (id) => state.people.find((one) => one.id === id);
export const room = (id = place.room) => state.rooms.find((one) => one.id === id);
export const direct = () => state.rooms.find((one) => one.kind === "direct");
export const isApp = (id) => id === state.app.user;

/** The name that a message or mention shows for a user id. */
export function nameOf(id) {
  if (isApp(id)) return state.app.name;
  if (id === "USLACKBOT") return "workspace";
  return person(id)?.shown ?? id;
}

/** Reads the place from the address, filling in what it leaves out. */
function locate() {
  const [me, at, thread] = location.hash.slice(2).split("/").map(decodeURIComponent);
  return { me: me ?? "", at: at ?? "", thread: thread ?? "" };
}

/** Goes somewhere; what is not named stays as it is. */
export function go({ me = place.me, room = place.tab === "room" ? place.room : place.tab, thread = "" }) {
  const parts = [me, room, thread].filter(Boolean).map(encodeURIComponent);
  location.hash = `#/${parts.join("/")}`;
}

let isLoading = false;
let isStale = false;

/** Asks the server for the newest state; requests that come meanwhile become one. */
export async function refresh() {
  if (isLoading) {
    isStale = true;
    return;
  }
  isLoading = true;
  try {
    do {
      isStale = false;
      const wanted = locate().me || place.me || (await firstPerson());
      const answer = await fetch(`/page/state?as=${encodeURIComponent(wanted)}`);
      state = await answer.json();
      settle();
      notify();
    } while (isStale);
  } finally {
    isLoading = false;
  }
}

async function firstPerson() {
  const { people } = await (await fetch("/page/state?as=")).json();
  return people.find((one) => one.standing === "member")?.id ?? "";
}

/** Brings the place in line with the address and with what exists. */
function settle() {
  const { me, at, thread } = locate();
  const before = `${place.me}/${place.room}/${place.tab}`;
  place.me = state.people.some((one) => one.id === me) ? me : state.me;
  const isApp = at === "app" || at === direct()?.id;
  place.tab = at === "home" ? "home" : isApp ? "app" : "room";
  const there = state.rooms.find((one) => one.id === at && one.kind !== "direct");
  place.room = { home: "", app: direct()?.id ?? "", room: (there ?? firstRoom())?.id ?? "" }[place.tab];
  place.thread = thread;
  if (before === `${place.me}/${place.room}/${place.tab}`) return;
  place.newSince = room()?.read_ts ?? "";
  place.newUntil = room()?.messages.at(-1)?.ts ?? "";
}

const firstRoom = () => state.rooms.find((one) => one.kind !== "direct");

/** Follows the address and the server for as long as the page is open; with `?still` only once. */
export function follow() {
  addEventListener("hashchange", refresh);
  if (new URLSearchParams(location.search).has("still")) return refresh();
  const events = new EventSource("/page/live");
  events.addEventListener("change", refresh);
  events.addEventListener("open", () => document.body.classList.remove("is-offline"));
  events.addEventListener("error", () => document.body.classList.add("is-offline"));
  return refresh();
}
