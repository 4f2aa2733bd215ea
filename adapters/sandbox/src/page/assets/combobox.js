// A select that is searched by typing, after the combobox pattern of WAI-ARIA.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

/**
 * `find(query)` gives options `{ value, label, hint, group }`, now or later; `choose(input)` takes
 * a value, a list of them, or null.
 */
export function combobox({ shared, find, isFiltered, minLength, isMulti, isClearable, placeholder, chosen, choose }) {
  const listId = uniqueId("options");
  const single = isMulti ? null : chosen[0];
  let options = [];
  let active = -1;
  let asked = 0;

  const input = h("input", {
    ...shared,
    class: "input combo-input",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: isMulti && chosen.length ? "" : placeholder,
    value: single?.label ?? "",
  });
  if (!shared["aria-labelledby"]) input.setAttribute("aria-label", placeholder);
  const list = h("div", { class: "menu options", id: listId, role: "listbox", popover: "manual" });

  const isOpen = () => list.matches(":popover-open");
  const close = () => {
    if (isOpen()) list.hidePopover();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const restore = () => (input.value = single?.label ?? "");
  const pick = (option) => {
    close();
    if (isMulti) choose([...chosen.map((one) => one.value), option.value]);
    else {
      input.value = option.label;
      choose(option.value);
    }
  };
  const show = async (query) => {
    if (query.length < minLength) return close();
    const ask = (asked += 1);
    const found = find(query);
    if (found instanceof Promise) draw(list, [], -1, "Searching…", pick);
    place(input, list, isOpen);
    const all = await Promise.resolve(found).catch(() => null);
    if (ask !== asked) return;
    const matches = (option) => option.label.toLowerCase().includes(query.toLowerCase());
    const taken = new Set(isMulti ? chosen.map((one) => one.value) : []);
    options = (all ?? []).filter((option) => !taken.has(option.value) && (!isFiltered || matches(option)));
    active = options.length ? Math.max(0, options.findIndex((option) => option.value === single?.value)) : -1;
    draw(list, options, active, all ? "Nothing matches" : "Couldn't load. Type again.", pick);
    place(input, list, isOpen);
    mark();
  };
  const mark = () => {
    const rows = list.querySelectorAll("[role=option]");
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === active)));
    if (rows[active]) {
      input.setAttribute("aria-activedescendant", rows[active].id);
      rows[active].scrollIntoView({ block: "nearest" });
    }
  };
  const keys = {
    ArrowDown: () => (isOpen() ? move(1) : show("")),
    ArrowUp: () => (isOpen() ? move(-1) : show("")),
    Enter: () => (isOpen() && options[active] ? pick(options[active]) : undefined),
    Escape: () => {
      if (!isOpen()) return false;
      close();
      restore();
      return undefined;
    },
    Tab: () => {
      if (isOpen() && options[active] && input.value && input.value !== single?.label) pick(options[active]);
      else close();
      return false;
    },
  };
  const move = (step) => {
    if (!options.length) return;
    active = (active + step + options.length) % options.length;
    mark();
  };
  input.addEventListener("keydown", (event) => {
    const key = keys[event.key];
    if (key && key() !== false) event.preventDefault();
    if (event.key === "Escape" && event.defaultPrevented) event.stopPropagation();
  });
  input.addEventListener("input", () => show(input.value));
  input.addEventListener("click", () => {
    input.select();
    if (!isOpen()) show("");
  });
  input.addEventListener("blur", () => {
    if (!input.isConnected) return;
    asked += 1;
    close();
    restore();
  });

  const drop = (value) => () => choose(chosen.map((one) => one.value).filter((one) => one !== value));
  const chips = isMulti && chosen.map((one) =>
    h("span", { class: "chip" }, one.label, h("button", { type: "button", class: "plain", "aria-label": `Remove ${one.label}`, onclick: drop(one.value) }, icon("close"))));
  const clear = isClearable && single &&
    h("button", { type: "button", class: "plain combo-clear", "aria-label": "Clear", onclick: () => choose(null) }, icon("close"));
  return h("span", { class: "combo" }, chips, input, clear || icon("chevron", "combo-arrow"), list);
}

function draw(list, options, active, empty, pick) {
  let group = null;
  const rows = options.flatMap((option, index) => {
    const head = option.group && option.group !== group && h("div", { class: "group", role: "presentation" }, option.group);
    group = option.group;
    const row = h(
      "div",
      { class: "option", role: "option", id: uniqueId("option"), "aria-selected": String(index === active), onmousedown: (event) => event.preventDefault(), onclick: () => pick(option) },
      h("span", {}, option.label),
      option.hint && h("span", { class: "hint" }, option.hint),
    );
    return [head, row];
  });
  list.replaceChildren(...(rows.length ? rows.filter(Boolean) : [h("div", { class: "none" }, empty)]));
}

/** Opens the list below its input, or above it where there is more room. */
function place(input, list, isOpen) {
  if (!isOpen()) list.showPopover();
  input.setAttribute("aria-expanded", "true");
  const box = input.getBoundingClientRect();
  list.style.width = `${Math.max(box.width, 200)}px`;
  list.style.left = `${Math.min(box.left, innerWidth - list.offsetWidth - 8)}px`;
  const below = innerHeight - box.bottom - 12;
  const isAbove = below < list.offsetHeight && box.top > below;
  list.style.top = isAbove ? `${Math.max(8, box.top - list.offsetHeight - 4)}px` : `${box.bottom + 4}px`;
}
