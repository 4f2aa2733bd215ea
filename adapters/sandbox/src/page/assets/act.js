// Tells the server what the reader does, and the reader what went wrong.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { place } from "./store.js";

/** Posts `what` as the reader; an answer that isn't fine is thrown with its `errors`. */
export async function post(path, what = {}) {
  const answer = await fetch(`/page/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ as: place.me, ...what }),
  }).catch(() => null);
  if (!answer) throw new Refused("The sandbox isn't running any more.");
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told.error ?? `Status ${answer.status}`, told.errors);
  return told;
}

/** Why something the reader did came to nothing. */
class Refused extends Error {
  constructor(message, errors = {}) {
    super(message);
    this.errors = errors;
  }
}

/** Posts, and shows the reader a fault instead of throwing it; whether all went well. */
export async function attempt(path, what) {
  try {
    await post(path, what);
    return true;
  } catch (fault) {
    toast(fault.message);
    return false;
  }
}

/** Shows a fault for some seconds. */
export function toast(text) {
  const close = () => node.remove();
  const node = h(
    "div",
    { class: "toast" },
    icon("warning"),
    h("span", {}, text.charAt(0).toUpperCase() + text.slice(1)),
    h("button", { class: "plain", "aria-label": "Dismiss", onclick: close }, icon("close")),
  );
  document.getElementById("toasts").append(node);
  setTimeout(close, 7000);
}
