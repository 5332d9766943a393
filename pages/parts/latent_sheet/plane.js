// A plane of codes on its canvas: codes or decodes, circles of the prior, samples as crosses, and the code that is
// decoded.

import { drawLine, pixelRatio, resizeCanvas, strokeCircle } from "../shared/canvas.js";
import { UNIT, decodePairs } from "../shared/numbers.js";
import { drawTile } from "../shared/pictures.js";

const CELL = 15; // px: a decode of the sheet is drawn no smaller
const ON_LIGHT = [
  "#4477aa", "#cc6677", "#117733", "#b8860b", "#88449a", "#2a9db0", "#d1662c", "#7a8b2a", "#aa4499", "#777777",
];
const ON_DARK = [
  "#7fb0e8", "#f08d9c", "#4cb27a", "#e0b040", "#bd86d6", "#52c8da", "#ee8d55", "#b3c45a", "#dd82cb", "#b5b5b5",
];

// `view` holds the component's data, whether the page is dark, the canvas's side in px, the sheet of decodes if it is
// there, and the spot [u, v] that is decoded.
export function paintPlane(canvas, plane, view) {
  const ratio = pixelRatio(), side = Math.floor(view.side * ratio);
  resizeCanvas(canvas, side, side, ratio);
  const pen = canvas.getContext("2d"), style = getComputedStyle(canvas.closest("section")), { dark } = view;
  if (view.show === "sheet") paintSheet(pen, plane, view, side, ratio);
  else paintCodes(pen, plane, view, side, ratio, style);
  paintPrior(pen, plane, side, ratio, style.color);
  paintSamples(pen, plane, side, ratio, [[dark ? "#000" : "#fff", 4], [style.color, 1.8]]);
  paintSpot(pen, view.spot, side, ratio, [[dark ? "#000" : "#fff", 6], ["#d9412b", 3]]);
}

// Every how many decodes of n one is drawn, so that none is smaller than `cell` on a side of so many pixels.
export function sheetStride(n, side, cell) {
  return [1, 2, 4, 5].find((s) => (n - 1) % s === 0 && side / ((n - 1) / s + 1) >= cell) ?? 4;
}

function paintSheet(pen, plane, { sheet, shape: [, h, w] }, side, ratio) {
  const n = plane.across;
  if (!sheet) return;
  const stride = sheetStride(n, side, CELL * ratio), cell = (side / (n - 1)) * stride;
  pen.imageSmoothingEnabled = cell < 2 * w;
  for (let row = 0; row < n; row += stride) {
    // Each decode around its own z: those of the border are half outside.
    for (let column = 0; column < n; column += stride) {
      const left = (column / stride - 0.43) * cell, top = (row / stride - 0.43) * cell; // a little room between them
      drawTile(pen, sheet, row * n + column, n, [w, h], left, top, 0.86 * cell, 0.86 * cell);
    }
  }
}

function paintCodes(pen, plane, { dark, classes }, side, ratio, style) {
  const colours = dark ? ON_DARK : ON_LIGHT, faint = style.getPropertyValue("--faint");
  const codes = decodePairs(plane.codes);
  const areNames = plane.labels && classes.every((name) => name.length === 1);
  pen.font = `600 ${10.5 * ratio}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.strokeStyle = style.getPropertyValue("--model");
  pen.lineWidth = 1.1 * ratio;
  for (const [a, b, ra, rb] of plane.ellipses) { // one deviation of q(z|x)
    pen.beginPath();
    pen.ellipse(a * side, (1 - b) * side, ra * side, rb * side, 0, 0, 7);
    pen.stroke();
  }
  for (let i = 0; i < codes.length / 2; i++) {
    const x = (codes[2 * i] / UNIT) * side, y = (1 - codes[2 * i + 1] / UNIT) * side;
    pen.fillStyle = plane.labels ? colours[plane.labels[i] % colours.length] : faint;
    if (areNames) pen.fillText(classes[plane.labels[i]], x, y);
    else pen.fillRect(x - 1.5 * ratio, y - 1.5 * ratio, 3 * ratio, 3 * ratio);
  }
}

// One and two deviations of N(0, I).
function paintPrior(pen, plane, side, ratio, colour) {
  const scale = side / (plane.high[0] - plane.low[0]);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2 * ratio;
  pen.setLineDash([5 * ratio, 4 * ratio]);
  for (const radius of [1, 2]) strokeCircle(pen, -plane.low[0] * scale, side + plane.low[1] * scale, radius * scale);
  pen.setLineDash([]);
}

function paintSamples(pen, plane, side, ratio, strokes) {
  const codes = decodePairs(plane.samples.codes), r = 3.5 * ratio;
  for (const [colour, width] of strokes) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * ratio;
    for (let i = 0; i < codes.length; i += 2) {
      const x = (codes[i] / UNIT) * side, y = (1 - codes[i + 1] / UNIT) * side;
      drawLine(pen, x - r, y - r, x + r, y + r);
      drawLine(pen, x - r, y + r, x + r, y - r);
    }
  }
}

function paintSpot(pen, [u, v], side, ratio, strokes) {
  for (const [colour, width] of strokes) {
    pen.strokeStyle = colour;
    pen.lineWidth = width * ratio;
    strokeCircle(pen, u * side, (1 - v) * side, 9 * ratio);
  }
}
