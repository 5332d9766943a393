// A column of the maps: its elements and its words.

import { STAGE_CARD } from "../shared/columns.js";
import { decodePairs } from "../shared/numbers.js";

// How many maps stand side by side.
export function columnCount(n, narrow, small) {
  if (small) return narrow ? 2 : 3;
  return narrow ? Math.min(n, n === 4 ? 2 : 1) : n;
}

export function columnNode() {
  const node = document.createElement("section");
  node.innerHTML = `<div class="rule"><div class="progress"></div></div><h2 class="title"></h2>
      <div class="stage"><canvas class="map" role="application" tabindex="0"></canvas>
        <div class="zoom"><button type="button" aria-label="Nearer">+</button>` +
    `<button type="button" aria-label="Farther">−</button>` +
    `<button type="button" aria-label="The whole map">⤢</button></div>
        ${STAGE_CARD}</div>
      <p class="axis"></p><p class="what"></p><canvas class="strip" role="img"></canvas>` +
    `<p class="strip-note"></p><dl class="facts"></dl>`;
  return node;
}

export function mapWords(column) {
  if (!column.frames.length) return `no map of the ${column.title}`;
  const n = decodePairs(column.frames.at(-1).y).length / 2;
  const facts = column.facts.map(({ name, value }) => `${name} ${value}; `).join("");
  return `${column.title}: ${column.what}; ${n} dots; ${facts}point at a dot to see its picture. Arrow keys step ` +
    `from dot to dot, Enter shows what each model makes of it, plus and minus zoom, Shift and an arrow move the map.`;
}
