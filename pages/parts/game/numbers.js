// A game's numbers: a table of those of the round that is shown, and charts of loss and accuracy through the game.

import { fillChildren } from "../shared/nodes.js";
import { clamp } from "../shared/numbers.js";
import { linePath, trimmedRange } from "../shared/scales.js";

const SIZE = { height: 74, left: 30, right: 2, top: 15, bottom: 4 };
const LOG4 = Math.log(4);

const format = (value, places = 3) => (value === null || value === undefined ? "—" : value.toFixed(places));

export function numbersTable(node, n, theory) {
  const cells = [
    ["", "D", "best D"],
    [theory ? "D's loss, nats (log 4 = 1.386)" : "D's loss", format(n.d_loss), format(n.best_loss)],
    ["D's accuracy", format(n.accuracy), format(n.best_accuracy)],
    ["D short of the best, nats", format(n.distance), theory ? "0" : "—"],
    ["G from the truth (JSD), nats", format(n.divergence), ""],
    ["mean pull on a fake", format(n.pull, 2), ""],
  ].flat();
  fillChildren(node, cells, () => document.createElement("span"), (cell, words) => {
    if (cell.textContent !== words) cell.textContent = words;
  });
}

export function gameCharts(holder, one) {
  const width = holder.clientWidth || 300, n = one.numbers, stamp = `${width} ${one.title} ${n.d_loss.join()}`;
  if (holder.stamp === stamp) return;
  holder.stamp = stamp;
  const progress = one.marks.map((mark) => Math.sqrt(mark / Math.max(1, one.marks.at(-1)))), { theory } = one;
  const title = theory ? "D's loss · best (dashed) · log 4" : "D's loss";
  holder.innerHTML = chart(width, progress, n.d_loss, theory ? n.best_loss : null, theory ? LOG4 : null, title) +
    // Numbers and words of our own.
    chart(width, progress, n.accuracy, n.best_accuracy, 0.5, "D's accuracy · best (dashed) · 1/2");
}

// A line, perhaps its best possible and an aim, over the progress of the game, 0 to 1.
function chart(width, progress, values, best, aim, title) {
  const { height, left, right, top, bottom } = SIZE, w = width - left - right, h = height - top - bottom;
  const all = [...values, ...(best ?? []), ...(aim === null ? [] : [aim])].filter((v) => v !== null);
  const [low, high] = trimmedRange(all, 0.02, 1e-6), place = (v) => top + h * (1 - clamp((v - low) / (high - low)));
  const path = (line) => linePath(progress.map((t) => left + w * t), line.map(place));
  const words = `${title}: from ${format(values[0])} to ${format(values.at(-1))}`;
  const level = `<line class="aim" x1="${left}" x2="${left + w}" y1="${place(aim)}" y2="${place(aim)}"/>`;
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${words}">
    <text class="tick" x="${left}" y="10">${title}</text>
    <text class="tick" x="${left - 4}" y="${top + 8}" text-anchor="end">${high.toFixed(2)}</text>` +
    `<text class="tick" x="${left - 4}" y="${top + h}" text-anchor="end">${low.toFixed(2)}</text>
    ${aim === null ? "" : level}
    ${best ? `<path class="line best" d="${path(best)}"/>` : ""}<path class="line" d="${path(values)}"/>
    <line class="cursor" data-width="${w}" x1="${left}" x2="${left}" y1="${top}" y2="${top + h}"/></svg>`;
}
