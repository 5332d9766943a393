// Elements and their words.

// Gives a holder one child for each item: `make(i)` where one is missing, then `fill(child, item, i)`.
export function fillChildren(holder, items, make, fill) {
  while (holder.children.length > items.length) holder.lastChild.remove();
  items.forEach((item, i) => fill(holder.children[i] ?? holder.appendChild(make(i)), item, i));
}

export function element(tag, text = "", className = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

// Sets an element's text if it is another: a screen reader speaks only what has changed.
export function setText(root, selector, text) {
  const node = root.querySelector(selector);
  if (node.textContent !== text) node.textContent = text;
}

// A share as a percentage: whole from a tenth on, else of one digit.
export function percent(share) {
  return share >= 0.1 ? `${Math.round(100 * share)} %` : `${Number((100 * share).toPrecision(1))} %`;
}

// A number with a minus sign, not a hyphen.
export function decimal(value, places) {
  return value.toFixed(places).replace("-", "−");
}
