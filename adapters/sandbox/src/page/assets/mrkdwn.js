// Slack's mark-up language, turned into elements.
// https://docs.slack.dev/messaging/formatting-message-text

import { formatted, full } from "./date.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { nameOf, place, state } from "./store.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "<([^<>\\n]+)>",
    "(?<![\\p{L}\\p{N}*])\\*(?!\\s)([^*\\n]+?)(?<!\\s)\\*(?![\\p{L}\\p{N}*])",
    "(?<![\\p{L}\\p{N}_])_(?!\\s)([^_\\n]+?)(?<!\\s)_(?![\\p{L}\\p{N}_])",
    "(?<![\\p{L}\\p{N}~])~(?!\\s)([^~\\n]+?)(?<!\\s)~(?![\\p{L}\\p{N}~])",
  ].join("|"),
  "gu",
);

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Text in mark-up as elements. */
export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/);
  return parts.flatMap((part, index) =>
    index % 2 ? h("pre", {}, h("code", {}, unescape(part.replace(/<([^|>]+)(\|[^>]+)?>/g, "$1")))) : lines(part),
  );
}

/** Lines, with those that begin with `>` gathered into quotes. */
function lines(text) {
  const out = [];
  let quoted = [];
  const flush = () => {
    if (quoted.length) out.push(h("blockquote", {}, joined(quoted)));
    quoted = [];
  };
  let plain = [];
  const flushPlain = () => {
    if (plain.length) out.push(...joined(plain));
    plain = [];
  };
  for (const line of text.split("\n")) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote) {
      flushPlain();
      quoted.push(quote[1]);
    } else {
      flush();
      plain.push(line);
    }
  }
  flush();
  flushPlain();
  return out;
}

const joined = (texts) => texts.flatMap((text, index) => (index ? [h("br"), ...inline(text)] : inline(text)));

function inline(text) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    out.push(...leaf(text.slice(from, match.index)));
    const [, code, special, bold, italic, struck] = match;
    if (code) out.push(h("code", {}, unescape(code)));
    else if (special) out.push(token(special));
    else if (bold) out.push(h("strong", {}, inline(bold)));
    else if (italic) out.push(h("em", {}, inline(italic)));
    else out.push(h("s", {}, inline(struck)));
    from = match.index + match[0].length;
  }
  out.push(...leaf(text.slice(from)));
  return out;
}

const leaf = (text) => (text ? [withEmoji(unescape(text))] : []);

/** What stands between angle brackets: a mention, a date or a link. */
function token(special) {
  const [target, label] = special.split(/\|(.*)/s);
  if (target.startsWith("@")) return userMention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9), label);
  if (target.startsWith("!date^")) return date(target.slice(6), label);
  if (target.startsWith("!")) return h("span", { class: "mention is-me" }, `@${label ?? target.slice(1)}`);
  return link(target, label);
}

export function userMention(id) {
  return h("span", { class: id === place.me ? "mention is-me" : "mention" }, `@${nameOf(id)}`);
}

export function channelMention(id, label) {
  const room = state.rooms.find((one) => one.id === id);
  return h("span", { class: "mention" }, `#${room?.name ?? label ?? "private channel"}`);
}

export function groupMention(id, label) {
  const group = state.usergroups.find((one) => one.id === id);
  return h("span", { class: "mention" }, group ? `@${group.handle}` : (label ?? `@${id}`));
}

function date(spec, fallback) {
  const [secs, format, url] = spec.split("^");
  const text = time(Number(secs), format ?? "{date}", unescape(fallback ?? ""));
  return url ? link(url, text) : text;
}

/** A moment, shown by `format`; kept fresh by `freshen`. */
export function time(secs, format, fallback) {
  if (!Number.isFinite(secs)) return h("span", {}, fallback);
  const title = full(new Date(secs * 1000));
  return h("time", { title, data: { secs: String(secs), format } }, formatted(secs, format));
}

/** Brings times like “in 4 minutes” up to date. */
export function freshen() {
  for (const node of document.querySelectorAll("time[data-format]")) {
    node.textContent = formatted(Number(node.dataset.secs), node.dataset.format);
  }
}

export function link(url, label) {
  const shown = typeof label === "string" ? unescape(label) : (label ?? unescape(url).replace(/^mailto:/, ""));
  if (!/^(https?|mailto):/.test(url)) return h("span", {}, shown);
  return h("a", { href: unescape(url), target: "_blank", rel: "noreferrer noopener" }, shown);
}
