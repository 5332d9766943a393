// The log-likelihood after each EM step, with a dot at the step that is shown.

import { decimal } from "../shared/nodes.js";
import { linePath, paddedRange, trimmedRange } from "../shared/scales.js";

const SIZE = { height: 132, left: 46, right: 10, top: 20, bottom: 20 };

export function likelihoodChart(values, step, width) {
  const { height, left, right, top, bottom } = SIZE, w = width - left - right, h = height - top - bottom;
  const ends = trimmedRange(values, 0, 1e-9), [low, high] = paddedRange(ends, 0.06), steps = values.length - 1;
  const x = (i) => left + (w * i) / Math.max(1, steps), y = (v) => top + h * (1 - (v - low) / (high - low));
  const isLate = step > values.length / 2, value = values[step], beside = y(value) < top + h / 2 ? 18 : -10;
  const [first, end] = [values[0], values.at(-1)].map((v) => decimal(v, 3));
  const words = `Log-likelihood from ${first} to ${end} nats per point in ${steps} EM steps`;
  const grid = ends.map((v) => `<line class="grid" x1="${left}" x2="${left + w}" y1="${y(v)}" y2="${y(v)}"/>` +
    `<text class="tick" x="${left - 6}" y="${y(v) + 4}" text-anchor="end">${decimal(v, 3)}</text>`).join("");
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${words}">
      ${grid}
      <text class="tick" x="${left}" y="${top - 8}">log-likelihood, nats per training point</text>
      <text class="tick" x="${left}" y="${height - 4}">0</text>` +
      `<text class="tick" x="${left + w}" y="${height - 4}" text-anchor="end">${steps} EM steps</text>
      <path class="line" d="${linePath(values.map((_, i) => x(i)), values.map(y))}"/>` +
      `<circle class="dot" cx="${x(step)}" cy="${y(value)}" r="5"/>
      <text class="value" x="${x(step) + (isLate ? -9 : 9)}" y="${y(value) + beside}"` +
      ` text-anchor="${isLate ? "end" : "start"}">${decimal(value, 3)}</text></svg>`; // numbers alone
}
