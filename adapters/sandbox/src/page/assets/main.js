// The page: draws all its parts after each change.

import { drawModal } from "./modal.js";
import { freshen } from "./mrkdwn.js";
import { drawRoom } from "./room.js";
import { drawRail, drawSide } from "./sidebar.js";
import { follow, go, place, refresh, state, subscribe } from "./store.js";
import { drawThread } from "./thread.js";

const part = (id) => document.getElementById(id);

function draw() {
  drawRail(part("rail"));
  drawSide(part("side"));
  drawRoom(part("room"));
  drawThread(part("thread"));
  drawModal();
  part("app").removeAttribute("aria-busy");
  const unread = state.rooms.reduce((sum, room) => sum + room.mentions, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${state.team.name}`;
}

/** Alt + arrow keys go through the channels, Alt + digits through the people. */
addEventListener("keydown", (event) => {
  if (!event.altKey || !state || document.querySelector("dialog[open]")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const people = state.people.filter((person) => !["deactivated", "bot"].includes(person.standing));
  const person = people[Number(event.key) - 1];
  if (step) {
    const rooms = state.rooms.filter((room) => room.kind !== "direct");
    const at = rooms.findIndex((room) => room.id === place.room);
    go({ room: rooms.at((at + step) % rooms.length).id });
  } else if (person) go({ me: person.id });
  else return;
  event.preventDefault();
});

document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
setInterval(freshen, 10_000);
subscribe(draw);
follow();
