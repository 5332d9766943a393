// The pen of the pads: it follows mouse, finger, stylus or keys over a canvas of cells.

import { watchSize } from "./part.js";
import { ARROWS, followPointer, shareIn } from "./pointing.js";

// A pad extends it by `across` and `down`, its cells; `touch(point)`, which inks; `step(arrow)`, where a key moves the
// pen; `done()`, when a stroke ends; `layout()` and `paint()`. Points are in cells.
export class Pen {
  constructor(parent, touches) {
    this.touches = touches; // in a stroke, for each cell of its length
    this.root = parent.querySelector(".pad");
    this.canvas = parent.querySelector("canvas");
    const [down, move, up] = [this.press, this.move, this.release].map((act) => act.bind(this));
    followPointer(this.canvas, { down, move, up });
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onfocus = this.canvas.onblur = () => this.paint();
    this.observer = watchSize(this.root, () => this.layout());
  }

  close() {
    this.observer.disconnect();
  }

  press(event) {
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

  release() {
    if (!this.drawing) return;
    this.drawing = false;
    this.done();
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation(); // the course's own keys are for the rest of the page
    this.keys = true;
    if (arrow) this.pen = this.step(arrow);
    else { this.touch(this.pen); this.done(); }
    this.paint();
  }

  place(event) {
    const [x, y] = shareIn(this.canvas, event);
    return { x: x * this.across, y: y * this.down };
  }

  strokeTo(to) {
    const from = this.pen, steps = strokeSteps(from, to, this.touches);
    for (let i = 1; i <= steps; i++) {
      this.touch({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
    }
    this.pen = to;
  }

  // Whether keys lead the pen: only then it has to be seen.
  get led() { return this.keys && this.canvas.getRootNode().activeElement === this.canvas; }
}

// How often a stroke touches the canvas between two points, so that it has no gap.
export function strokeSteps(from, to, touches) {
  return Math.max(1, Math.ceil(touches * Math.hypot(to.x - from.x, to.y - from.y)));
}

// How many pixels of the device a cell has, in a pad of `across` cells and `room` CSS pixels: a whole number, for
// crispness.
export function cellSize(room, ratio, across) {
  return Math.floor((room * ratio) / across);
}
