// The pad: a picture of bytes (C, H, W) under a pen that darkens or lightens. Told to the server at the end of each stroke; what comes
// back is where the picture lies, which the plane is told by the window's event `genmodels-mark`.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const pads = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let pad = pads.get(parentElement);
  if (!pad) pads.set(parentElement, (pad = new Pad(parentElement)));
  pad.tell = (text) => setTriggerValue("drawn", text);
  pad.update(data);
  return () => { pad.close(); pads.delete(parentElement); };
}

class Pad {
  constructor(parent) {
    this.root = parent.querySelector(".pad");
    this.canvas = parent.querySelector("canvas");
    this.words = parent.querySelector(".words");
    this.buttons = { dark: parent.querySelector(".dark"), light: parent.querySelector(".light") };
    for (const [name, button] of Object.entries(this.buttons)) button.onclick = () => this.take(name);
    parent.querySelector(".blank").onclick = () => { this.bytes.fill(this.data.ink ? 0 : 255); this.done(); };
    parent.querySelector(".restore").onclick = () => { this.bytes = bytesOf(this.data.start); this.done(); };
    this.canvas.onpointerdown = (event) => this.down(event);
    this.canvas.onpointermove = (event) => this.move(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => { if (this.drawing) { this.drawing = false; this.done(); } };
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onfocus = this.canvas.onblur = () => this.paint();
    this.tool = "dark";
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  close() {
    this.watch.disconnect();
    window.dispatchEvent(new CustomEvent("genmodels-mark", { detail: null }));
  }

  update(data) {
    const before = this.data;
    this.data = data;
    [this.channels, this.h, this.w] = data.shape;
    if (before?.version !== data.version || before?.start !== data.start) this.bytes = bytesOf(data.drawn || data.start);
    this.pen ??= { x: this.w / 2, y: this.h / 2 };
    if (this.words.textContent !== data.words) this.words.textContent = data.words;
    window.dispatchEvent(new CustomEvent("genmodels-mark", { detail: data.mark }));
    this.layout();
  }

  take(name) {
    this.tool = name;
    for (const [other, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", String(other === name));
  }

  done() {
    this.paint();
    this.tell(textOf(this.bytes));
  }

  // Light ink on black is shown as ink on paper where the page is light: "dark" is what looks dark.
  get flipped() { return this.data.ink && !isDark(this.root); }
  get value() { return (this.tool === "dark") !== this.flipped ? 0 : 255; }

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
    event.stopPropagation();
    this.keys = true;
    if (arrow) {
      this.pen = { x: within(Math.floor(this.pen.x) + 0.5 + arrow[0], this.w), y: within(Math.floor(this.pen.y) + 0.5 + arrow[1], this.h) };
      this.paint();
    } else { this.touch(this.pen); this.done(); }
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * this.w, y: ((event.clientY - box.top) / box.height) * this.h };
  }

  strokeTo(to) {
    const from = this.pen, steps = Math.max(1, Math.ceil(3 * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let i = 1; i <= steps; i++) this.touch({ x: from.x + ((to.x - from.x) * i) / steps, y: from.y + ((to.y - from.y) * i) / steps });
    this.pen = to;
  }

  // A round tip with a soft edge, a sixteenth of the picture wide and at least a pixel.
  touch({ x, y }) {
    const radius = Math.max(0.5, this.w / 32), value = this.value;
    for (let row = Math.max(0, Math.floor(y - radius - 1)); row <= Math.min(this.h - 1, y + radius + 1); row++) {
      for (let column = Math.max(0, Math.floor(x - radius - 1)); column <= Math.min(this.w - 1, x + radius + 1); column++) {
        const cover = this.w < 16 ? Number(Math.floor(x) === column && Math.floor(y) === row) : within01(radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y));
        for (let c = 0; c < this.channels && cover; c++) {
          const at = (c * this.h + row) * this.w + column, mixed = this.bytes[at] + (value - this.bytes[at]) * cover;
          this.bytes[at] = value ? Math.max(this.bytes[at], mixed) : Math.min(this.bytes[at], mixed);
        }
      }
    }
  }

  layout() {
    const ratio = window.devicePixelRatio || 1, room = Math.min(this.root.clientWidth, 232) - 2;
    if (!this.data || room < 20) return;
    this.cell = Math.max(1, Math.floor((room * ratio) / this.w)); // whole device pixels: they stay crisp
    this.canvas.width = this.cell * this.w;
    this.canvas.height = this.cell * this.h;
    this.canvas.style.width = `${(this.cell * this.w) / ratio}px`;
    this.canvas.style.height = `${(this.cell * this.h) / ratio}px`;
    this.paint();
  }

  paint() {
    if (!this.cell) return;
    const small = document.createElement("canvas"), pixels = new ImageData(this.w, this.h), size = this.w * this.h;
    small.width = this.w;
    small.height = this.h;
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
    if (this.keys && this.canvas.getRootNode().activeElement === this.canvas) {
      pen.strokeStyle = getComputedStyle(this.root).getPropertyValue("--st-primary-color") || "#888";
      pen.lineWidth = Math.max(2, this.cell / 4);
      pen.strokeRect(Math.floor(this.pen.x) * this.cell, Math.floor(this.pen.y) * this.cell, this.cell, this.cell);
    }
  }
}

const within = (value, size) => Math.min(size - 0.5, Math.max(0.5, value));
const within01 = (value) => Math.min(1, Math.max(0, value));

function bytesOf(text) {
  return Uint8ClampedArray.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

function textOf(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function isDark(node) {
  const [r, g, b] = getComputedStyle(node).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384; // light words: a dark page
}
