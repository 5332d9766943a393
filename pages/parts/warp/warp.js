// A standard normal cloud and its grid, carried from x to y by one slider: by the true map, and by what models have learned.
// `data` (genmodels/views/ring.py) holds the cloud of z and where each model takes it; the true map is computed here.

import { clamp, isDark, keep, pairs, percent } from "../shared/page.js";

const NARROW = 640;            // px of width below which the panels go below one another
const HUES = 48;               // colours around the circle
const NEAR = 1.62, FAR = 3.35; // half the plane that is seen at y and at x: the view comes nearer on the way
const PLAY_MS = 3200;

export default function mount(told) {
  return keep(Warp, told, told.setStateValue);
}

class Warp {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.root = find(".warp");
    this.way = find(".way");
    this.mark = find(".mark");
    this.play = find(".play");
    this.big = find(".true canvas");
    this.learned = find(".learned");
    this.way.oninput = () => { this.pause(); this.go(Number(this.way.value) / 100); };
    this.way.onchange = () => this.say();
    this.mark.oninput = () => { this.at = Number(this.mark.value); this.paint(); };
    this.mark.onchange = () => this.tell("mark", this.at === this.last ? 99 : this.at);
    this.play.onclick = () => (this.running ? this.pause(true) : this.start());
    this.big.onpointerdown = (event) => {
      this.pause();
      this.big.setPointerCapture(event.pointerId);
      this.held = { x: event.clientX, t: this.t };
    };
    this.big.onpointermove = (event) => { if (this.held) this.go(this.held.t + (1.4 * (event.clientX - this.held.x)) / this.big.clientWidth); };
    this.big.onpointerup = this.big.onpointercancel = () => { if (this.held) this.say(); this.held = null; };
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  update(data) {
    const linked = this.data?.version !== data.version, other = this.data?.stamp !== data.stamp;
    this.data = data;
    if (other) {
      this.z = points(data.z, data.span);
      this.lines = points(data.grid, data.span);
      this.hues = Array.from({ length: this.z.length / 2 }, (_, i) => hue(this.z[2 * i], this.z[2 * i + 1]));
      this.panels = data.panels.map((panel) => ({
        ...panel,
        clouds: panel.clouds.map((cloud) => points(cloud, data.span)),
        grid: panel.grid && points(panel.grid, data.span),
      }));
      this.last = data.shares.length - 1;
      this.mark.max = this.last;
      this.mark.disabled = this.last < 1;
      this.learned.replaceChildren(...data.panels.map(panelNode));
      this.table();
    }
    if (linked || other) {
      this.at = Math.min(data.mark, this.last);
      if (linked) this.t = data.way;
    }
    this.layout();
  }

  close() {
    this.pause();
    this.watch.disconnect();
  }

  start() {
    const from = this.t >= 1 ? 0 : this.t, begun = performance.now();
    this.play.textContent = "❚❚";
    const tick = (now) => {
      this.go(Math.min(1, from + (now - begun) / PLAY_MS));
      if (this.t < 1) this.running = requestAnimationFrame(tick);
      else this.pause(true);
    };
    this.running = requestAnimationFrame(tick);
  }

  pause(tell) {
    if (!this.running) return;
    cancelAnimationFrame(this.running);
    this.running = null;
    this.play.textContent = "▶";
    if (tell) this.say();
  }

  say() {
    this.tell("way", Math.round(this.t * 100) / 100);
  }

  go(t) {
    this.t = clamp(t);
    this.paint();
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return;
    this.root.dataset.dark = this.dark = isDark(this.root);
    this.root.classList.toggle("narrow", this.root.clientWidth < NARROW);
    this.palette = Array.from({ length: HUES }, (_, i) => colour(i / HUES, this.dark));
    for (const canvas of this.root.querySelectorAll("canvas")) {
      canvas.width = canvas.height = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    }
    this.paint();
  }

  // ---- drawing

  paint() {
    const t = this.t;
    this.way.value = Math.round(100 * t);
    const words = t === 0 ? "x ~ N(0, I)" : t === 1 ? "y = x/10 + x/‖x‖" : `x + ${t.toFixed(2)} (y − x)`;
    this.root.querySelector(".bar output").textContent = words;
    this.way.setAttribute("aria-valuetext", words);
    this.mark.value = this.at;
    const trained = this.at === this.last ? "fully trained" : `after ${percent(this.data.shares[this.at])}`;
    this.root.querySelector(".training output").textContent = trained;
    this.mark.setAttribute("aria-valuetext", trained);
    const big = plane(this.big, t, this.dark);
    big.circle();
    big.lines(this.lines, this.data.along, (x, y) => carried(x, y, t), this.palette, 0.75);
    big.dots(this.z, this.hues, this.palette, (i) => carried(this.z[2 * i], this.z[2 * i + 1], t), 2.1);
    big.label();
    this.big.setAttribute("aria-label", `1,000 points of a standard normal and its grid, carried ${Math.round(100 * t)} % of the way to the ring`);
    this.panels.forEach((panel, i) => this.panel(this.learned.children[i], panel, t));
    const truth = this.root.querySelector(".true figcaption");
    if (!truth.childElementCount) truth.append(bold("The true map"), "colour: the direction of x. Drag the picture, or the slider.");
  }

  panel(node, panel, t) {
    const canvas = node.querySelector("canvas"), paper = plane(canvas, t, this.dark);
    const share = this.data.shares[this.at] * (panel.steps ?? 1);
    let at = panel.clouds.length - 1;
    while (at > 0 && panel.marks[at] > share + 1e-6) at--;
    const cloud = panel.clouds[at];
    const way = (from, to) => from + t * (to - from);
    paper.circle();
    if (panel.grid && at === panel.clouds.length - 1) {
      const to = panel.grid, from = this.lines;
      paper.lines(from, this.data.along, (x, y, i) => [way(x, to[2 * i]), way(y, to[2 * i + 1])], this.palette, 0.6);
    }
    paper.dots(this.z, this.hues, this.palette, (i) => [way(this.z[2 * i], cloud[2 * i]), way(this.z[2 * i + 1], cloud[2 * i + 1])], 1.7);
    if (panel.ellipses) paper.ellipses(panel.ellipses, t, this.dark);
    canvas.setAttribute("aria-label", `${panel.title}: ${panel.note}`);
  }

  table() {
    const most = Math.max(...this.data.rows.map((row) => row.gap ?? 0), 0.01);
    this.root.querySelector("tbody").replaceChildren(...this.data.rows.map((row) => {
      const node = document.createElement("tr");
      if (row.model) node.dataset.model = row.model;
      node.appendChild(document.createElement("th")).textContent = row.name;
      const value = node.appendChild(document.createElement("td")), gap = node.appendChild(document.createElement("td"));
      node.firstChild.scope = "row";
      value.className = "value";
      value.textContent = row.value;
      gap.className = "gap";
      if (row.gap !== null) gap.appendChild(document.createElement("i")).style.width = `${Math.max(1, (150 * row.gap) / most)}px`;
      gap.append(row.words);
      return node;
    }));
    this.root.querySelector("caption").textContent = this.data.caption;
    this.root.querySelector(".note").textContent = this.data.note;
  }
}

function panelNode(panel) {
  const node = document.createElement("figure");
  node.dataset.model = panel.model;
  node.appendChild(document.createElement("canvas")).setAttribute("role", "img");
  node.appendChild(document.createElement("figcaption")).append(bold(panel.title), panel.note);
  return node;
}

function bold(words) {
  const node = document.createElement("b");
  node.textContent = words;
  return node;
}

// ---- the plane

function plane(canvas, t, dark) {
  const paper = canvas.getContext("2d"), side = canvas.width, ratio = window.devicePixelRatio || 1;
  const half = FAR * (NEAR / FAR) ** (t * t * (3 - 2 * t)), scale = side / 2 / half, middle = side / 2;
  const x = (v) => middle + v * scale, y = (v) => middle - v * scale;
  paper.clearRect(0, 0, side, side);
  return {
    circle() {  // the unit circle: the same ruler at any nearness
      paper.strokeStyle = dark ? "#565b66" : "#b9b5a8";
      paper.lineWidth = ratio;
      paper.setLineDash([3 * ratio, 4 * ratio]);
      paper.beginPath();
      paper.arc(middle, middle, scale, 0, 2 * Math.PI);
      paper.stroke();
      paper.setLineDash([]);
    },
    label() {
      if (t > 0.05 && t < 0.75) return;  // points would cover it
      paper.fillStyle = dark ? "#a3a6ae" : "#6d6f76";
      paper.font = `${11.5 * ratio}px sans-serif`;
      paper.textAlign = "center";
      paper.fillText("‖·‖ = 1", middle, y(1) + (t > 0.5 ? 15 : -6) * ratio);
    },
    // Lines of `along` points each, every stretch in the colour of its direction before the map.
    lines(from, along, to, palette, alpha) {
      const paths = palette.map(() => new Path2D());
      for (let line = 0; line < from.length / 2 / along; line++) {
        let before = null, bin = -1;
        for (let k = 0; k < along; k++) {
          const i = line * along + k, u = from[2 * i], v = from[2 * i + 1], [px, py] = to(u, v, i), now = [x(px), y(py)];
          if (before) {
            const own = hue(u, v);
            if (own !== bin) paths[(bin = own)].moveTo(...before);
            paths[bin].lineTo(...now);
          }
          before = now;
        }
      }
      paper.globalAlpha = alpha;
      paper.lineWidth = (side > 400 * ratio ? 1.25 : 0.8) * ratio;
      paths.forEach((path, i) => { paper.strokeStyle = palette[i]; paper.stroke(path); });
      paper.globalAlpha = 1;
    },
    dots(z, hues, palette, to, size) {
      const r = size * ratio * (side > 400 * ratio ? 1.15 : 1);
      for (let i = 0; i < hues.length; i++) {
        const [px, py] = to(i);
        paper.fillStyle = palette[hues[i]];
        paper.beginPath();
        paper.arc(x(px), y(py), r, 0, 2 * Math.PI);
        paper.fill();
      }
    },
    // A component's ellipse of two deviations, on its way from that of N(0, I).
    ellipses(all, t, dark) {
      paper.strokeStyle = dark ? "#e8e6df" : "#1c1f26";
      paper.lineWidth = 1.1 * ratio;
      for (const [mx, my, a, b, d] of all) {  // mean; L = ((a, 0), (b, d))
        const la = 1 + t * (a - 1), lb = t * b, ld = 1 + t * (d - 1);
        paper.beginPath();
        for (let k = 0; k <= 48; k++) {
          const u = 2 * Math.cos((k * Math.PI) / 24), v = 2 * Math.sin((k * Math.PI) / 24);
          paper.lineTo(x(t * mx + la * u), y(t * my + lb * u + ld * v));
        }
        paper.stroke();
      }
    },
  };
}

function carried(x, y, t) {
  const length = Math.hypot(x, y) || 1e-9, factor = 1 + t * (0.1 + 1 / length - 1);
  return [x * factor, y * factor];
}

function hue(x, y) {
  return Math.floor(((Math.atan2(y, x) / (2 * Math.PI) + 1) % 1) * HUES) % HUES;
}

// Around the circle hue turns once, and lightness swings once, so that halves differ without colour too.
function colour(share, dark) {
  const light = (dark ? 0.74 : 0.6) + 0.11 * Math.cos(2 * Math.PI * share);
  return `oklch(${light} 0.15 ${Math.round(360 * share + 40)})`;
}

function points(base64, span) {
  return Float64Array.from(pairs(base64), (v) => (v / 65535 - 0.5) * 2 * span);
}
