// A photograph of a game: the discriminator's field, real and fake points, the gradient on fakes, the generator's grid.

import { pixelRatio } from "../shared/canvas.js";
import { percent } from "../shared/nodes.js";
import { UNIT } from "../shared/numbers.js";

const ARROW = 0.035, LONGEST = 0.3; // length of an arrow for a gradient of 1, and at most, in units of the plane

// `numbers` are those of the photograph's moment.
export function paintPhotograph(canvas, one, photograph, numbers, bar, style) {
  const ratio = pixelRatio(), side = Math.floor(canvas.clientWidth * ratio);
  if (!side) return;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d"), colour = (name) => style.getPropertyValue(name).trim();
  const isBest = bar.shown === "best possible D", place = placeIn(side, one.share);
  const paper = colour("--st-background-color");
  pen.clearRect(0, 0, side, side);
  const field = isBest ? photograph.best : photograph.field;
  paintField(pen, side, field, one.side, colour("--toward-fake"), colour("--toward-real"));
  if (bar.grid !== false) paintGrid(pen, photograph.grid, one.lines, place, colour("--st-text-color"), ratio);
  paintDots(pen, one.real, place, colour("--real"), 1.9 * ratio, paper);
  paintDots(pen, photograph.fake, place, colour("--fake"), 2.1 * ratio, paper);
  const hasArrows = bar.arrows !== false, unit = side / one.width;
  if (hasArrows) paintArrows(pen, photograph, place, unit, one.unit, colour("--st-text-color"), ratio);
  const player = isBest ? "the best possible discriminator" : "the discriminator";
  const arrows = hasArrows ? " with the gradient on them as arrows" : "";
  canvas.setAttribute("aria-label",
    `${one.title}: the field of ${player}, real points in blue, fakes in orange${arrows}; ${numberWords(numbers)}`);
}

function numberWords({ d_loss: loss, accuracy }) {
  return `D's loss ${loss.toFixed(3)}, its accuracy ${percent(accuracy)}`;
}

// Points are sent in a wider square than is drawn: its middle `share` fills the canvas. Returns where point i of p
// lies.
export function placeIn(side, share) {
  const unit = side / (UNIT * share), edge = (UNIT * (1 - share)) / 2;
  return (p, i) => [(p[2 * i] - edge) * unit, side - (p[2 * i + 1] - edge) * unit];
}

let sheet = null;

// The field as colours, 0 to 255 from fake to real, transparent in the middle; rows come from below.
function paintField(pen, side, values, cells, fake, real) {
  sheet ??= document.createElement("canvas");
  sheet.width = sheet.height = cells;
  const sheetPen = sheet.getContext("2d"), image = sheetPen.createImageData(cells, cells);
  const [low, high] = [fake, real].map((css) => css.split(",").map(Number));
  for (let k = 0; k < values.length; k++) {
    const lean = values[k] / 127.5 - 1, start = 4 * ((cells - 1 - Math.floor(k / cells)) * cells + (k % cells));
    image.data.set([...(lean < 0 ? low : high).slice(0, 3), 216 * Math.abs(lean)], start);
  }
  sheetPen.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(sheet, 0, 0, side, side);
}

function paintGrid(pen, grid, [lines, each], place, colour, ratio) {
  if (!grid.length) return;
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.32;
  pen.lineWidth = 0.9 * ratio;
  pen.beginPath();
  for (let line = 0; line < 2 * lines; line++) {
    for (let k = 0; k < each; k++) pen[k ? "lineTo" : "moveTo"](...place(grid, line * each + k));
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

// Each dot has a rim of paper: it stands out on its own colour's field.
function paintDots(pen, points, place, colour, radius, paper) {
  for (const [fill, size] of [[paper, radius * 1.45], [colour, radius]]) {
    pen.fillStyle = fill;
    pen.beginPath();
    for (let i = 0; i < points.length / 2; i++) {
      const [x, y] = place(points, i);
      pen.moveTo(x + size, y);
      pen.arc(x, y, size, 0, 2 * Math.PI);
    }
    pen.fill();
  }
}

function paintArrows(pen, { fake, pull }, place, unit, parts, colour, ratio) {
  pen.strokeStyle = colour;
  pen.lineWidth = 1.4 * ratio;
  pen.beginPath();
  for (let i = 0; i < pull.length / 2; i++) {
    const gx = pull[2 * i] / parts, gy = pull[2 * i + 1] / parts, size = Math.hypot(gx, gy);
    const length = Math.min(LONGEST, ARROW * size) * unit;
    if (length < 1.5 * ratio) continue; // too weak to be seen
    const ux = gx / size, uy = -gy / size, [x0, y0] = place(fake, i);
    const x1 = x0 + ux * length, y1 = y0 + uy * length, head = Math.min(5 * ratio, length * 0.5);
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.moveTo(x1 - head * (ux + 0.55 * uy), y1 - head * (uy - 0.55 * ux));
    pen.lineTo(x1, y1);
    pen.lineTo(x1 - head * (ux - 0.55 * uy), y1 - head * (uy + 0.55 * ux));
  }
  pen.stroke();
}
