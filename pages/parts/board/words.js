// What the pictures and charts of a column are, in words, with the numbers of the step that is shown.

import { percent } from "../shared/nodes.js";
import { decodePairs, lastReached } from "../shared/numbers.js";
import { fullName } from "./pin.js";

// Names a column's pictures; `step` says which step is shown (nothing, if the pictures are those of a run before),
// `cursor` is its share of the budget or null, and `across` is how many pictures stand side by side.
export function namePictures(node, column, snapshot, { step, cursor, isImage, across }) {
  const now = [fullName(column), step, step && lossWords(column.charts, cursor)].filter(Boolean).join(", ");
  const name = (selector, words) => node.querySelector(selector).setAttribute("aria-label", `${now}: ${words}`);
  name(".samples", samplesWords(column, snapshot, isImage ? across ** 2 : null));
  const isAnswered = column.canReconstruct && snapshot;
  const answers = isImage ? ", and below each its reconstruction" : " joined to their reconstructions";
  const tests = isImage ? `${across} test pictures` : "test points";
  name(".reconstructed", isAnswered ? tests + answers : `${tests}, no reconstructions`);
}

function samplesWords({ canSample }, snapshot, pictures) {
  const n = pictures ?? (snapshot?.samples ? decodePairs(snapshot.samples).length / 2 : 0);
  const samples = canSample && snapshot ? `${n.toLocaleString("en")} samples of fixed noise` : "no samples";
  return pictures === null ? `${samples}, real points in grey` : samples;
}

// A chart's losses from first to last, and at the share of the budget where its cursor stands.
export function chartWords(chart, title, cursor) {
  const lines = chart.lines.map(({ label, y }) => `${label} from ${number(y[0])} to ${number(y.at(-1))} ${chart.unit}`);
  const now = cursor === null ? "" : `; at ${percent(cursor)} of the budget ${valueWords(chart, cursor)}`;
  return `${title}: ${lines.join(", ")}${now}`;
}

// The losses at a share of the budget, or the last if it is null: `ELBO -31.2, KL 6.6 nats per example`.
function lossWords(charts, cursor) {
  return charts.map((chart) => valueWords(chart, cursor ?? 1)).join(", ");
}

function valueWords({ lines, unit }, share) {
  return `${lines.map(({ label, x, y }) => `${label} ${number(y[lastReached(x, share)])}`).join(", ")} ${unit}`.trim();
}

// Three digits, or an exponent from ten thousand on.
export function number(value) {
  return Math.abs(value) >= 1e4 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}
