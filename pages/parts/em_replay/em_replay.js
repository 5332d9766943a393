// EM in the plane: points coloured by responsibilities, components as ellipses; and samples of what is shown. `data`
// (genmodels/views/mixtures.py) holds the parameters after every step; all else is computed here. Half steps: 0 is the
// start; 2i - 1 is E-step i (colours of the parameters before), 2i is M-step i (ellipses of those colours).

import { pixelRatio } from "../shared/canvas.js";
import { easeOut, mix, prefersStillness, smoothstep } from "../shared/easing.js";
import { decimal, element } from "../shared/nodes.js";
import { decodePoints, seededRandom } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { Player } from "../shared/player.js";
import { likelihoodChart } from "./chart.js";
import { drawSample, logDensity, responsibilities } from "./mixture.js";
import { Plane, componentColours } from "./plane.js";

const END = 999;            // sent for the last half step, whichever it is: it stays the last when the fit changes
const NARROW = 640;         // px of width below which the side goes below
const TALL = 440;           // px: with what stands above it, a projector's height
const SLOW_MS = 420, FAST_MS = 90, SLOW_STEPS = 6; // the first steps are watched, the many small ones pass by
const GLIDE_MS = 260, LIT_MS = 550, FALL_MS = 320;
const LABELS = { pause: "Pause", play: "Play EM", words: { pause: "Pause", play: "Play" } };

export default function mount(context) {
  return mountPart(Replay, context, (frame) => context.setStateValue("frame", frame));
}

class Replay {
  constructor(parent) {
    const find = (selector) => parent.querySelector(selector);
    this.root = find(".em");
    this.canvas = find("canvas");
    this.slider = find("input");
    this.back = find(".back");
    this.on = find(".on");
    const delay = (frame, isFirst) => (isFirst || frame < 2 * SLOW_STEPS ? SLOW_MS : FAST_MS);
    this.player = new Player(find(".play"), this.slider, this, delay, LABELS);
    this.back.onclick = () => this.step(-1);
    this.on.onclick = () => this.step(1);
    find(".one").onclick = () => this.drawOne();
    find(".many").onclick = () => this.drawMany(100);
    find(".clear").onclick = () => { this.forget(); this.fillWords(); };
    this.forget();
    this.observer = watchSize(this.root, () => this.layout());
  }

  update(data) {
    const isOther = this.data?.stamp !== data.stamp;
    this.data = data;
    this.root.classList.toggle("old", Boolean(data.isOld));
    if (isOther) {
      this.player.halt();
      this.points = decodePoints(data.points, data.low, data.high);
      this.last = 2 * (data.weights.length - 1);
      this.responsibilities = new Map();
      this.forget();
      this.frame = Math.min(data.frame, this.last);
      this.slider.max = this.last;
    }
    this.layout();
  }

  close() {
    this.player.halt();
    this.forget();
    cancelAnimationFrame(this.glideFrame);
    this.observer.disconnect();
  }

  // Lets the server know the half step that is shown.
  rest() {
    this.send(this.frame === this.last ? END : this.frame);
  }

  step(by) {
    this.player.halt();
    this.show(this.frame + by);
    this.rest();
  }

  layout() {
    if (!this.data || !this.root.clientWidth) return;
    this.root.dataset.dark = this.dark = isDark(this.root);
    this.root.classList.toggle("narrow", this.root.clientWidth < NARROW);
    const side = this.canvas.parentElement.clientWidth;
    this.canvas.width = Math.round(side * pixelRatio());
    this.canvas.height = Math.round(Math.min(side, TALL) * pixelRatio());
    this.colours = componentColours(this.dark);
    this.show(this.frame);
  }

  // ---- the replay ---------------------------------------------------------------------------------------------------

  show(frame) {
    const before = this.frame;
    this.frame = Math.max(0, Math.min(frame, this.last));
    if (before !== this.frame) this.forget();
    this.fillBar();
    this.fillChart();
    this.fillWords(this.words); // drawn again, it says of the last sample what it said
    cancelAnimationFrame(this.glideFrame);
    const isNextM = this.frame % 2 === 0 && before === this.frame - 1;
    if (isNextM && before < 2 * SLOW_STEPS && !prefersStillness()) this.glide();
    else this.paint(1);
  }

  fillBar() {
    const { frame } = this, isE = frame % 2 === 1;
    const words = frame === 0 ? "start" : `${isE ? "E" : "M"}-step ${Math.ceil(frame / 2)} of ${this.last / 2}`;
    this.slider.value = frame;
    this.slider.setAttribute("aria-valuetext", words);
    this.root.querySelector("output").textContent = words;
    this.back.disabled = frame === 0;
    this.on.disabled = frame === this.last;
    this.root.querySelector(".now").textContent = frame === 0
      ? "Start: equal weights, one covariance for all. No point has been explained yet."
      : isE ? "E: each point is coloured by its responsibilities p(z | x): how much each component explains it."
        : "M: each component moves to the weighted mean and covariance of the points it explains.";
  }

  fillChart() {
    const holder = this.root.querySelector(".chart");
    holder.innerHTML = likelihoodChart(this.data.log_likelihood, this.index, holder.clientWidth || 400);
  }

  glide() {
    const begin = performance.now();
    const tick = (now) => {
      const t = Math.min(1, (now - begin) / GLIDE_MS);
      this.paint(smoothstep(t));
      if (t < 1) this.glideFrame = requestAnimationFrame(tick);
    };
    this.paint(0);
    this.glideFrame = requestAnimationFrame(tick);
  }

  get index() { return Math.floor(this.frame / 2); } // of the parameters that are shown

  get mixture() { return this.mixtureAt(this.index); }

  get likelihood() { return decimal(this.data.log_likelihood[this.index], 3); } // in words

  mixtureAt(index) {
    const { weights, means, covariances } = this.data;
    return { weights: weights[index], means: means[index], covariances: covariances[index] };
  }

  // Those that colour the points: of the parameters before an E-step; none at the start.
  get shares() {
    if (this.frame === 0) return null;
    const index = Math.ceil(this.frame / 2) - 1, { responsibilities: cache } = this;
    if (!cache.has(index)) cache.set(index, responsibilities(this.points, this.mixtureAt(index)));
    return cache.get(index);
  }

  // `t` is how much of its way from the parameters before each ellipse has gone.
  paint(t) {
    const { canvas, data, index, points } = this, { weights, means, covariances } = this.mixture, k = weights.length;
    const before = this.mixtureAt(Math.max(0, index - 1)), mixed = (from, to) => to.map((v, i) => mix(from[i], v, t));
    const plane = (this.plane = new Plane(canvas, data.low, data.high, this.dark));
    plane.clear();
    plane.points(points, this.shares, k, this.samples.length ? 0.25 : 0.8);
    for (let j = 0; j < k; j++) {
      const mean = mixed(before.means[j], means[j]), covariance = mixed(before.covariances[j], covariances[j]);
      plane.ellipse(j, mean, covariance, weights[j], this.lit);
    }
    for (const sample of this.samples) plane.sample(sample.x, sample.z);
    canvas.setAttribute("aria-label", `${this.slider.ariaValueText}: ` +
      `${points.length / 2} points, ${k} components as ellipses of one and two standard deviations, ` +
      `log-likelihood ${this.likelihood} nats per point, ${this.samples.length} samples drawn`);
  }

  // ---- sampling in two moves ----------------------------------------------------------------------------------------

  forget() {
    clearTimeout(this.fallTimer);
    cancelAnimationFrame(this.fallFrame);
    this.samples = [];
    this.lit = null;
    this.words = undefined;
    this.random = seededRandom(20250101); // the same samples each time: nobody has chosen what is shown
  }

  drawMany(n) {
    for (let i = 0; i < n; i++) this.samples.push(drawSample(this.mixture, this.random));
    this.lit = null;
    this.fillWords();
  }

  // First the component lights up, then its sample falls from its mean.
  drawOne() {
    clearTimeout(this.fallTimer);
    cancelAnimationFrame(this.fallFrame);
    if (this.falling) this.samples.push(this.falling);
    this.player.pause();
    const sample = (this.falling = drawSample(this.mixture, this.random));
    this.lit = sample.z;
    if (prefersStillness()) return this.land(sample);
    this.fillWords(`First z = ${sample.z + 1}, drawn with probability p(z) = ${this.probability(sample.z)} …`);
    this.fallTimer = setTimeout(() => this.fall(sample), LIT_MS);
  }

  fall(sample) {
    const begin = performance.now(), start = this.mixture.means[sample.z];
    const tick = (now) => {
      const t = Math.min(1, (now - begin) / FALL_MS);
      this.paint(1);
      this.plane.sample([0, 1].map((i) => mix(start[i], sample.x[i], easeOut(t))), sample.z);
      if (t < 1) this.fallFrame = requestAnimationFrame(tick);
      else this.land(sample);
    };
    this.fallFrame = requestAnimationFrame(tick);
  }

  land(sample) {
    const z = sample.z + 1, x = sample.x.map((v) => v.toFixed(2)).join(", ");
    this.samples.push(sample);
    this.falling = null;
    this.fillWords(`z = ${z} with p(z) = ${this.probability(sample.z)}; then x = (${x}) from p(x | z = ${z}).`);
  }

  probability(z) {
    return this.mixture.weights[z].toFixed(3);
  }

  fillWords(words) {
    this.words = words;
    if (!this.samples.length && !words) this.falling = null;
    const { weights } = this.mixture, largest = Math.max(...weights), holder = this.root.querySelector(".weights");
    holder.replaceChildren(...weights.map((w, j) => {
      const node = element("div", "", this.lit === j ? "lit" : ""), bar = node.appendChild(document.createElement("i"));
      bar.style.cssText = `height: ${Math.max(2, (50 * w) / largest)}px; --own: rgb(${this.colours?.[j].join(" ")})`;
      node.append(String(j + 1));
      return node;
    }));
    holder.setAttribute("aria-label", `p(z): ${weights.map((w, j) => `${j + 1} ${w.toFixed(2)}`).join(", ")}`);
    this.root.querySelector(".drawn").textContent = words ?? (this.samples.length
      ? this.summary()
      : "The bars are p(z), one a component. The points that fall are new: no training point is used.");
    this.root.querySelector(".clear").disabled = !this.samples.length;
    if (this.plane) this.paint(1);
  }

  // How often each z was drawn, and how likely the samples are: to be held against p(z) and the training points.
  summary() {
    const { samples, mixture } = this, n = samples.length;
    const counts = mixture.weights.map((_, j) => `${samples.filter((s) => s.z === j).length} of z = ${j + 1}`);
    const mean = samples.reduce((sum, s) => sum + logDensity(s.x, mixture), 0) / n;
    const means = `Their mean log p(x) is ${decimal(mean, 3)}, the training points’ ${this.likelihood}.`;
    return `${n} samples: ${counts.join(", ")}. ${means}`;
  }
}
