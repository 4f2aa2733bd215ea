// The modal that the reader has open. The browser's own dialog keeps the focus inside it.

import { post } from "./act.js";
import { avatar } from "./avatar.js";
import { blocks, text } from "./blocks.js";
import { fill, h, uniqueId } from "./dom.js";
import { viewContext } from "./home.js";
import { icon } from "./icons.js";
import { state } from "./store.js";

let dialog = null;
let drawn = "";
/** Words typed into each view and not yet sent, and what is wrong with its fields. */
const typed = new Map();
const faults = new Map();
let trouble = "";
let isSending = false;

/** Shows the reader's top view, or none. */
export function drawModal() {
  const view = state.views.at(-1);
  if (!view) {
    dialog?.remove();
    dialog = null;
    drawn = "";
    typed.clear();
    faults.clear();
    return;
  }
  for (const id of typed.keys()) if (!state.views.some((one) => one.id === id)) typed.delete(id);
  if (!typed.has(view.id)) typed.set(view.id, new Map());
  const sign = JSON.stringify([view, [...(faults.get(view.id) ?? [])], trouble, isSending]);
  if (sign === drawn) return;
  const isFirst = !dialog || dialog.dataset.view !== view.id;
  drawn = sign;
  if (!dialog) {
    dialog = h("dialog", { class: "dialog modal", oncancel: (event) => cancel(event) });
    document.body.append(dialog);
  }
  dialog.dataset.view = view.id;
  const top = dialog.querySelector(".dialog-body")?.scrollTop ?? 0;
  draw(view);
  if (!dialog.open) dialog.showModal();
  if (isFirst) firstField()?.focus();
  else dialog.querySelector(".dialog-body").scrollTop = top;
}

/** A form begins at its first field; a question at its heading, so that Enter decides nothing. */
const firstField = () =>
  dialog.querySelector("[autofocus], .input-block input:not([type=radio]), .input-block textarea") ?? dialog.querySelector("h2");

function draw(view) {
  const { content } = view;
  const title = uniqueId("modal");
  const below = state.views.length > 1;
  const onFault = (block) => faults.get(view.id)?.get(block.block_id);
  dialog.setAttribute("aria-labelledby", title);
  fill(
    dialog,
    h("form", { class: "dialog-form", novalidate: true, onsubmit: (event) => submit(event, view) },
      h("header", { class: "dialog-head" },
        avatar(state.app.user, "small"),
        h("h2", { id: title, tabindex: "-1" }, text(content.title)),
        h("button", { type: "button", class: "plain", "aria-label": below ? "Back" : "Close", onclick: () => close(view) }, icon(below ? "back" : "close")),
      ),
      h("div", { class: "dialog-body blocks", tabindex: "-1" },
        trouble && h("div", { class: "trouble", role: "alert" }, icon("warning"), trouble),
        blocks(content.blocks, viewContext(view, typed.get(view.id), onFault)),
      ),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", data: { focus: "close" }, onclick: () => close(view) }, content.close ? text(content.close) : content.submit ? "Cancel" : "Close"),
        content.submit &&
          h("button", { type: "submit", class: "button primary solid", "aria-busy": String(isSending), data: { focus: "submit" } }, text(content.submit)),
      ),
    ),
  );
}

async function submit(event, view) {
  event.preventDefault();
  if (isSending) return;
  isSending = true;
  trouble = "";
  faults.delete(view.id);
  drawModal();
  try {
    const told = await post("submit", { view: view.id, input: Object.fromEntries(typed.get(view.id)) });
    if (!told.errors) typed.get(view.id)?.clear();
    else faults.set(view.id, new Map(Object.entries(told.errors)));
  } catch (fault) {
    faults.set(view.id, new Map(Object.entries(fault.errors ?? {})));
    trouble = faults.get(view.id).size ? "" : `That didn't work: ${fault.message}. Try again?`;
  }
  isSending = false;
  drawModal();
  dialog?.querySelector(".has-error :is(input, textarea)")?.focus();
}

const cancel = (event) => {
  event.preventDefault();
  const view = state.views.at(-1);
  if (view) close(view);
};

async function close(view) {
  trouble = "";
  typed.delete(view.id);
  await post("close", { view: view.id }).catch(() => {});
}
