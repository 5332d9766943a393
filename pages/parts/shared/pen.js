// The pen of the pads: it follows mouse, finger, stylus or keys over a canvas of cells.
// A pad extends it and says: `across` and `down`, its cells; `touch(at)`, which inks; `step(arrow)`, where a key moves the pen;
// `done()`, when a stroke ends; `layout()` and `paint()`.

import { ARROWS } from "./page.js";

export class Pen {
  constructor(parent, touches) {
    this.touches = touches; // in a stroke, for each cell of its length
    this.root = parent.querySelector(".pad");
    this.canvas = parent.querySelector("canvas");
    this.canvas.onpointerdown = (event) => this.press(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { if (this.drawing) { this.drawing = false; this.done(); } };
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onfocus = this.canvas.onblur = () => this.paint();
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  close() {
    this.watch.disconnect();
  }

  press(event) {
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
    event.stopPropagation(); // the course's own keys are for the rest of the page
    this.keys = true;
    if (arrow) this.pen = this.step(arrow);
    else { this.touch(this.pen); this.done(); }
    this.paint();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * this.across, y: ((event.clientY - box.top) / box.height) * this.down };
  }

  strokeTo(to) {
    const from = this.pen, steps = Math.max(1, Math.ceil(this.touches * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let i = 1; i <= steps; i++) this.touch({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
    this.pen = to;
  }

  // Whether the pen is led by keys: only then it has to be seen.
  get led() { return this.keys && this.canvas.getRootNode().activeElement === this.canvas; }
}

// Bytes in base64 that an address can hold, without padding.
export function addressOf(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
