// Input blocks: a label, the element, a hint, and what is wrong with it.

import { text } from "./blocks.js";
import { control } from "./controls.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";

/** An input block. The context's `errorOf(block)` tells what is wrong with it. */
export function field(block, context) {
  const [label, help] = [uniqueId("label"), uniqueId("help")];
  const error = context.errorOf?.(block);
  const names = {
    "aria-labelledby": label,
    "aria-describedby": block.hint || error ? help : undefined,
    "aria-invalid": error ? "true" : undefined,
    "aria-required": block.optional ? undefined : "true",
  };
  return h(
    "div",
    { class: error ? "block input-block has-error" : "block input-block", data: { block: block.block_id } },
    h("div", { class: "label", id: label }, text(block.label), block.optional && h("span", { class: "optional" }, "optional")),
    control(block, block.element, context, names),
    h(
      "div",
      { class: "help", id: help },
      error && h("div", { class: "error" }, icon("warning"), h("span", {}, error)),
      block.hint && h("div", { class: "hint" }, text(block.hint)),
    ),
  );
}
