// Columns, one a model, of the board and of the maps.

import { text } from "./page.js";

// Fills what every column has: its name, how much of its training is done, its facts, and a card with a word and a button.
export function fillColumn(node, column, done, act) {
  node.dataset.model = column.model;
  text(node, ".title", column.title);
  node.querySelector(".progress").style.width = `${100 * (column.state === "finished" ? 1 : done)}%`;
  node.querySelector(".facts").replaceChildren(...column.facts.map(factNode));
  const card = node.querySelector(".card");
  card.hidden = !column.message;
  card.dataset.kind = column.state;
  text(card, "p", column.message ?? "");
  const button = card.querySelector("button");
  button.hidden = !column.action;
  button.textContent = column.action ?? "";
  button.disabled = false;
  button.onclick = () => { button.disabled = true; act(column.model); };
}

function factNode(fact) {
  const row = document.createElement("div");
  for (const [tag, value] of [["dt", fact.name], ["dd", fact.value], ["small", fact.note]]) {
    row.appendChild(document.createElement(tag)).textContent = value;
  }
  return row;
}
