// The drawing pad: 24x24 cells of ink or none. A drawing is told to the server once, by "Use this", as the dataset's name
// (genmodels/datasets/drawn.py): drawn- and base64url of one bit a cell, row by row, the top row first.

const SIDE = 24;
const PREFIX = "drawn-";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let kept = null;   // the last drawing of this window: closing the pad does not lose it
let started = "";  // the dataset that the drawing began with
const pads = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let pad = pads.get(parentElement);
  if (!pad) pads.set(parentElement, (pad = new Pad(parentElement)));
  pad.tell = (name) => setTriggerValue("use", name);
  if (!kept || (data.start && data.start !== started)) kept = cellsOf(data.start);
  started = data.start;
  pad.layout();
  return () => { pad.close(); pads.delete(parentElement); };
}

class Pad {
  constructor(root) {
    this.root = root.querySelector(".pad");
    this.canvas = root.querySelector("canvas");
    this.note = root.querySelector(".note");
    this.use = root.querySelector(".use");
    this.pen = { x: SIDE / 2, y: SIDE / 2 };  // in cells, as the pointer or the keys left it
    this.ink = 1;
    this.buttons = [root.querySelector(".brush"), root.querySelector(".eraser")];
    this.buttons[0].onclick = () => this.take(1);
    this.buttons[1].onclick = () => this.take(0);
    root.querySelector(".clear").onclick = () => { kept.fill(0); this.take(1); this.paint(); };
    this.use.onclick = () => this.tell(nameOf(kept));
    this.canvas.onpointerdown = (event) => this.down(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { this.drawing = false; };
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onfocus = this.canvas.onblur = () => this.paint();
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  close() {
    this.watch.disconnect();
  }

  take(ink) {
    this.ink = ink;
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === 1 - ink)));
  }

  down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    this.drawing = true;
    this.keys = false;
    this.pen = this.place(event);
    this.touch(this.pen);
    this.paint();
  }

  move(event) {
    if (!this.drawing) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) this.strokeTo(this.place(point));
    this.paint();
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    this.keys = true;
    if (arrow) this.pen = { x: within(Math.round(this.pen.x) + arrow[0], 1, SIDE - 1), y: within(Math.round(this.pen.y) + arrow[1], 1, SIDE - 1) };
    else this.touch(this.pen);
    this.paint();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  }

  strokeTo(to) {
    const from = this.pen, steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let i = 1; i <= steps; i++) this.touch({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
    this.pen = to;
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
    this.canvas.width = this.canvas.height = cell * SIDE;
    this.canvas.style.width = this.canvas.style.height = `${(cell * SIDE) / ratio}px`;
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
    if (this.keys && this.canvas.getRootNode().activeElement === this.canvas) {
      paper.strokeStyle = style.getPropertyValue("--st-link-color") || "#888";
      paper.lineWidth = Math.max(2, this.cell / 5);
      paper.strokeRect((Math.round(this.pen.x) - 1) * this.cell, (Math.round(this.pen.y) - 1) * this.cell, 2 * this.cell, 2 * this.cell);
    }
    const count = kept.reduce((sum, ink) => sum + ink, 0);
    this.use.disabled = count === 0;
    const words = count ? `${count} of ${SIDE * SIDE} cells. Your link will hold them.` : "Draw where points should fall.";
    if (this.note.textContent !== words) this.note.textContent = words;
  }
}

const within = (value, low, high) => Math.min(high, Math.max(low, value));

function nameOf(cells) {
  const bytes = new Uint8Array((SIDE * SIDE) / 8);
  cells.forEach((ink, k) => { if (ink) bytes[k >> 3] |= 128 >> (k & 7); });
  return PREFIX + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function cellsOf(name) {
  const cells = new Uint8Array(SIDE * SIDE);
  if (!name.startsWith(PREFIX)) return cells;
  const bytes = atob(name.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
  for (let k = 0; k < cells.length; k++) cells[k] = (bytes.charCodeAt(k >> 3) >> (7 - (k & 7))) & 1;
  return cells;
}
