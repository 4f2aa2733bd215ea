// Builds and updates the page's elements. Text always goes in as text, never as markup.

/** An element: `h("button", { class: "x", onclick }, "label", child)`. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

/** Shows `children` in `parent`, replacing what was there; focus stays where it was. */
export function fill(parent, ...children) {
  const focus = focusIn(parent);
  parent.replaceChildren(...children.flat(Infinity).filter(Boolean));
  refocus(parent, focus);
  return parent;
}

/**
 * Makes the children of `parent` match `items`, each `{ key, sign, make }`: a child is made anew
 * only when its `sign` has changed, so that scroll position, focus and selection stay.
 */
export function reconcile(parent, items) {
  const there = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let next = parent.firstElementChild;
  for (const { key, sign, make } of items) {
    let child = there.get(key);
    there.delete(key);
    if (!child || child.dataset.sign !== sign) {
      const focus = child && focusIn(child);
      const fresh = make();
      fresh.dataset.key = key;
      fresh.dataset.sign = sign;
      if (child) {
        if (next === child) next = fresh;
        child.replaceWith(fresh);
        refocus(fresh, focus);
      }
      child = fresh;
    }
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  for (const child of there.values()) child.remove();
}

/** Where the focus is inside `node`, as something that survives a new rendering. */
function focusIn(node) {
  const active = document.activeElement;
  if (!active?.dataset.focus || !node.contains(active)) return null;
  const { selectionStart, selectionEnd } = active;
  return { name: active.dataset.focus, selectionStart, selectionEnd };
}

function refocus(node, focus) {
  if (!focus) return;
  const target = node.querySelector(`[data-focus="${CSS.escape(focus.name)}"]`);
  if (!target) return;
  target.focus({ preventScroll: true });
  if (typeof focus.selectionStart === "number") {
    target.setSelectionRange(focus.selectionStart, focus.selectionEnd);
  }
}

let counter = 0;
/** An id that no other element has. */
export const uniqueId = (prefix) => `${prefix}-${(counter += 1)}`;

/** Tells people who listen to the page rather than look at it. */
export function announce(text) {
  const live = document.getElementById("live");
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}
