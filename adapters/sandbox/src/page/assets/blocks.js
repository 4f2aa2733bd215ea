// Block Kit blocks as elements. `context` says what a control holds and does; see controls.js.

import { control } from "./controls.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { field } from "./field.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** All blocks of a message or view. */
export const blocks = (list, context) => list.map((block) => DRAW[block.type]?.(block, context) ?? unknown(block));

/** A text object. */
export const text = (object) =>
  object.type === "mrkdwn" ? mrkdwn(object.text) : lines(object.emoji ? withEmoji(object.text) : object.text);

const lines = (plain) => plain.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));

const DRAW = {
  header: (block) => h("h3", { class: "block header" }, text(block.text)),
  divider: () => h("hr", { class: "block divider" }),
  section,
  context: (block) => h("div", { class: "block context" }, block.elements.map(contextPart)),
  actions: (block, context) =>
    h("div", { class: "block actions" }, block.elements.map((element) => control(block, element, context))),
  image: (block) =>
    h("figure", { class: "block image" }, picture(block), block.title && h("figcaption", {}, text(block.title))),
  input: (block, context) => field(block, context),
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  markdown: (block) => h("div", { class: "block" }, lines(block.text)),
};

function section(block, context) {
  const fields = block.fields?.map((one) => h("div", { class: "field" }, text(one)));
  return h(
    "div",
    { class: block.accessory ? "block section has-accessory" : "block section" },
    h(
      "div",
      { class: "section-text" },
      block.text && h("div", {}, text(block.text)),
      fields && h("div", { class: "fields" }, fields),
    ),
    block.accessory &&
      h(
        "div",
        { class: "accessory" },
        block.accessory.type === "image" ? picture(block.accessory) : control(block, block.accessory, context),
      ),
  );
}

const contextPart = (part) =>
  part.type === "image" ? picture(part) : h("span", { class: "context-part" }, text(part));

/** The page loads nothing from elsewhere, so a picture is shown by its description. */
const picture = (image) =>
  h("span", { class: "picture", role: "img", "aria-label": image.alt_text, title: image.alt_text }, image.alt_text);

const unknown = (block) => h("div", { class: "block context" }, `[${block.type}]`);
