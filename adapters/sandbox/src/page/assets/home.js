// The app's own place: its Home tab and its direct messages.

import { attempt } from "./act.js";
import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { go, place, state } from "./store.js";

/** The tabs of the app. */
export function tabs() {
  const tab = (at, label) =>
    h("button", { type: "button", role: "tab", class: "tab", "aria-selected": String(place.tab === at), data: { focus: `tab-${at}` }, onclick: () => go({ room: at }) }, label);
  return h("div", { class: "tabs", role: "tablist" }, tab("home", "Home"), tab("app", "Messages"));
}

/** What the app shows on the reader's Home tab. */
export function homeTab() {
  if (!state.home) {
    return h("div", { class: "empty" }, h("p", {}, state.app.is_connected ? "Nothing here yet." : `${state.app.name} is away.`));
  }
  return h("div", { class: "home blocks" }, blocks(state.home.content.blocks, viewContext(state.home, new Map())));
}

/** What controls in a view hold and do; see controls.js. `typed` keeps words not yet sent. */
export function viewContext(view, typed, onFault) {
  const name = (block, element) => `${block.block_id}/${element.action_id}`;
  return {
    name: view.id,
    valueOf: (block, element) => {
      const held = view.values[block.block_id]?.[element.action_id];
      const words = typed.get(name(block, element));
      return words === undefined ? held : { ...held, value: words };
    },
    act: (block, element, input) => attempt("enter", { view: view.id, control: name(block, element), input }),
    type: (block, element, input) => typed.set(name(block, element), input),
    lookUp: async (block, element, query) => {
      const answer = await fetch("/page/options", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ as: place.me, view: view.id, control: name(block, element), text: query }),
      });
      if (!answer.ok) throw new Error("no options");
      return (await answer.json()).options;
    },
    errorOf: (block) => onFault?.(block) ?? view.errors[block.block_id],
  };
}
