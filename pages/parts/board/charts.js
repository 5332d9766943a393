// Charts of a column's losses over the budget, each an SVG with a cursor where the replay is.

import { clamp } from "../shared/numbers.js";
import {
  linePath, logTicks, niceTicks, paddedRange, spreadLabels, tickDecimals, trimmedRange,
} from "../shared/scales.js";
import { fullName } from "./pin.js";
import { chartWords, number } from "./words.js";

// Px; the unit stands above the plot.
const SIZE = { width: 344, height: 134, left: 34, right: 84, top: 16, bottom: 16 };

// What marks test scores: one shape for each run of a model.
const MARKS = [
  ["circles", (x, y) => `M${x - 1.8},${y}a1.8,1.8 0 1,0 3.6,0a1.8,1.8 0 1,0 -3.6,0z`],
  ["squares", (x, y) => `M${x - 1.8},${y - 1.8}h3.6v3.6h-3.6z`],
  ["triangles", (x, y) => `M${x},${y - 2.4}l2.3,4.1h-4.6z`],
  ["diamonds", (x, y) => `M${x},${y - 2.6}l2.6,2.6l-2.6,2.6l-2.6,-2.6z`],
];

// Draws the charts anew if they or their size have changed, and moves their cursors; `cursor` is a share of the budget
// or null. Columns of one model, `like`, have their axes in common.
export function fillCharts(holder, column, cursor, narrow, like) {
  const { charts, nth = 0 } = column;
  const stamp = JSON.stringify([charts, nth, narrow, holder.clientWidth, like.map((other) => other.charts)]);
  if (holder.stamp !== stamp) {
    const width = holder.clientWidth || SIZE.width, height = SIZE.height / Math.max(1, charts.length);
    holder.stamp = stamp;
    const place = { width, height, narrow, mark: MARKS[nth] };
    holder.replaceChildren(...charts.map((chart, i) =>
      chartNode(chart, linesOf(chart.unit, like), { ...place, isLast: i === charts.length - 1 })));
  }
  const name = fullName(column);
  charts.forEach((chart, i) => holder.children[i].setAttribute("aria-label", chartWords(chart, name, cursor)));
  for (const line of holder.querySelectorAll(".cursor")) {
    line.style.display = cursor === null ? "none" : "";
    if (cursor !== null) line.setAttribute("transform", `translate(${cursor * Number(line.dataset.width)} 0)`);
  }
}

function linesOf(unit, columns) {
  return columns.flatMap(({ charts }) => charts).filter((chart) => chart.unit === unit).flatMap(({ lines }) => lines);
}

function chartNode(chart, lines, { width, height, isLast, narrow, mark }) {
  const left = narrow ? 4 : SIZE.left, right = narrow ? 4 : SIZE.right, bottom = isLast ? SIZE.bottom : 2;
  const { top } = SIZE;
  const box = { left, top, w: width - left - right, h: height - top - bottom, width, height };
  const axis = lossAxis({ ...chart, lines }, box.h);
  const x = (share) => left + share * box.w, y = (value) => top + axis.place(value);
  const holder = document.createElement("div");
  holder.innerHTML = [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    ...axis.ticks.map((tick) => tickMarks(tick, axis, y(tick), box, narrow)),
    isLast ? budgetMarks(box, narrow) : "",
    unitMark(chart, box, narrow, mark[0]),
    ...lineMarks(chart, x, y, box, narrow, mark[1]),
    `<line class="cursor" data-width="${box.w}" x1="${left}" x2="${left}" y1="${top}" y2="${top + box.h}"/></svg>`,
  ].join(""); // built from numbers and from labels of our own, never from what a viewer typed
  return holder.firstChild;
}

function tickMarks(tick, axis, y, { left, w }, narrow) {
  const text = `<text class="tick" x="${left - 5}" y="${y + 3}" text-anchor="end">${axis.format(tick)}</text>`;
  return `<line class="grid" x1="${left}" x2="${left + w}" y1="${y}" y2="${y}"/>${narrow ? "" : text}`;
}

function budgetMarks({ left, w, height }, narrow) {
  const words = narrow ? "100 %" : "100 % of budget";
  return `<text class="tick" x="${left}" y="${height - 4}">0</text>` +
    `<text class="tick" x="${left + w}" y="${height - 4}" text-anchor="end">${words}</text>`;
}

function unitMark(chart, { left, top }, narrow, marks) {
  const hasTest = chart.lines.some((line) => line.testX.length);
  const key = !narrow && hasTest ? ` · line: training, ${marks}: test, faint: as trained` : "";
  return `<text class="tick unit" x="${left}" y="${top - 5}">${chart.unit}${key}</text>`;
}

function lineMarks(chart, x, y, { top, h }, narrow, mark) {
  const ends = spreadLabels(chart.lines.map((line) => y(line.y.at(-1))), 12, top + 4, top + h);
  const path = (xs, ys) => linePath(xs.map(x), ys.map(y));
  return chart.lines.flatMap((line, i) => [
    line.batchX.length ? `<path class="batches" d="${path(line.batchX, line.batchY)}"/>` : "",
    `<path class="line${line.dashed ? (i % 2 ? " dashed" : " dotted") : ""}" d="${path(line.x, line.y)}"/>`,
    ...line.testX.map((share, k) =>
      `<path class="test" d="${mark(rounded(x(share)), rounded(y(line.testY[k])))}"/>`),
    narrow ? "" : `<text class="end" x="${x(line.x.at(-1)) + 5}" y="${ends[i] + 4}">${line.label}</text>`,
  ]);
}

function rounded(px) {
  return Math.round(px * 10) / 10;
}

// The vertical axis of a chart: `place` in px from the top, `ticks`, and how they are written. Its ends leave out the
// first values and the wildest hundredth: the first steps would flatten all that follows.
export function lossAxis(chart, height) {
  const scaled = chart.log ? (v) => Math.log10(Math.max(v, 1e-12)) : (v) => v;
  const later = (values, share) => values.slice(Math.floor(values.length * share));
  const values = chart.lines.flatMap((line) => [
    ...later(line.y, line.testY.length ? 0.3 : 0.02), ...later(line.batchY, 0.02), ...later(line.testY, 0.3)]);
  const [low, high] = paddedRange(trimmedRange(values.map(scaled), 0.01, 1e-9), 0.06);
  const ticks = (chart.log ? logTicks : niceTicks)(low, high), decimals = tickDecimals(ticks);
  return {
    ticks,
    place: (v) => height * (1 - clamp((scaled(v) - low) / (high - low))),
    format: (tick) => (chart.log || !Number.isFinite(decimals) ? number(tick) : tick.toFixed(Math.min(decimals, 6))),
  };
}