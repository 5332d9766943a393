// The drawing pad: 24x24 cells of ink or none. A drawing is sent to the server once, by "Use this", as the dataset's
// name (genmodels/datasets/drawn.py): drawn- and base64url of one bit a cell, row by row, the top row first.

import { pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { setText } from "../shared/nodes.js";
import { clamp, decodeBytes, encodeBytes } from "../shared/numbers.js";
import { mountPart } from "../shared/part.js";
import { Pen, cellSize } from "../shared/pen.js";

const SIDE = 24;
const PREFIX = "drawn-";

let cells = null;  // the last drawing of this window: closing the pad does not lose it
let opening = "";  // the dataset that the drawing began with

export default function mount(context) {
  return mountPart(DensityPad, context, (name) => context.setTriggerValue("use", name));
}

class DensityPad extends Pen {
  constructor(parent) {
    super(parent, 2);
    this.across = this.down = SIDE;
    this.use = parent.querySelector(".use");
    this.pen = { x: SIDE / 2, y: SIDE / 2 }; // in cells, as the pointer or the keys left it
    this.ink = 1;
    this.buttons = [parent.querySelector(".brush"), parent.querySelector(".eraser")];
    this.buttons[0].onclick = () => this.take(1);
    this.buttons[1].onclick = () => this.take(0);
    parent.querySelector(".clear").onclick = () => { cells.fill(0); this.take(1); this.paint(); };
    this.use.onclick = () => this.send(nameOf(cells));
  }

  update(data) {
    if (!cells || (data.start && data.start !== opening)) cells = cellsOf(data.start);
    opening = data.start;
    this.layout();
  }

  take(ink) {
    this.ink = ink;
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === 1 - ink)));
  }

  // From corner to corner of the cells: at each the pen inks whole ones.
  step([dx, dy]) {
    const move = (from, by) => clamp(Math.round(from) + by, 1, SIDE - 1);
    return { x: move(this.pen.x, dx), y: move(this.pen.y, dy) };
  }

  done() {
    this.paint();
  }

  touch(point) {
    for (const k of cellsAt(point)) cells[k] = this.ink;
  }

  layout() {
    const ratio = pixelRatio(), cell = cellSize(this.root.clientWidth - 2, ratio, SIDE);
    if (cell < 1) return;
    this.cell = cell;
    resizeCanvas(this.canvas, cell * SIDE, cell * SIDE, ratio);
    this.paint();
  }

  paint() {
    if (!this.cell) return;
    const pen = this.canvas.getContext("2d"), style = getComputedStyle(this.root), { cell } = this, all = cell * SIDE;
    pen.fillStyle = style.getPropertyValue("--st-secondary-background-color");
    pen.fillRect(0, 0, all, all);
    this.paintLines(pen, style.getPropertyValue("--st-border-color"), all);
    pen.fillStyle = style.getPropertyValue("--st-text-color");
    cells.forEach((ink, k) => { if (ink) pen.fillRect((k % SIDE) * cell, Math.floor(k / SIDE) * cell, cell, cell); });
    if (this.led) {
      pen.strokeStyle = style.getPropertyValue("--st-link-color") || "#888";
      pen.lineWidth = Math.max(2, cell / 5);
      pen.strokeRect((Math.round(this.pen.x) - 1) * cell, (Math.round(this.pen.y) - 1) * cell, 2 * cell, 2 * cell);
    }
    const count = cells.reduce((sum, ink) => sum + ink, 0);
    this.use.disabled = count === 0;
    const words = `${count} of ${SIDE * SIDE} cells. Your link will hold them.`;
    this.canvas.setAttribute("aria-label",
      `Drawing pad of ${SIDE} by ${SIDE} cells, ${count} inked. Arrow keys move the pen, the space bar draws with it.`);
    setText(this.root, ".note", count ? words : "Draw where points should fall.");
  }

  paintLines(pen, colour, all) {
    pen.fillStyle = colour;
    for (let i = 1; i < SIDE; i++) {
      const middle = i === SIDE / 2 ? 1 : 0; // the axes through zero
      pen.globalAlpha = middle ? 1 : 0.45;
      pen.fillRect(i * this.cell - middle, 0, 1 + middle, all);
      pen.fillRect(0, i * this.cell - middle, all, 1 + middle);
    }
    pen.globalAlpha = 1;
  }
}

// The pen is two cells wide: it inks the four cells around the corner that is nearest to it.
export function cellsAt({ x, y }) {
  const isIn = (i) => i >= 0 && i < SIDE, around = (v) => [Math.round(v) - 1, Math.round(v)].filter(isIn);
  return around(y).flatMap((row) => around(x).map((column) => row * SIDE + column));
}

export function nameOf(cells) {
  const bits = new Uint8Array((SIDE * SIDE) / 8);
  cells.forEach((ink, k) => { if (ink) bits[k >> 3] |= 128 >> (k & 7); });
  return PREFIX + encodeBytes(bits);
}

export function cellsOf(name) {
  const cells = new Uint8Array(SIDE * SIDE);
  if (!name.startsWith(PREFIX)) return cells;
  const bits = decodeBytes(name.slice(PREFIX.length));
  for (let k = 0; k < cells.length; k++) cells[k] = (bits[k >> 3] >> (7 - (k & 7))) & 1;
  return cells;
}
