// Buttons, menus and pickers.
//
// A context has `name` (unique on the page), `valueOf(block, element)` (what an element holds now),
// `act(block, element, input)` (resolves once the app has been told), `type(block, element, input)`
// (keeps typed words) and `lookUp(block, element, query)` (options of an external select).

import { text } from "./blocks.js";
import { combobox } from "./combobox.js";
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { person, state } from "./store.js";

/** One element; `label` are attributes that name it. */
export function control(block, element, context, label = {}) {
  const held = context.valueOf(block, element) ?? {};
  const focus = `${context.name}/${block.block_id}/${element.action_id}`;
  const shared = { data: { focus }, ...label };
  const act = async (input) => {
    if (await confirmed(element.confirm)) return context.act(block, element, input);
    return false;
  };
  const draw = DRAW[element.type] ?? menu;
  return draw({ block, element, context, held, shared, act });
}

const DRAW = {
  button,
  overflow,
  radio_buttons: choices,
  checkboxes: choices,
  datepicker: (one) => picker(one, "date", one.held.selected_date),
  timepicker: (one) => picker(one, "time", one.held.selected_time),
  datetimepicker: (one) => picker(one, "datetime-local", ""),
  plain_text_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  number_input: typed,
  rich_text_input: typed,
};

function button({ element, shared, act }) {
  const press = async (event) => {
    const node = event.currentTarget;
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    await act(null);
    node.removeAttribute("aria-busy");
    if (element.url) open(element.url, "_blank", "noreferrer,noopener");
  };
  const style = element.style ? `button ${element.style}` : "button";
  const label = element.accessibility_label;
  return h("button", { ...shared, type: "button", class: style, "aria-label": label, onclick: press }, text(element.text));
}

function overflow({ element, shared, act }) {
  const list = h("div", { class: "menu", role: "menu", popover: "auto" });
  const choose = (option) => () => {
    list.hidePopover();
    act(option.value);
  };
  list.append(
    ...element.options.map((option) => h("button", { type: "button", role: "menuitem", onclick: choose(option) }, text(option.text))),
  );
  const toggle = (event) => openMenu(event.currentTarget, list);
  const more = { ...shared, type: "button", class: "button square", "aria-label": "More", "aria-haspopup": "menu", onclick: toggle };
  return h("span", { class: "overflow" }, h("button", more, icon("more")), list);
}

/** Opens a menu beside the button that it belongs to; arrow keys move in it. */
export function openMenu(anchor, list) {
  list.showPopover();
  const box = anchor.getBoundingClientRect();
  const left = Math.min(box.left, innerWidth - list.offsetWidth - 8);
  const below = box.bottom + 4;
  const top = below + list.offsetHeight > innerHeight ? box.top - list.offsetHeight - 4 : below;
  list.style.left = `${Math.max(8, left)}px`;
  list.style.top = `${Math.max(8, top)}px`;
  list.querySelector("button")?.focus();
  list.onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...list.querySelectorAll("button")];
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  };
}

function choices({ element, held, shared, act }) {
  const isRadio = element.type === "radio_buttons";
  const chosen = new Set([held.selected_option, ...(held.selected_options ?? [])].filter(Boolean).map((one) => one.value));
  const change = (event) => {
    const checked = [...event.currentTarget.querySelectorAll("input:checked")].map((input) => input.value);
    act(isRadio ? checked[0] : checked);
  };
  const { data, ...label } = shared;
  const options = element.options.map((option) => {
    const input = {
      type: isRadio ? "radio" : "checkbox",
      name: data.focus,
      value: option.value,
      checked: chosen.has(option.value),
      data: { focus: `${data.focus}/${option.value}` },
    };
    const description = option.description && h("span", { class: "hint" }, text(option.description));
    return h("label", { class: "choice" }, h("input", input), h("span", {}, text(option.text), description));
  });
  return h("div", { ...label, class: "choices", role: isRadio ? "radiogroup" : "group", onchange: change }, options);
}

function picker({ shared, act, element }, type, value) {
  const change = (event) => {
    const picked = event.currentTarget.value;
    act(type === "datetime-local" ? Math.floor(new Date(picked).getTime() / 1000) : picked || null);
  };
  const label = element.placeholder?.text;
  return h("input", { "aria-label": label, ...shared, type, class: "input", value: value ?? "", onchange: change });
}

function typed({ block, element, context, held, shared, act }) {
  const isLong = element.multiline || element.type === "rich_text_input";
  const type = { email_text_input: "email", url_text_input: "url" }[element.type] ?? "text";
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const input = (event) => {
    context.type(block, element, event.currentTarget.value);
    if (block.dispatch_action && triggers.includes("on_character_entered")) act(event.currentTarget.value);
  };
  const keydown = (event) => {
    if (event.key !== "Enter" || isLong || !block.dispatch_action) return;
    event.preventDefault();
    if (triggers.includes("on_enter_pressed")) act(event.currentTarget.value);
  };
  const node = h(isLong ? "textarea" : "input", {
    ...shared,
    class: "input",
    type: isLong ? undefined : type,
    rows: isLong ? "4" : undefined,
    inputmode: element.type === "number_input" ? "decimal" : undefined,
    maxlength: element.max_length && String(element.max_length),
    placeholder: element.placeholder?.text,
    autocomplete: "off",
    autofocus: element.focus_on_load === true,
    oninput: input,
    onkeydown: keydown,
  });
  node.value = held.value ?? "";
  return node;
}

/** All kinds of select menus. */
function menu({ block, element, context, held, shared, act }) {
  const own = (options) => options.map((option) => ({ value: option.value, label: option.text.text, hint: option.description?.text }));
  const people = () => state.people.filter((one) => one.standing !== "deactivated").map((one) => ({ value: one.id, label: one.name, hint: `@${one.handle}` }));
  const rooms = () => state.rooms.filter((one) => one.name).map((one) => ({ value: one.id, label: `#${one.name}` }));
  const kind = element.type.replace("multi_", "").replace("_select", "");
  const groups = element.option_groups?.flatMap((group) => own(group.options).map((option) => ({ ...option, group: group.label.text })));
  const find = {
    static: () => groups ?? own(element.options ?? []),
    external: async (query) => own(await context.lookUp(block, element, query)),
    users: people,
    conversations: rooms,
    channels: rooms,
  }[kind];
  const label = { users: (id) => person(id)?.name ?? id, conversations: roomLabel, channels: roomLabel }[kind];
  const chosen = [held.selected_option, held.selected_options, held.selected_user, held.selected_users, held.selected_channel,
    held.selected_channels, held.selected_conversation, held.selected_conversations].flat().filter(Boolean);
  return combobox({
    shared,
    find,
    isFiltered: kind !== "external",
    minLength: kind === "external" ? (element.min_query_length ?? 3) : 0,
    isMulti: element.type.startsWith("multi_"),
    isClearable: block.type === "input" && block.optional === true,
    placeholder: element.placeholder?.text ?? "Choose…",
    chosen: chosen.map((one) => (typeof one === "string" ? { value: one, label: label(one) } : { value: one.value, label: one.text.text })),
    choose: act,
  });
}

const roomLabel = (id) => `#${state.rooms.find((one) => one.id === id)?.name ?? id}`;
