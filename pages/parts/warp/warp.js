// A standard normal cloud and its grid, carried from x to y by one slider: by the true map, and by what models have
// learned. `data` (genmodels/views/ring.py) holds the cloud of z and where each model takes it; the true map is
// computed here.

import { pixelRatio } from "../shared/canvas.js";
import { mix } from "../shared/easing.js";
import { element, fillChildren, percent } from "../shared/nodes.js";
import { clamp, decodePoints, lastReached } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { followPointer } from "../shared/pointing.js";
import { carried, hueAt, paletteOf } from "./ring.js";
import { View } from "./view.js";

const NARROW = 640; // px of width below which the panels go below one another
const PLAY_MS = 3200;
const END = 99;     // sent for the last step of training, whichever it is

export default function mount(context) {
  return mountPart(Warp, context, context.setStateValue);
}

class Warp {
  constructor(parent) {
    const find = (selector) => parent.querySelector(selector);
    this.root = find(".warp");
    this.wayInput = find(".way");
    this.markInput = find(".mark");
    this.playButton = find(".play");
    this.trueCanvas = find(".true canvas");
    this.learned = find(".learned");
    this.wayInput.oninput = () => { this.pause(); this.carry(Number(this.wayInput.value) / 100); };
    this.wayInput.onchange = () => this.report();
    this.markInput.oninput = () => { this.mark = Number(this.markInput.value); this.paint(); };
    this.markInput.onchange = () => this.send("mark", this.mark === this.last ? END : this.mark);
    this.playButton.onclick = () => (this.running ? this.pause(true) : this.start());
    this.dragBy(this.trueCanvas);
    this.observer = watchSize(this.root, () => this.layout());
  }

  dragBy(canvas) {
    const down = (event) => {
      this.pause();
      canvas.setPointerCapture(event.pointerId);
      this.drag = { x: event.clientX, t: this.t };
    };
    const move = (event) => {
      if (this.drag) this.carry(this.drag.t + (1.4 * (event.clientX - this.drag.x)) / canvas.clientWidth);
    };
    followPointer(canvas, { down, move, up: () => { this.drag = null; this.report(); } });
  }

  update(data) {
    const isLinked = this.data?.version !== data.version, isOther = this.data?.stamp !== data.stamp;
    this.data = data;
    if (isOther) this.read(data);
    if (isLinked || isOther) this.mark = Math.min(data.mark, this.last);
    if (isLinked) this.t = data.way;
    this.layout();
  }

  read(data) {
    const decode = (base64) => decodePoints(base64, [-data.span, -data.span], [data.span, data.span]);
    this.z = decode(data.z);
    this.lines = decode(data.grid);
    this.hues = Array.from({ length: this.z.length / 2 }, (_, i) => hueAt(this.z[2 * i], this.z[2 * i + 1]));
    this.panels = data.panels.map((panel) => (
      { ...panel, clouds: panel.clouds.map(decode), grid: panel.grid && decode(panel.grid) }));
    this.last = data.shares.length - 1;
    this.markInput.max = this.last;
    this.markInput.disabled = this.last < 1;
    this.root.classList.toggle("old", Boolean(data.isOld));
    fillChildren(this.learned, data.panels, panelNode, fillPanel);
    this.fillTable();
  }

  close() {
    this.pause();
    this.observer.disconnect();
  }

  start() {
    const from = this.t >= 1 ? 0 : this.t, begin = performance.now();
    this.playButton.textContent = "❚❚";
    const tick = (now) => {
      this.carry(Math.min(1, from + (now - begin) / PLAY_MS));
      if (this.t < 1) this.running = requestAnimationFrame(tick);
      else this.pause(true);
    };
    this.running = requestAnimationFrame(tick);
  }

  pause(isReported) {
    if (!this.running) return;
    cancelAnimationFrame(this.running);
    this.running = null;
    this.playButton.textContent = "▶";
    if (isReported) this.report();
  }

  report() {
    this.send("way", Math.round(this.t * 100) / 100);
  }

  carry(t) {
    this.t = clamp(t);
    this.paint();
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return;
    this.root.dataset.dark = this.dark = isDark(this.root);
    this.root.classList.toggle("narrow", this.root.clientWidth < NARROW);
    this.palette = paletteOf(this.dark);
    for (const canvas of this.root.querySelectorAll("canvas")) {
      canvas.width = canvas.height = Math.round(canvas.clientWidth * pixelRatio());
    }
    this.paint();
  }

  // ---- drawing ------------------------------------------------------------------------------------------------------

  paint() {
    this.fillBars();
    this.paintTrue();
    this.panels.forEach((panel, i) => this.paintPanel(this.learned.children[i], panel));
  }

  fillBars() {
    const { t } = this;
    const words = t === 0 ? "x ~ N(0, I)" : t === 1 ? "y = x/10 + x/‖x‖" : `x + ${t.toFixed(2)} (y − x)`;
    this.wayInput.value = Math.round(100 * t);
    this.root.querySelector(".bar output").textContent = words;
    this.wayInput.setAttribute("aria-valuetext", words);
    this.markInput.value = this.mark;
    this.root.querySelector(".training output").textContent = this.stage;
    this.markInput.setAttribute("aria-valuetext", this.stage);
  }

  get stage() { return this.mark === this.last ? "fully trained" : `after ${percent(this.data.shares[this.mark])}`; }

  paintTrue() {
    const { t, z, lines, palette } = this, view = new View(this.trueCanvas, t, this.dark);
    view.circle();
    view.lines(lines, this.data.along, (x, y) => carried(x, y, t), palette, 0.75);
    view.dots(z, this.hues, palette, (i) => carried(z[2 * i], z[2 * i + 1], t), 2.1);
    view.label();
    const way = `${Math.round(100 * t)} % of the way to the ring`;
    this.trueCanvas.setAttribute("aria-label", `1,000 points of a standard normal and its grid, carried ${way}`);
    const caption = this.root.querySelector(".true figcaption");
    if (caption.childElementCount) return;
    caption.append(element("b", "The true map"), "colour: the direction of x. Drag the picture, or the slider.");
  }

  paintPanel(node, panel) {
    const { t, z, lines, palette } = this, canvas = node.querySelector("canvas"), view = new View(canvas, t, this.dark);
    const marks = (panel.marks ?? [0]).slice(0, panel.clouds.length); // one that is not replayed has none
    const index = lastReached(marks, this.data.shares[this.mark] * (panel.steps ?? 1));
    const cloud = panel.clouds[index], { grid } = panel;
    view.circle();
    if (grid && index === panel.clouds.length - 1) {
      const carry = (x, y, i) => [mix(x, grid[2 * i], t), mix(y, grid[2 * i + 1], t)];
      view.lines(lines, this.data.along, carry, palette, 0.6);
    }
    const place = (i) => [mix(z[2 * i], cloud[2 * i], t), mix(z[2 * i + 1], cloud[2 * i + 1], t)];
    view.dots(z, this.hues, palette, place, 1.7);
    if (panel.ellipses) view.ellipses(panel.ellipses);
    canvas.setAttribute("aria-label", `${panel.title}: ${panel.note}; ${percent(t)} of the way, ${this.stage}`);
  }

  fillTable() {
    const { rows, caption, note } = this.data, widest = Math.max(...rows.map((row) => row.gap ?? 0), 0.01);
    this.root.querySelector("tbody").replaceChildren(...rows.map((row) => rowNode(row, widest)));
    this.root.querySelector("caption").textContent = caption;
    this.root.querySelector(".note").textContent = note;
  }
}

function panelNode() {
  const node = document.createElement("figure");
  node.appendChild(document.createElement("canvas")).setAttribute("role", "img");
  node.appendChild(document.createElement("figcaption"));
  return node;
}

function fillPanel(node, panel) {
  node.dataset.model = panel.model;
  node.classList.toggle("old", Boolean(panel.isOld));
  node.querySelector("figcaption").replaceChildren(element("b", panel.title), panel.note);
}

function rowNode(row, widest) {
  const node = document.createElement("tr"), head = node.appendChild(element("th", row.name));
  if (row.model) node.dataset.model = row.model;
  head.scope = "row";
  node.appendChild(element("td", row.value, "value"));
  const gap = node.appendChild(element("td", "", "gap"));
  const width = `${Math.max(1, (150 * row.gap) / widest)}px`;
  if (row.gap !== null) gap.appendChild(document.createElement("i")).style.width = width;
  gap.append(row.words);
  return node;
}
