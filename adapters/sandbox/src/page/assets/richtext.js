// Rich text blocks: the text in them is inert, only their own elements format it.

import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, groupMention, link, time, userMention } from "./mrkdwn.js";

/** A rich text block as elements. */
export const richText = (block) => h("div", { class: "rich" }, block.elements.map(part));

function part(element) {
  const pieces = () => element.elements.flatMap(piece);
  switch (element.type) {
    case "rich_text_quote":
      return h("blockquote", {}, pieces());
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, pieces()));
    case "rich_text_list":
      return h(element.style === "ordered" ? "ol" : "ul", {}, element.elements.map((item) => h("li", {}, part(item))));
    default:
      return h("div", {}, pieces());
  }
}

function piece(element) {
  let node = [plain(element)].flat();
  const { bold, italic, strike, code } = element.style ?? {};
  if (code) node = [h("code", {}, node)];
  if (bold) node = [h("strong", {}, node)];
  if (italic) node = [h("em", {}, node)];
  if (strike) node = [h("s", {}, node)];
  return node;
}

function plain(element) {
  switch (element.type) {
    case "text":
      return element.text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
    case "link":
      return link(element.url, element.text || element.url);
    case "user":
      return userMention(element.user_id);
    case "usergroup":
      return groupMention(element.usergroup_id);
    case "channel":
      return channelMention(element.channel_id);
    case "broadcast":
      return h("span", { class: "mention is-me" }, `@${element.range}`);
    case "emoji":
      return emoji(element.name);
    case "date":
      return time(element.timestamp, element.format, element.fallback);
    default:
      return element.value ?? "";
  }
}
