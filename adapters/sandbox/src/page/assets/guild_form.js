// The form that the reader has open. The browser's own dialog keeps the focus inside it.

import { h, uniqueId } from "./dom.js";
import { markdown } from "./guild_markdown.js";
import { select } from "./guild_messages.js";
import { act, state } from "./guild_store.js";

let dialog = null;
let drawn = "";
let values = {};

/** Shows the reader's form, or none. */
export function drawForm() {
  const { modal } = state;
  const sign = modal ? JSON.stringify(modal) : "";
  if (sign === drawn) return;
  drawn = sign;
  dialog?.remove();
  dialog = null;
  if (!modal) return;
  values = {};
  const title = uniqueId("form");
  const trouble = h("div", { class: "trouble", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    trouble.textContent = "";
    dialog.querySelectorAll(".error").forEach((node) => (node.textContent = ""));
    const show = (faults) => {
      for (const [id, words] of Object.entries(faults)) {
        const place = dialog?.querySelector(`[data-error="${CSS.escape(id)}"]`);
        if (place) place.textContent = ` – ${words}`;
      }
    };
    const faults = incomplete(modal);
    if (Object.keys(faults).length) return show(faults);
    try {
      await act("submit", { values });
    } catch (fault) {
      show(fault.errors);
      if (!Object.keys(fault.errors).length) trouble.textContent = `Something went wrong. Try again. (${fault.message})`;
    }
  };
  const close = () => act("close").catch(() => {});
  dialog = h("dialog", { class: "form", "aria-labelledby": title, oncancel: (event) => {
    event.preventDefault();
    close();
  } },
    h("form", { novalidate: true, onsubmit: send },
      h("h2", { id: title }, modal.title),
      trouble,
      modal.components.map(component),
      h("footer", {},
        h("button", { type: "button", class: "button secondary", onclick: close }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, "Submit"))));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("input, textarea, select")?.focus();
}

/** What keeps the form from being sent, by custom id. */
function incomplete(modal) {
  const elements = modal.components.flatMap((one) => one.component ?? one.components ?? []);
  const faults = {};
  for (const { custom_id: id, type, value = "", options = [], required, min_length: min = 0 } of elements) {
    const held = values[id] ?? (type === 4 ? value : options.filter((one) => one.default));
    if (!held.length && required !== false) faults[id] = "This field is required";
    else if (type === 4 && held.length && [...held].length < min) faults[id] = `At least ${min} needed`;
  }
  return faults;
}

function component(one) {
  if (one.type === 10) return h("div", { class: "text" }, markdown(one.content));
  if (one.type === 18) return field(one.label, one.description, one.component);
  return one.components.map((inner) => field(inner.label, null, inner));
}

function field(label, description, element) {
  const id = uniqueId("field");
  const isRequired = element.required !== false;
  const input = element.type === 4 ? typed(element) : select({ ...element, placeholder: element.placeholder ?? "Choose…" }, (chosen) => (values[element.custom_id] = chosen));
  input.id = id;
  input.removeAttribute("aria-label");
  return h("div", { class: "form-field" },
    h("label", { for: id }, label, isRequired && h("span", { class: "star" }, " *"), h("span", { class: "error", role: "alert", data: { error: element.custom_id } })),
    description && h("small", {}, description),
    input);
}

function typed(element) {
  const tag = element.style === 2 ? "textarea" : "input";
  const input = h(tag, { class: "input", placeholder: element.placeholder ?? "", maxlength: String(element.max_length ?? 4000) });
  input.value = element.value ?? "";
  input.addEventListener("input", () => (values[element.custom_id] = input.value));
  return input;
}
