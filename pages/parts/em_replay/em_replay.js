// EM in the plane: points coloured by responsibilities, components as ellipses; and samples of what is shown.
// `data` (genmodels/views/mixtures.py) holds the parameters after every step; all else is computed here.
// Half steps: 0 is the start; 2i - 1 is E-step i (colours of the parameters before), 2i is M-step i (ellipses of those colours).

import { isDark, keep, pairs, random } from "../shared/page.js";

const END = 999;            // told for the last half step, whichever it is: it stays the last when the fit changes
const NARROW = 640;         // px of width below which the side goes below
const TALL = 440;           // px: with what stands above it, a projector's height
const SLOW_MS = 420, FAST_MS = 90, SLOW_STEPS = 6;  // the first steps are watched, the many small ones pass by
const GLIDE_MS = 260, LIT_MS = 550, FALL_MS = 320;
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#84841c",
  "#5a45b0", "#117733", "#b5651d", "#00a0a0", "#e0567a", "#5b7fa6", "#b0a000", "#8a5fbf"].map(rgb);
const CHART = { height: 132, left: 46, right: 10, top: 20, bottom: 20 };

export default function mount(told) {
  return keep(Replay, told, (frame) => told.setStateValue("frame", frame));
}

class Replay {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.root = find(".em");
    this.canvas = find("canvas");
    this.slider = find("input");
    this.play = find(".play");
    this.back = find(".back");
    this.on = find(".on");
    this.slider.oninput = () => { this.pause(); this.show(Number(this.slider.value)); };
    this.slider.onchange = () => this.say();
    this.play.onclick = () => (this.timer ? this.pause(true) : this.start());
    this.back.onclick = () => { this.pause(); this.show(this.frame - 1); this.say(); };
    this.on.onclick = () => { this.pause(); this.show(this.frame + 1); this.say(); };
    find(".one").onclick = () => this.drawOne();
    find(".many").onclick = () => { for (let i = 0; i < 100; i++) this.samples.push(this.sample()); this.lit = null; this.told(); };
    find(".clear").onclick = () => { this.forget(); this.told(); };
    this.forget();
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  update(data) {
    const other = this.data?.stamp !== data.stamp;
    this.data = data;
    if (other) {
      this.pause();
      this.points = points(data.points, data.low, data.high);
      this.last = 2 * (data.weights.length - 1);
      this.shares = new Map();
      this.forget();
      this.frame = Math.min(data.frame, this.last);
      this.slider.max = this.last;
    }
    this.layout();
  }

  close() {
    this.pause();
    this.forget();
    cancelAnimationFrame(this.gliding);
    this.watch.disconnect();
  }

  start() {
    const from = this.frame >= this.last ? 0 : this.frame;
    this.play.textContent = "❚❚ Pause";
    this.play.setAttribute("aria-label", "Pause");
    const next = () => {
      if (this.frame >= this.last) return this.pause(true);
      this.timer = setTimeout(next, this.frame < 2 * SLOW_STEPS ? SLOW_MS : FAST_MS);
      this.show(this.frame + 1);
    };
    this.timer = setTimeout(next, SLOW_MS);
    this.show(from);
  }

  pause(tell) {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "▶ Play";
    this.play.setAttribute("aria-label", "Play EM");
    if (tell) this.say();
  }

  say() {
    this.tell(this.frame === this.last ? END : this.frame);
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return;
    this.root.dataset.dark = this.dark = isDark(this.root);
    this.root.classList.toggle("narrow", this.root.clientWidth < NARROW);
    const ratio = window.devicePixelRatio || 1, stage = this.canvas.parentElement;
    const side = stage.clientWidth, tall = Math.min(side, TALL);
    this.canvas.width = Math.round(side * ratio);
    this.canvas.height = Math.round(tall * ratio);
    this.colours = COLOURS.map((c) => (this.dark ? c.map((v) => Math.round(v + (255 - v) * 0.3)) : c));
    this.show(this.frame);
  }

  // ---- the replay

  show(frame) {
    const before = this.frame;
    this.frame = Math.max(0, Math.min(frame, this.last));
    if (before !== this.frame) this.forget();
    const { data } = this, step = Math.ceil(this.frame / 2), isE = this.frame % 2 === 1;
    const word = this.frame === 0 ? "start" : `${isE ? "E" : "M"}-step ${step} of ${this.last / 2}`;
    this.slider.value = this.frame;
    this.slider.setAttribute("aria-valuetext", word);
    this.root.querySelector("output").textContent = word;
    this.back.disabled = this.frame === 0;
    this.on.disabled = this.frame === this.last;
    this.root.querySelector(".now").textContent = this.frame === 0
      ? "Start: equal weights, one covariance for all. No point has been explained yet."
      : isE ? "E: each point is coloured by its responsibilities p(z | x): how much each component explains it."
        : "M: each component moves to the weighted mean and covariance of the points it explains.";
    this.chart();
    this.told();
    cancelAnimationFrame(this.gliding);
    if (!isE && before === this.frame - 1 && before < 2 * SLOW_STEPS && !still()) this.glide();
    else this.paint(1);
  }

  glide() {
    const from = performance.now();
    const tick = (now) => {
      const share = Math.min(1, (now - from) / GLIDE_MS);
      this.paint(share * share * (3 - 2 * share));
      if (share < 1) this.gliding = requestAnimationFrame(tick);
    };
    this.paint(0);
    this.gliding = requestAnimationFrame(tick);
  }

  get at() { return Math.floor(this.frame / 2); }  // whose parameters are shown

  get explained() { return this.frame === 0 ? null : this.responsibilities(Math.ceil(this.frame / 2) - 1); }

  // p(z | x) of every point under the parameters after step `at`: K numbers a point.
  responsibilities(at) {
    if (!this.shares.has(at)) {
      const { weights, means, covariances } = this.data, k = weights[at].length, n = this.points.length / 2;
      const out = new Float32Array(n * k), log = new Float64Array(k);
      const parts = weights[at].map((w, j) => {
        const [a, b, c] = covariances[at][j], det = a * c - b * b;
        return { m: means[at][j], a: c / det, b: -b / det, c: a / det, constant: Math.log(w) - Math.log(det) / 2 };
      });
      for (let i = 0; i < n; i++) {
        let most = -Infinity, sum = 0;
        for (let j = 0; j < k; j++) {
          const p = parts[j], dx = this.points[2 * i] - p.m[0], dy = this.points[2 * i + 1] - p.m[1];
          log[j] = p.constant - (p.a * dx * dx + 2 * p.b * dx * dy + p.c * dy * dy) / 2;
          most = Math.max(most, log[j]);
        }
        for (let j = 0; j < k; j++) sum += out[i * k + j] = Math.exp(log[j] - most);
        for (let j = 0; j < k; j++) out[i * k + j] /= sum;
      }
      this.shares.set(at, out);
    }
    return this.shares.get(at);
  }

  paint(share) {
    const { canvas, data } = this, ratio = window.devicePixelRatio || 1, paper = canvas.getContext("2d");
    const scale = Math.min(canvas.width, canvas.height) / (data.high[0] - data.low[0]);
    const middle = [(data.low[0] + data.high[0]) / 2, (data.low[1] + data.high[1]) / 2];
    const x = (v) => canvas.width / 2 + (v - middle[0]) * scale, y = (v) => canvas.height / 2 - (v - middle[1]) * scale;
    this.place = { x, y, ratio };
    paper.clearRect(0, 0, canvas.width, canvas.height);
    const r = this.explained, k = data.weights[0].length, n = this.points.length / 2, size = 2.6 * ratio;
    paper.globalAlpha = this.samples.length ? 0.25 : 0.8;
    for (let i = 0; i < n; i++) {
      paper.fillStyle = r ? blend(this.colours, r, i * k, k) : this.dark ? "#8b909c" : "#8d8f96";
      paper.fillRect(x(this.points[2 * i]) - size / 2, y(this.points[2 * i + 1]) - size / 2, size, size);
    }
    paper.globalAlpha = 1;
    for (let j = 0; j < k; j++) this.ellipse(paper, j, share);
    for (const s of this.samples) this.drop(paper, s.x, s.z);
    canvas.setAttribute("aria-label", `${n} points, ${k} components as ellipses of one and two standard deviations, ` +
      `log-likelihood ${number(data.log_likelihood[this.at])} nats per point, ${this.samples.length} samples drawn`);
  }

  // One and two standard deviations of component j, on its way from the step before if share < 1.
  ellipse(paper, j, share) {
    const { means, covariances, weights } = this.data, at = this.at, from = Math.max(0, at - 1), { x, y, ratio } = this.place;
    const mix = (a, b) => a + (b - a) * share;
    const m = means[at][j].map((v, i) => mix(means[from][j][i], v));
    const [a, b, c] = covariances[at][j].map((v, i) => mix(covariances[from][j][i], v));
    const half = Math.hypot((a - c) / 2, b), big = Math.sqrt((a + c) / 2 + half), small = Math.sqrt(Math.max((a + c) / 2 - half, 0));
    const turn = Math.atan2(2 * b, a - c) / 2, scale = x(1) - x(0), colour = `rgb(${this.colours[j].join(" ")})`;
    const lit = this.lit === j, shy = this.lit !== null && !lit;
    paper.strokeStyle = paper.fillStyle = colour;
    for (const sigmas of [1, 2]) {
      paper.beginPath();
      paper.ellipse(x(m[0]), y(m[1]), Math.max(sigmas * big * scale, 1), Math.max(sigmas * small * scale, 1), -turn, 0, 2 * Math.PI);
      paper.globalAlpha = (lit ? 0.3 : shy ? 0.02 : 0.1);
      paper.fill();
      paper.globalAlpha = shy ? 0.3 : weights[at][j] < 1e-3 ? 0.25 : 1;
      paper.lineWidth = (lit ? 3 : sigmas === 1 ? 2 : 1.2) * ratio;
      paper.stroke();
    }
    paper.font = `650 ${12.5 * ratio}px sans-serif`;
    paper.textAlign = "center";
    paper.textBaseline = "middle";
    paper.lineWidth = 3.5 * ratio;
    paper.strokeStyle = this.dark ? "#14161b" : "#fbfaf7";
    const tiny = 2 * big * scale < 14 * ratio, out = Math.hypot(m[0], m[1]) || 1, away = tiny ? 15 * ratio : 0;  // beside what it would hide
    const px = x(m[0]) + (away * m[0]) / out, py = y(m[1]) - (away * m[1]) / out;
    paper.strokeText(String(j + 1), px, py);
    paper.fillStyle = this.dark ? "#f3f1ea" : "#1c1f26";
    paper.fillText(String(j + 1), px, py);
    paper.globalAlpha = 1;
  }

  drop(paper, [px, py], z) {
    const { x, y, ratio } = this.place;
    paper.beginPath();
    paper.arc(x(px), y(py), 4 * ratio, 0, 2 * Math.PI);
    paper.fillStyle = `rgb(${this.colours[z].join(" ")})`;
    paper.fill();
    paper.lineWidth = 1.4 * ratio;
    paper.strokeStyle = this.dark ? "#fff" : "#14161b";
    paper.stroke();
  }

  // ---- sampling in two moves

  forget() {
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.falling);
    this.samples = [];
    this.lit = null;
    this.chance = random(20250101);  // the same chance each time: nobody has chosen what is shown
  }

  sample() {
    const { weights, means, covariances } = this.data, at = this.at, u = this.chance();
    let z = 0, sum = weights[at][0];
    while (sum < u && z < weights[at].length - 1) sum += weights[at][++z];
    const length = Math.sqrt(-2 * Math.log(1 - this.chance())), angle = 2 * Math.PI * this.chance();
    const [a, b, c] = covariances[at][z], l = Math.sqrt(a), m = b / l, q = Math.sqrt(Math.max(c - m * m, 0));
    const e = [length * Math.cos(angle), length * Math.sin(angle)];
    return { z, x: [means[at][z][0] + l * e[0], means[at][z][1] + m * e[0] + q * e[1]] };
  }

  drawOne() {
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.falling);
    if (this.next) this.samples.push(this.next);
    this.pause(true);
    const one = (this.next = this.sample());
    this.lit = one.z;
    if (still()) return this.land(one);
    this.told(`First z = ${one.z + 1}, drawn with probability p(z) = ${this.data.weights[this.at][one.z].toFixed(3)} …`);
    this.waiting = setTimeout(() => {
      const from = performance.now(), start = this.data.means[this.at][one.z];
      const tick = (now) => {
        const share = Math.min(1, (now - from) / FALL_MS), eased = 1 - (1 - share) ** 3;
        this.paint(1);
        this.drop(this.canvas.getContext("2d"), [0, 1].map((i) => start[i] + (one.x[i] - start[i]) * eased), one.z);
        if (share < 1) this.falling = requestAnimationFrame(tick);
        else this.land(one);
      };
      this.falling = requestAnimationFrame(tick);
    }, LIT_MS);
  }

  land(one) {
    this.samples.push(one);
    this.next = null;
    this.told(`z = ${one.z + 1} with p(z) = ${this.data.weights[this.at][one.z].toFixed(3)}; then x = (${one.x.map((v) => v.toFixed(2)).join(", ")}) from p(x | z = ${one.z + 1}).`);
  }

  told(words) {
    if (!this.samples.length && !words) this.next = null;
    const weights = this.data.weights[this.at], most = Math.max(...weights), holder = this.root.querySelector(".weights");
    holder.replaceChildren(...weights.map((w, j) => {
      const node = document.createElement("div"), bar = node.appendChild(document.createElement("i"));
      node.className = this.lit === j ? "lit" : "";
      bar.style.cssText = `height: ${Math.max(2, (50 * w) / most)}px; --own: rgb(${this.colours?.[j].join(" ")})`;
      node.append(String(j + 1));
      return node;
    }));
    holder.setAttribute("aria-label", `p(z): ${weights.map((w, j) => `${j + 1} ${w.toFixed(2)}`).join(", ")}`);
    this.root.querySelector(".drawn").textContent = words ?? (this.samples.length
      ? this.summary()
      : "The bars are p(z), one a component. The points that fall are new: no training point is used.");
    this.root.querySelector(".clear").disabled = !this.samples.length;
    if (this.place) this.paint(1);
  }

  // How often each z was drawn, and how likely the samples are: to be held against p(z) and the training points.
  summary() {
    const n = this.samples.length, counts = this.data.weights[this.at].map((_, j) => this.samples.filter((s) => s.z === j).length);
    const mean = this.samples.reduce((sum, s) => sum + this.logDensity(s.x), 0) / n;
    return `${n} samples: ${counts.map((c, j) => `${c} of z = ${j + 1}`).join(", ")}. Their mean log p(x) is ${number(mean)}, the training points’ ${number(this.data.log_likelihood[this.at])}.`;
  }

  logDensity([px, py]) {
    const { weights, means, covariances } = this.data, at = this.at;
    const log = weights[at].map((w, j) => {
      const [a, b, c] = covariances[at][j], det = a * c - b * b, dx = px - means[at][j][0], dy = py - means[at][j][1];
      return Math.log(w) - Math.log(2 * Math.PI) - Math.log(det) / 2 - (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / det / 2;
    });
    const most = Math.max(...log);
    return most + Math.log(log.reduce((sum, v) => sum + Math.exp(v - most), 0));
  }

  // ---- the likelihood

  chart() {
    const holder = this.root.querySelector(".chart"), width = holder.clientWidth || 400, all = this.data.log_likelihood;
    const { height, left, right, top, bottom } = CHART, w = width - left - right, h = height - top - bottom;
    let low = Math.min(...all), high = Math.max(...all);
    if (high - low < 1e-9) { low -= 0.5; high += 0.5; }
    const pad = (high - low) * 0.06, x = (i) => left + (w * i) / Math.max(1, all.length - 1);
    const y = (v) => top + h * (1 - (v - low + pad) / (high - low + 2 * pad));
    const path = all.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    const value = all[this.at], end = this.at > all.length / 2;
    holder.innerHTML = `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Log-likelihood from ${number(all[0])} to ${number(all.at(-1))} nats per point in ${all.length - 1} EM steps">
      ${[low, high].map((v) => `<line class="grid" x1="${left}" x2="${left + w}" y1="${y(v)}" y2="${y(v)}"/><text class="tick" x="${left - 6}" y="${y(v) + 4}" text-anchor="end">${number(v)}</text>`).join("")}
      <text class="tick" x="${left}" y="${top - 8}">log-likelihood, nats per training point</text>
      <text class="tick" x="${left}" y="${height - 4}">0</text><text class="tick" x="${left + w}" y="${height - 4}" text-anchor="end">${all.length - 1} EM steps</text>
      <path class="line" d="${path}"/><circle class="dot" cx="${x(this.at)}" cy="${y(value)}" r="5"/>
      <text class="value" x="${x(this.at) + (end ? -9 : 9)}" y="${y(value) + (y(value) < top + h / 2 ? 18 : -10)}" text-anchor="${end ? "end" : "start"}">${number(value)}</text></svg>`; // numbers alone
  }
}

// ---- small things -------------------------------------------------------------------------------------------------------

function points(base64, low, high) {
  return Float64Array.from(pairs(base64), (v, i) => low[i % 2] + (v / 65535) * (high[i % 2] - low[i % 2]));
}

function blend(colours, r, at, k) {
  let red = 0, green = 0, blue = 0;
  for (let j = 0; j < k; j++) {
    const share = r[at + j], c = colours[j];
    red += share * c[0]; green += share * c[1]; blue += share * c[2];
  }
  return `rgb(${red | 0} ${green | 0} ${blue | 0})`;
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

function number(value) {
  return value.toFixed(3).replace("-", "−");
}

function still() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
