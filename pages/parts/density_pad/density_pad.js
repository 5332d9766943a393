// The drawing pad: 24x24 cells of ink or none. A drawing is told to the server once, by "Use this", as the dataset's name
// (genmodels/datasets/drawn.py): drawn- and base64url of one bit a cell, row by row, the top row first.

import { bytes, clamp, keep, resize, text } from "../shared/page.js";
import { addressOf, Pen } from "../shared/pen.js";

const SIDE = 24;
const PREFIX = "drawn-";

let kept = null;   // the last drawing of this window: closing the pad does not lose it
let started = "";  // the dataset that the drawing began with

export default function mount(told) {
  return keep(DensityPad, told, (name) => told.setTriggerValue("use", name));
}

class DensityPad extends Pen {
  constructor(root) {
    super(root, 2);
    this.across = this.down = SIDE;
    this.use = root.querySelector(".use");
    this.pen = { x: SIDE / 2, y: SIDE / 2 };  // in cells, as the pointer or the keys left it
    this.ink = 1;
    this.buttons = [root.querySelector(".brush"), root.querySelector(".eraser")];
    this.buttons[0].onclick = () => this.take(1);
    this.buttons[1].onclick = () => this.take(0);
    root.querySelector(".clear").onclick = () => { kept.fill(0); this.take(1); this.paint(); };
    this.use.onclick = () => this.tell(nameOf(kept));
  }

  update(data) {
    if (!kept || (data.start && data.start !== started)) kept = cellsOf(data.start);
    started = data.start;
    this.layout();
  }

  take(ink) {
    this.ink = ink;
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === 1 - ink)));
  }

  // From corner to corner of the cells: at each the pen inks whole ones.
  step([dx, dy]) {
    return { x: clamp(Math.round(this.pen.x) + dx, 1, SIDE - 1), y: clamp(Math.round(this.pen.y) + dy, 1, SIDE - 1) };
  }

  done() {
    this.paint();
  }

  // The pen is two cells wide: it inks the four cells around the corner that is nearest to it.
  touch({ x, y }) {
    for (const column of [Math.round(x) - 1, Math.round(x)]) {
      for (const row of [Math.round(y) - 1, Math.round(y)]) {
        if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) kept[row * SIDE + column] = this.ink;
      }
    }
  }

  layout() {
    const ratio = window.devicePixelRatio || 1;
    const cell = Math.floor(((this.root.clientWidth - 2) * ratio) / SIDE); // whole device pixels: cells stay crisp
    if (cell < 1) return;
    this.cell = cell;
    resize(this.canvas, cell * SIDE, cell * SIDE, ratio);
    this.paint();
  }

  paint() {
    if (!this.cell) return;
    const paper = this.canvas.getContext("2d"), style = getComputedStyle(this.root), all = this.cell * SIDE;
    paper.fillStyle = style.getPropertyValue("--st-secondary-background-color");
    paper.fillRect(0, 0, all, all);
    paper.fillStyle = style.getPropertyValue("--st-border-color");
    for (let i = 1; i < SIDE; i++) {
      const middle = i === SIDE / 2 ? 1 : 0; // the axes through zero
      paper.globalAlpha = middle ? 1 : 0.45;
      paper.fillRect(i * this.cell - middle, 0, 1 + middle, all);
      paper.fillRect(0, i * this.cell - middle, all, 1 + middle);
    }
    paper.globalAlpha = 1;
    paper.fillStyle = style.getPropertyValue("--st-text-color");
    kept.forEach((ink, k) => { if (ink) paper.fillRect((k % SIDE) * this.cell, Math.floor(k / SIDE) * this.cell, this.cell, this.cell); });
    if (this.led) {
      paper.strokeStyle = style.getPropertyValue("--st-link-color") || "#888";
      paper.lineWidth = Math.max(2, this.cell / 5);
      paper.strokeRect((Math.round(this.pen.x) - 1) * this.cell, (Math.round(this.pen.y) - 1) * this.cell, 2 * this.cell, 2 * this.cell);
    }
    const count = kept.reduce((sum, ink) => sum + ink, 0);
    this.use.disabled = count === 0;
    text(this.root, ".note", count ? `${count} of ${SIDE * SIDE} cells. Your link will hold them.` : "Draw where points should fall.");
  }
}

function nameOf(cells) {
  const packed = new Uint8Array((SIDE * SIDE) / 8);
  cells.forEach((ink, k) => { if (ink) packed[k >> 3] |= 128 >> (k & 7); });
  return PREFIX + addressOf(packed);
}

function cellsOf(name) {
  const cells = new Uint8Array(SIDE * SIDE);
  if (!name.startsWith(PREFIX)) return cells;
  const packed = bytes(name.slice(PREFIX.length));
  for (let k = 0; k < cells.length; k++) cells[k] = (packed[k >> 3] >> (7 - (k & 7))) & 1;
  return cells;
}
