// The thread that is open beside the room.

import { composer } from "./composer.js";
import { h, reconcile } from "./dom.js";
import { icon } from "./icons.js";
import { threadItems } from "./messages.js";
import { go, place, room, state } from "./store.js";

let drawn = "";

/** Shows the open thread, or nothing. */
export function drawThread(pane) {
  const here = room();
  const head = here?.messages.find((message) => message.ts === place.thread);
  pane.hidden = !head;
  document.getElementById("app").classList.toggle("has-thread", Boolean(head));
  if (!head) {
    drawn = "";
    pane.replaceChildren();
    return;
  }
  const sign = `${place.me}/${here.id}/${head.ts}`;
  if (sign !== drawn) {
    drawn = sign;
    const close = () => go({ thread: "" });
    const where = here.kind === "direct" ? state.app.name : `#${here.name}`;
    pane.replaceChildren(
      h("header", { class: "room-head" },
        h("div", { class: "room-title" }, h("h2", {}, "Thread"), h("span", { class: "topic" }, where)),
        h("button", { type: "button", class: "plain", "aria-label": "Close thread", onclick: close }, icon("close")),
      ),
      h("div", { class: "messages", tabindex: "-1" }),
      composer(here, head.ts),
    );
    pane.onkeydown = (event) => event.key === "Escape" && !event.defaultPrevented && close();
  }
  const list = pane.querySelector(".messages");
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  reconcile(list, threadItems(here, head));
  if (isAtEnd) list.scrollTop = list.scrollHeight;
}
