// The pad: a picture of bytes (C, H, W) under a pen that darkens or lightens. Sent to the server at the end of each
// stroke; what comes back is where the picture lies, which the plane hears of by the window's event `genmodels-mark`.

import { pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { setText } from "../shared/nodes.js";
import { clamp, decodeBytes, encodeBytes } from "../shared/numbers.js";
import { isDark, mountPart } from "../shared/part.js";
import { Pen, cellSize } from "../shared/pen.js";

const WIDEST = 232; // px of a pad

export default function mount(context) {
  return mountPart(PicturePad, context, (picture) => context.setTriggerValue("drawn", picture));
}

class PicturePad extends Pen {
  constructor(parent) {
    super(parent, 3);
    this.buttons = { dark: parent.querySelector(".dark"), light: parent.querySelector(".light") };
    for (const [name, button] of Object.entries(this.buttons)) button.onclick = () => this.take(name);
    parent.querySelector(".blank").onclick = () => { this.bytes.fill(this.data.ink ? 0 : 255); this.done(); };
    parent.querySelector(".restore").onclick = () => { this.begin(this.data.start); this.done(); };
    this.tool = "dark";
  }

  close() {
    super.close();
    window.dispatchEvent(new CustomEvent("genmodels-mark", { detail: null }));
  }

  update(data) {
    const before = this.data;
    this.data = data;
    [this.channels, this.down, this.across] = data.shape;
    if (before?.version !== data.version || before?.start !== data.start) this.begin(data.drawn || data.start);
    this.pen ??= { x: this.across / 2, y: this.down / 2 };
    setText(this.root, ".words", data.words);
    const keys = "Arrow keys move the pen, the space bar draws with it.";
    this.canvas.setAttribute("aria-label", `Drawing pad: ${data.words.replaceAll("\n", ", ")}. ${keys}`);
    window.dispatchEvent(new CustomEvent("genmodels-mark", { detail: data.mark }));
    this.layout();
  }

  begin(picture) {
    this.bytes = Uint8ClampedArray.from(decodeBytes(picture)); // its own: the pen writes on it
  }

  take(name) {
    this.tool = name;
    for (const [other, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-pressed", String(other === name));
    }
  }

  done() {
    this.paint();
    this.send(encodeBytes(this.bytes));
  }

  // Light ink on black is shown as ink on paper where the page is light: "dark" is what looks dark.
  get flipped() { return this.data.ink && !isDark(this.root); }
  get value() { return (this.tool === "dark") !== this.flipped ? 0 : 255; }

  // From middle to middle of the pixels: one takes the pen's whole tip.
  step([dx, dy]) {
    const move = (from, by, n) => clamp(Math.floor(from) + 0.5 + by, 0.5, n - 0.5);
    return { x: move(this.pen.x, dx, this.across), y: move(this.pen.y, dy, this.down) };
  }

  touch(point) {
    inkPicture(this.bytes, [this.channels, this.down, this.across], point, this.value);
  }

  layout() {
    const ratio = pixelRatio(), room = Math.min(this.root.clientWidth, WIDEST) - 2;
    if (!this.data || room < 20) return;
    this.cell = Math.max(1, cellSize(room, ratio, this.across));
    resizeCanvas(this.canvas, this.cell * this.across, this.cell * this.down, ratio);
    this.paint();
  }

  paint() {
    if (!this.cell) return;
    const small = document.createElement("canvas"), pen = this.canvas.getContext("2d");
    small.width = this.across;
    small.height = this.down;
    small.getContext("2d").putImageData(this.pixels(), 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
    if (this.led) {
      pen.strokeStyle = getComputedStyle(this.root).getPropertyValue("--st-primary-color") || "#888";
      pen.lineWidth = Math.max(2, this.cell / 4);
      const [x, y] = [this.pen.x, this.pen.y].map((v) => Math.floor(v) * this.cell);
      pen.strokeRect(x, y, this.cell, this.cell);
    }
  }

  pixels() {
    const size = this.across * this.down, pixels = new ImageData(this.across, this.down);
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) {
        const byte = this.bytes[this.channels === 3 ? c * size + i : i];
        pixels.data[4 * i + c] = this.flipped ? 255 - byte : byte;
      }
      pixels.data[4 * i + 3] = 255;
    }
    return pixels;
  }
}

// Inks a picture (C, H, W) towards 0 or 255 by a round tip with a soft edge, a sixteenth of the picture wide and at
// least a pixel.
export function inkPicture(bytes, [channels, height, width], { x, y }, value) {
  const radius = Math.max(0.5, width / 32);
  const range = (v, n) => [Math.max(0, Math.floor(v - radius - 1)), Math.min(n - 1, v + radius + 1)];
  const [top, bottom] = range(y, height), [left, right] = range(x, width);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const cover = tipCover(column, row, x, y, radius, width < 16);
      for (let c = 0; c < channels && cover; c++) {
        const at = (c * height + row) * width + column, mixed = bytes[at] + (value - bytes[at]) * cover;
        bytes[at] = value ? Math.max(bytes[at], mixed) : Math.min(bytes[at], mixed);
      }
    }
  }
}

// How much of a pixel the tip covers, 0 to 1; on a coarse picture the one pixel below it.
function tipCover(column, row, x, y, radius, isCoarse) {
  if (isCoarse) return Number(Math.floor(x) === column && Math.floor(y) === row);
  return clamp(radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y));
}
