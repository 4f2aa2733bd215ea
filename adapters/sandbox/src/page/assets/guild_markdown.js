// Discord's markdown, as elements: text always goes in as text.

import { h } from "./dom.js";
import { nameOf, room, state } from "./guild_store.js";

/** A text of several lines. */
export function markdown(text) {
  const nodes = [];
  for (const [index, piece] of text.split("```").entries()) {
    if (index % 2) nodes.push(h("pre", {}, piece.replace(/^\w*\n/, "")));
    else nodes.push(...lines(piece));
  }
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  let isRest = false;
  for (const [index, line] of text.split("\n").entries()) {
    const quoted = isRest ? [null, "", line] : /^(>>>|>) (.*)$/.exec(line);
    if (quoted) {
      isRest ||= quoted[1] === ">>>";
      if (!quote) nodes.push((quote = h("blockquote", {})));
      else quote.append("\n");
      quote.append(...inline(quoted[2]));
      continue;
    }
    const big = /^(#{1,3}|-#) (.*)$/.exec(line);
    if (big) nodes.push(h(big[1] === "-#" ? "small" : `h${big[1].length + 2}`, {}, inline(big[2])));
    else nodes.push(index && !quote ? "\n" : "", ...inline(line));
    quote = null;
  }
  return nodes;
}

const TOKENS = [
  [/^\\([^0-9A-Za-z\s])/, (found) => found[1]],
  [/^`([^`]+)`/, (found) => h("code", {}, found[1])],
  [/^\*\*(.+?)\*\*/s, (found) => h("strong", {}, inline(found[1]))],
  [/^__(.+?)__/s, (found) => h("u", {}, inline(found[1]))],
  [/^~~(.+?)~~/s, (found) => h("s", {}, inline(found[1]))],
  [/^\*([^*\s][^*]*)\*/, (found) => h("em", {}, inline(found[1]))],
  [/^_([^_\s][^_]*)_(?!\w)/, (found) => h("em", {}, inline(found[1]))],
  [/^<@!?(\d+)>/, (found) => mention(`@${nameOf(found[1])}`)],
  [/^<@&(\d+)>/, (found) => mention(`@${state.roles.find((role) => role.id === found[1])?.name ?? "deleted-role"}`)],
  [/^<#(\d+)>/, (found) => mention(`#${room(found[1])?.name ?? "unknown"}`)],
  [/^<t:(-?\d+)(?::([tTdDfFsSR]))?>/, (found) => moment(Number(found[1]), found[2] ?? "f")],
  [/^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/, (found) => link(found[2], found[1])],
  [/^https?:\/\/[^\s<>)]+/, (found) => link(found[0], found[0])],
  [/^(@everyone|@here)/, (found) => mention(found[0])],
];

function inline(text) {
  const nodes = [];
  let plain = "";
  while (text) {
    const hit = TOKENS.map(([pattern, make]) => [pattern.exec(text), make]).find(([found]) => found);
    if (hit) {
      nodes.push(plain, hit[1](hit[0]));
      plain = "";
      text = text.slice(hit[0][0].length);
    } else {
      const [letter] = text;
      plain += letter;
      text = text.slice(letter.length);
    }
  }
  return [...nodes, plain].filter((node) => node !== "");
}

const mention = (text) => h("span", { class: "mention" }, text);
const link = (href, text) => h("a", { href, target: "_blank", rel: "noreferrer noopener" }, text);

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

function moment(secs, style) {
  const at = new Date(secs * 1000);
  const node = h("time", { datetime: at.toISOString(), title: at.toLocaleString(), data: { at: String(secs), style } });
  show(node);
  return node;
}

function show(node) {
  const at = new Date(Number(node.dataset.at) * 1000);
  node.textContent = node.dataset.style === "R" ? relative(at) : at.toLocaleString([], STYLES[node.dataset.style] ?? STYLES.f);
}

function relative(at) {
  const secs = (at - Date.now()) / 1000;
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, size]) => Math.abs(secs) >= size) ?? units.at(-1);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(secs / size), unit);
}

/** Times that are told from now are told anew. */
export const freshen = () => document.querySelectorAll("time[data-style=R]").forEach(show);
