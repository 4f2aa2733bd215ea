// The question that a control asks before it acts.

import { text } from "./blocks.js";
import { h, uniqueId } from "./dom.js";

/** Asks; resolves to whether the reader says yes. Without a question the answer is yes. */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = uniqueId("confirm");
    const style = question.style === "danger" ? "button danger solid" : "button primary solid";
    const dialog = h(
      "dialog",
      { class: "dialog confirm", "aria-labelledby": title, onclose: () => done(dialog.returnValue === "yes") },
      h("form", { method: "dialog" },
        h("h2", { id: title }, text(question.title)),
        h("div", { class: "confirm-text" }, text(question.text)),
        h("div", { class: "dialog-foot" },
          h("button", { class: "button", value: "no" }, text(question.deny)),
          h("button", { class: style, value: "yes", autofocus: true }, text(question.confirm)),
        ),
      ),
    );
    const done = (answer) => {
      dialog.remove();
      resolve(answer);
    };
    document.body.append(dialog);
    dialog.showModal();
  });
}
