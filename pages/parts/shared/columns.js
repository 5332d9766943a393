// Columns, one a model, of the board and of the maps.

import { element, setText } from "./nodes.js";

export const STAGE_CARD = '<div class="card" hidden role="status"><p></p><button type="button"></button></div>';

// Fills what every column has: its name, how much of its training is done, its facts, and a card with a message and a
// button.
export function fillColumn(node, column, progress, act) {
  node.dataset.model = column.model;
  setText(node, ".title", column.title);
  node.querySelector(".progress").style.width = `${100 * (column.state === "finished" ? 1 : progress)}%`;
  node.querySelector(".facts").replaceChildren(...column.facts.map(factNode));
  const card = node.querySelector(".card");
  card.hidden = !column.message;
  card.dataset.kind = column.state;
  setText(card, "p", column.message ?? "");
  const button = card.querySelector("button");
  button.hidden = !column.action;
  button.textContent = column.action ?? "";
  button.disabled = false;
  button.onclick = () => { button.disabled = true; act(column.model); };
}

function factNode(fact) {
  const row = document.createElement("div");
  row.append(element("dt", fact.name), element("dd", fact.value), element("dd", fact.note, "note"));
  return row;
}
