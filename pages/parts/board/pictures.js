// A column of pictures: samples, perhaps with the nearest training picture below each, and reconstructions.

import { drawDash, pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { setText } from "../shared/nodes.js";
import { SHEET_COLUMNS, drawTile, tileScale } from "../shared/pictures.js";

const WIDE = 8, NARROW = 4; // pictures across a column, on a desk and on a phone
const MAX_SIDE = 400; // px of the sheet of samples, which a projector shows whole

export function acrossOf(narrow) {
  return narrow ? NARROW : WIDE;
}

// Where a picture is not decoded yet, what is drawn stays: no frame is blank.
export function paintPictures(node, column, snapshot, data, images, narrow) {
  const across = acrossOf(narrow), { scene } = data, nearest = data.nearest && snapshot?.nearest;
  const sheets = [snapshot?.samples, nearest, snapshot?.reconstructions, scene.originals];
  const stamp = [column.model, across, node.clientWidth, scene.shape].join();
  if (node.stamp === stamp && !sheets.every((url) => !url || images.get(url))) return;
  node.stamp = stamp;
  paintSamples(node, column, snapshot, scene.shape, images, across, nearest);
  paintReconstructions(node, column, snapshot, scene, images, across);
}

// A square sheet: 64 samples on a desk, 16 on a phone.
function paintSamples(node, column, snapshot, shape, images, across, nearest) {
  const canvas = node.querySelector(".samples"), n = across * across;
  const grid = new Grid(canvas, across, nearest ? 2 * across : across, shape);
  const sheet = images.get(snapshot?.samples), neighbours = images.get(nearest);
  for (let k = 0; k < n; k++) {
    const row = Math.floor(k / across) * (nearest ? 2 : 1);
    if (sheet) grid.put(sheet, k, k % across, row, 1);
    if (neighbours) grid.put(neighbours, k, k % across, row + 1, 0.55);
  }
  if (snapshot && !column.canSample) grid.dash();
  setText(node, ".samples-note", nearest ? "sample, and below it the nearest training picture" : column.samplesNote);
}

function paintReconstructions(node, column, snapshot, scene, images, across) {
  const canvas = node.querySelector(".reconstructed"), grid = new Grid(canvas, across, 2, scene.shape);
  const originals = images.get(scene.originals), answers = images.get(snapshot?.reconstructions);
  for (let k = 0; k < across; k++) {
    if (originals) grid.put(originals, k, k, 0, 1);
    if (answers) grid.put(answers, k, k, 1, 1);
  }
  if (!column.canReconstruct) grid.dash(0.75);
  setText(node, ".reconstructed-note", column.canReconstruct
    ? `test pictures, reconstructed below: ${column.reconstructedNote}`
    : `test pictures: it ${column.reconstructedNote}`);
}

// A canvas of whole device pixels in which every picture is scaled by the largest whole factor that fits its cell.
class Grid {
  constructor(canvas, across, rows, [, height, width]) {
    const ratio = pixelRatio(), room = Math.min(canvas.parentElement.clientWidth, MAX_SIDE);
    const cell = Math.floor(Math.floor(room * ratio) / across);
    const scale = tileScale(cell - Math.max(1, Math.round(cell * 0.04)), width, height);
    const tall = Math.round(cell * (height / Math.max(width, height)));
    resizeCanvas(canvas, cell * across, tall * rows, ratio);
    Object.assign(this, { canvas, ratio, cell, tall, tile: [width, height], pen: canvas.getContext("2d") });
    this.size = [Math.round(width * scale), Math.round(height * scale)];
    this.pen.imageSmoothingEnabled = false;
  }

  put(sheet, k, column, row, alpha) {
    const { pen, cell, tall, size: [w, h] } = this;
    const x = column * cell + Math.floor((cell - w) / 2), y = row * tall + Math.floor((tall - h) / 2);
    pen.globalAlpha = alpha;
    drawTile(pen, sheet, k, SHEET_COLUMNS, this.tile, x, y, w, h);
  }

  dash(height = 0.5) {
    drawDash(this.pen, this.canvas.width / 2, this.canvas.height * height, this.ratio);
  }
}
