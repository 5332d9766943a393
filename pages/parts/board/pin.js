// The head of a column: the model, in what this run differs from others of it, and the pin that keeps it.

import { setText } from "../shared/nodes.js";
import { PIN_ICON } from "../shared/pin.js";

export const HEAD = `<header><h2 class="title"></h2><span class="differs"></span>
  <button type="button" class="pin">${PIN_ICON}</button></header>`;

const WORDS = {
  pin: "Pin: this run stays, in a column of its own, as the knobs turn",
  kept: "Pinned: this run stays as the knobs turn. Press to unpin",
  unpin: "Unpin: take this column away",
};

// What a screen reader calls a column: the model, and in what its run differs from others of it.
export function fullName({ title, differs = "" }) {
  return differs ? `${title}, ${differs}` : title;
}

export function fillHead(node, column, press) {
  const { differs = "", nth = 0, pinned = false, own = true, canPin = false } = column;
  const button = node.querySelector(".pin");
  node.dataset.nth = nth;
  setText(node, ".differs", differs);
  button.hidden = !canPin;
  button.title = WORDS[!pinned ? "pin" : own ? "kept" : "unpin"];
  button.setAttribute("aria-label", `Pin ${fullName(column)}`);
  button.setAttribute("aria-pressed", pinned);
  button.onclick = press;
}
