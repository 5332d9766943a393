// The pad: a picture of bytes (C, H, W) under a pen that darkens or lightens. Told to the server at the end of each stroke; what comes
// back is where the picture lies, which the plane is told by the window's event `genmodels-mark`.

import { bytes, clamp, isDark, keep, resize, text } from "../shared/page.js";
import { addressOf, Pen } from "../shared/pen.js";

export default function mount(told) {
  return keep(PicturePad, told, (picture) => told.setTriggerValue("drawn", picture));
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
    text(this.root, ".words", data.words);
    window.dispatchEvent(new CustomEvent("genmodels-mark", { detail: data.mark }));
    this.layout();
  }

  begin(picture) {
    this.bytes = Uint8ClampedArray.from(bytes(picture)); // its own: the pen writes on it
  }

  take(name) {
    this.tool = name;
    for (const [other, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", String(other === name));
  }

  done() {
    this.paint();
    this.tell(addressOf(this.bytes));
  }

  // Light ink on black is shown as ink on paper where the page is light: "dark" is what looks dark.
  get flipped() { return this.data.ink && !isDark(this.root); }
  get value() { return (this.tool === "dark") !== this.flipped ? 0 : 255; }

  // From middle to middle of the pixels: one takes the pen's whole tip.
  step([dx, dy]) {
    return { x: clamp(Math.floor(this.pen.x) + 0.5 + dx, 0.5, this.across - 0.5), y: clamp(Math.floor(this.pen.y) + 0.5 + dy, 0.5, this.down - 0.5) };
  }

  // A round tip with a soft edge, a sixteenth of the picture wide and at least a pixel.
  touch({ x, y }) {
    const radius = Math.max(0.5, this.across / 32), value = this.value;
    for (let row = Math.max(0, Math.floor(y - radius - 1)); row <= Math.min(this.down - 1, y + radius + 1); row++) {
      for (let column = Math.max(0, Math.floor(x - radius - 1)); column <= Math.min(this.across - 1, x + radius + 1); column++) {
        const cover = this.across < 16 ? Number(Math.floor(x) === column && Math.floor(y) === row) : clamp(radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y));
        for (let c = 0; c < this.channels && cover; c++) {
          const at = (c * this.down + row) * this.across + column, mixed = this.bytes[at] + (value - this.bytes[at]) * cover;
          this.bytes[at] = value ? Math.max(this.bytes[at], mixed) : Math.min(this.bytes[at], mixed);
        }
      }
    }
  }

  layout() {
    const ratio = window.devicePixelRatio || 1, room = Math.min(this.root.clientWidth, 232) - 2;
    if (!this.data || room < 20) return;
    this.cell = Math.max(1, Math.floor((room * ratio) / this.across)); // whole device pixels: they stay crisp
    resize(this.canvas, this.cell * this.across, this.cell * this.down, ratio);
    this.paint();
  }

  paint() {
    if (!this.cell) return;
    const small = document.createElement("canvas"), pixels = new ImageData(this.across, this.down), size = this.across * this.down;
    small.width = this.across;
    small.height = this.down;
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) {
        const byte = this.bytes[this.channels === 3 ? c * size + i : i];
        pixels.data[4 * i + c] = this.flipped ? 255 - byte : byte;
      }
      pixels.data[4 * i + 3] = 255;
    }
    small.getContext("2d").putImageData(pixels, 0, 0);
    const pen = this.canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    pen.drawImage(small, 0, 0, this.canvas.width, this.canvas.height);
    if (this.led) {
      pen.strokeStyle = getComputedStyle(this.root).getPropertyValue("--st-primary-color") || "#888";
      pen.lineWidth = Math.max(2, this.cell / 4);
      pen.strokeRect(Math.floor(this.pen.x) * this.cell, Math.floor(this.pen.y) * this.cell, this.cell, this.cell);
    }
  }
}
