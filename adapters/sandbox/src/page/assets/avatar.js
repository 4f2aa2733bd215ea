// Pictures of people: their initials on a colour of their own. The app has its emblem.

import { h } from "./dom.js";
import { isApp, person, state } from "./store.js";

const HUES = 8;

const hue = (id) => Math.max(0, state.people.findIndex((one) => one.id === id)) % HUES;

const initials = (name) => {
  const words = name.split(/[\s.-]+/).filter(Boolean);
  return (words.length > 1 ? [words[0], words.at(-1)] : words).map((word) => word[0]).join("").toUpperCase();
};

/** The picture of whoever has this user id. */
export function avatar(id, size = "") {
  if (isApp(id)) return h("img", { class: `avatar ${size}`, src: "/page/files/icon.svg", alt: "" });
  const name = person(id)?.name ?? id;
  return h("span", { class: `avatar hue-${hue(id)} ${size}`, "aria-hidden": "true" }, initials(name));
}
