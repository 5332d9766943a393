// The comparison board: one column a model, one slider that replays all columns from their recordings.
// It is told everything by `data` (genmodels/views/board.py) and tells back two things: the frame shown, and a card's button.

import { isDark, keep, pairs, percent, resize, text } from "../shared/page.js";
import { fillColumn } from "../shared/columns.js";

const SAMPLES_WIDE = 8, SAMPLES_NARROW = 4; // pictures across a column, on a desk and on a phone
const SHEET_COLUMNS = 8;                    // pictures across a sheet, as genmodels/views/tiles.py lays them
const NARROW = 640;                         // px of board width below which columns become thin
const PLAY_MS = 280;
const CHART = { width: 344, height: 134, left: 34, right: 84, top: 16, bottom: 16 }; // px; the unit stands above the plot

export default function mount(told) {
  return keep(Board, told, { frame: (i) => told.setStateValue("frame", i), act: (model) => told.setTriggerValue("act", model) });
}

class Board {
  constructor(root) {
    this.root = root.querySelector(".board");
    this.slider = root.querySelector("input");
    this.play = root.querySelector("button.play");
    this.label = root.querySelector("output");
    this.columns = root.querySelector(".columns");
    this.pictures = new Map();
    this.timer = null;
    this.slider.oninput = () => { this.pause(); this.show(Number(this.slider.value)); };
    this.slider.onchange = () => this.tell.frame(Number(this.slider.value));
    this.play.onclick = () => (this.timer ? this.pause(true) : this.start());
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  update(data) {
    const linked = this.data?.version !== data.version; // a link was opened; else the frame here is newer than the server's
    this.data = data;
    this.root.dataset.dark = isDark(this.root);
    this.root.classList.toggle("ink", data.scene.ink);
    this.live = data.columns.some((c) => c.state === "running" || c.state === "queued");
    const playable = data.columns.some((c) => c.frames.length > 1);
    this.slider.disabled = this.play.disabled = !playable;
    this.slider.max = data.shares.length - 1;
    if (linked) this.frame = data.frame;
    this.layout();
  }

  close() {
    this.pause();
    this.watch.disconnect();
  }

  start() {
    if (this.frame >= this.data.shares.length - 1) this.frame = 0;
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "Pause the replay");
    this.timer = setInterval(() => {
      if (this.frame >= this.data.shares.length - 1) return this.pause(true);
      this.show(this.frame + 1);
    }, PLAY_MS);
    this.show(this.frame);
  }

  pause(tell) {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "Play the training");
    if (tell) this.tell.frame(this.frame);
  }

  layout() {
    if (!this.data) return;
    const width = this.root.clientWidth;
    if (!width) return;
    this.narrow = width < NARROW;
    this.root.classList.toggle("narrow", this.narrow);
    this.root.classList.toggle("four", this.data.columns.length > 3);
    this.columns.style.setProperty("--n", this.data.columns.length);
    while (this.columns.children.length > this.data.columns.length) this.columns.lastChild.remove();
    this.data.columns.forEach((column, i) => {
      const node = this.columns.children[i] ?? this.columns.appendChild(columnNode());
      this.fill(node, column);
    });
    this.show(this.frame);
  }

  fill(node, column) {
    fillColumn(node, column, (column.step ?? 0) / (column.steps || 1), this.tell.act);
    text(node, ".summary", column.summary);
    text(node, ".provenance", column.provenance);
  }

  show(frame) {
    this.frame = Math.min(frame, this.data.shares.length - 1);
    this.slider.value = this.frame;
    const share = this.data.shares[this.frame];
    const words = this.live ? "training" : this.slider.disabled ? "" : `${percent(share)} of the budget`;
    this.label.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.data.columns.forEach((column, i) => this.paint(this.columns.children[i], column, share));
  }

  paint(node, column, share) {
    const live = column.state !== "finished";
    let at = column.marks.length - 1;
    if (!live) while (at > 0 && column.marks[at] > share * column.steps + 1e-6) at--;
    const now = column.frames[at];
    text(node, ".step", column.frames.length ? stepText(column, live ? column.step : column.marks[at], live) : "");
    const draw = this.data.scene.image ? drawPictures : drawCloud;
    draw(this, node, column, now);
    drawCharts(node, column, live ? null : column.marks[at] / column.steps, this.narrow);
  }

  picture(url) {
    let image = this.pictures.get(url);
    if (!image) {
      image = new Image();
      image.src = url;
      image.decode().then(() => this.show(this.frame), () => {});
      if (this.pictures.size > 400) this.pictures.clear();
      this.pictures.set(url, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }
}

function columnNode() {
  const node = document.createElement("section");
  node.innerHTML = `<div class="rule"><div class="progress"></div></div>
    <h2 class="title"></h2><p class="summary"></p>
    <div class="stage"><canvas class="samples" role="img"></canvas><div class="card" hidden role="status"><p></p><button type="button"></button></div></div>
    <p class="caption"><span class="samples-note"></span><span class="step"></span></p>
    <canvas class="reconstructed" role="img"></canvas><p class="caption reconstructed-note"></p>
    <div class="charts"></div><dl class="facts"></dl><p class="provenance"></p>`;
  return node;
}

// ---- pictures ---------------------------------------------------------------------------------------------------------

function drawPictures(board, node, column, now) {
  const scene = board.data.scene, across = board.narrow ? SAMPLES_NARROW : SAMPLES_WIDE;
  const rows = across; // a square sheet: 64 on a desk, 16 on a phone
  const samples = node.querySelector(".samples");
  const nearest = board.data.nearest && now?.nearest;
  const grid = canvasGrid(samples, across, nearest ? rows * 2 : rows, scene.shape);
  const many = nearest ? "the nearest training picture under each" : "";
  samples.setAttribute("aria-label", column.canSample && now ? `${across * rows} samples of the ${column.title}, ${many || "fixed noise"}` : `no samples of the ${column.title}`);
  const sheet = now?.samples && board.picture(now.samples), under = nearest && board.picture(now.nearest);
  for (let k = 0; k < across * rows; k++) {
    const line = Math.floor(k / across) * (nearest ? 2 : 1);
    if (sheet) grid.put(sheet, k, k % across, line, 1);
    if (under) grid.put(under, k, k % across, line + 1, 0.55);
  }
  if (now && !column.canSample) grid.dash();
  text(node, ".samples-note", nearest ? "sample, and below it the nearest training picture" : column.samplesNote);

  const reconstructed = node.querySelector(".reconstructed");
  const strip = canvasGrid(reconstructed, across, 2, scene.shape);
  const originals = board.picture(scene.originals), answers = now?.reconstructions && board.picture(now.reconstructions);
  for (let k = 0; k < across; k++) {
    if (originals) strip.put(originals, k, k, 0, 1);
    if (answers) strip.put(answers, k, k, 1, 1);
  }
  if (!column.canReconstruct) strip.dash(0.75);
  reconstructed.setAttribute("aria-label", `test pictures, and below each its reconstruction by the ${column.title}`);
  text(node, ".reconstructed-note", column.canReconstruct ? `test pictures, reconstructed below: ${column.reconstructedNote}` : `test pictures: it ${column.reconstructedNote}`);
}

// A canvas of whole device pixels in which every picture is scaled by the largest whole factor that fits its cell.
function canvasGrid(canvas, across, rows, [, height, width]) {
  const ratio = window.devicePixelRatio || 1;
  const full = Math.floor(canvas.parentElement.clientWidth * ratio);
  const cell = Math.floor(full / across);
  const gap = Math.max(1, Math.round(cell * 0.04));
  const fit = (cell - gap) / Math.max(width, height);
  const scale = fit >= 2 ? Math.floor(fit) : fit;
  const tall = Math.round(cell * (height / Math.max(width, height)));
  resize(canvas, cell * across, tall * rows, ratio);
  const paper = canvas.getContext("2d");
  paper.imageSmoothingEnabled = false;
  const w = Math.round(width * scale), h = Math.round(height * scale);
  return {
    put(sheet, k, column, row, alpha) {
      paper.globalAlpha = alpha;
      paper.drawImage(sheet, (k % SHEET_COLUMNS) * width, Math.floor(k / SHEET_COLUMNS) * height, width, height,
        column * cell + Math.floor((cell - w) / 2), row * tall + Math.floor((tall - h) / 2), w, h);
    },
    dash(where = 0.5) {
      paper.globalAlpha = 1;
      paper.fillStyle = "#888";
      paper.fillRect(canvas.width / 2 - 14 * ratio, canvas.height * where - ratio, 28 * ratio, 2 * ratio);
    },
  };
}

// ---- points -----------------------------------------------------------------------------------------------------------

function drawCloud(board, node, column, now) {
  const scene = board.data.scene, style = getComputedStyle(node);
  const colour = style.getPropertyValue("--model"), grey = style.getPropertyValue("--faint");
  const canvas = node.querySelector(".samples"), draw = plane(canvas, 1);
  draw.dots(pairs(scene.real), grey, 1.4);
  if (now?.samples) draw.dots(pairs(now.samples), colour, 1.4);
  else if (now && !column.canSample) draw.dash();
  canvas.setAttribute("aria-label", `${now?.samples ? "samples of the " + column.title + " over " : ""}real points in grey`);
  text(node, ".samples-note", column.canSample ? `${column.samplesNote}; real points in grey` : column.samplesNote);

  const reconstructed = node.querySelector(".reconstructed"), strip = plane(reconstructed, 0.62);
  strip.dots(pairs(scene.real), grey, 1);
  if (now?.reconstructions) strip.lines(pairs(scene.originals), pairs(now.reconstructions), colour);
  else if (!column.canReconstruct) strip.dash();
  reconstructed.setAttribute("aria-label", `test points, joined to its reconstruction by the ${column.title}`);
  text(node, ".reconstructed-note", column.canReconstruct ? `test points joined to their reconstruction: ${column.reconstructedNote}` : `it ${column.reconstructedNote}`);
}

const within = (coordinate) => coordinate > 0 && coordinate < 65535; // those outside the box were moved onto its edge

function plane(canvas, aspect) {
  const ratio = window.devicePixelRatio || 1, side = Math.floor(canvas.parentElement.clientWidth * ratio);
  const tall = Math.round(side * aspect), scale = Math.min(side, tall) / 65535, left = (side - 65535 * scale) / 2;
  resize(canvas, side, tall, ratio);
  const paper = canvas.getContext("2d");
  const x = (p, i) => left + p[2 * i] * scale, y = (p, i) => tall - p[2 * i + 1] * scale;
  return {
    dots(p, colour, size) {
      paper.fillStyle = colour;
      const r = size * ratio;
      for (let i = 0; i < p.length / 2; i++) {
        if (within(p[2 * i]) && within(p[2 * i + 1])) paper.fillRect(x(p, i) - r / 2, y(p, i) - r / 2, r, r);
      }
    },
    lines(from, to, colour) {
      paper.strokeStyle = paper.fillStyle = colour;
      paper.lineWidth = ratio;
      for (let i = 0; i < from.length / 2; i++) {
        paper.beginPath();
        paper.moveTo(x(from, i), y(from, i));
        paper.lineTo(x(to, i), y(to, i));
        paper.stroke();
        paper.fillRect(x(to, i) - 1.5 * ratio, y(to, i) - 1.5 * ratio, 3 * ratio, 3 * ratio);
      }
    },
    dash() {
      paper.fillStyle = "#888";
      paper.fillRect(side / 2 - 14 * ratio, tall / 2 - ratio, 28 * ratio, 2 * ratio);
    },
  };
}

// ---- charts -----------------------------------------------------------------------------------------------------------

function drawCharts(node, column, cursor, narrow) {
  const holder = node.querySelector(".charts");
  const height = CHART.height / Math.max(1, column.charts.length);
  const stamp = JSON.stringify([column.charts, narrow, holder.clientWidth]);
  if (holder.stamp !== stamp) {
    holder.stamp = stamp;
    holder.replaceChildren(...column.charts.map((chart, i) => chartNode(chart, column, holder.clientWidth || CHART.width, height, i === column.charts.length - 1, narrow)));
  }
  for (const line of holder.querySelectorAll(".cursor")) {
    line.style.display = cursor === null ? "none" : "";
    if (cursor !== null) line.setAttribute("transform", `translate(${cursor * Number(line.dataset.width)} 0)`);
  }
}

function chartNode(chart, column, width, height, last, narrow) {
  const left = narrow ? 4 : CHART.left, right = narrow ? 4 : CHART.right, bottom = last ? CHART.bottom : 2;
  const w = width - left - right, h = height - CHART.top - bottom;
  const scale = axis(chart, h);
  const x = (share) => left + share * w, y = (value) => CHART.top + scale(value);
  const parts = [`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${chartWords(chart, column)}">`];
  for (const tick of scale.ticks) {
    parts.push(`<line class="grid" x1="${left}" x2="${left + w}" y1="${y(tick)}" y2="${y(tick)}"/>`);
    if (!narrow) parts.push(`<text class="tick" x="${left - 5}" y="${y(tick) + 3}" text-anchor="end">${scale.word(tick)}</text>`);
  }
  if (last) {
    parts.push(`<text class="tick" x="${left}" y="${height - 4}">0</text>`);
    parts.push(`<text class="tick" x="${left + w}" y="${height - 4}" text-anchor="end">${narrow ? "100 %" : "100 % of budget"}</text>`);
  }
  parts.push(`<text class="tick unit" x="${left}" y="${CHART.top - 5}">${chart.unit}${!narrow && chart.lines.some((l) => l.testX.length) ? " · line: training, circles: test, faint: as trained" : ""}</text>`);
  const ends = spread(chart.lines.map((line) => y(line.y.at(-1))), 12, CHART.top + 4, CHART.top + h);
  chart.lines.forEach((line, i) => {
    const pathOf = (xs, ys) => xs.map((s, k) => `${k ? "L" : "M"}${x(s).toFixed(1)} ${y(ys[k]).toFixed(1)}`).join("");
    const path = pathOf(line.x, line.y);
    if (line.batchX.length) parts.push(`<path class="batches" d="${pathOf(line.batchX, line.batchY)}"/>`);
    parts.push(`<path class="line${line.dashed ? (i % 2 ? " dashed" : " dotted") : ""}" d="${path}"/>`);
    line.testX.forEach((s, k) => parts.push(`<circle class="test" cx="${x(s).toFixed(1)}" cy="${y(line.testY[k]).toFixed(1)}" r="1.8"/>`));
    if (!narrow) parts.push(`<text class="end" x="${x(line.x.at(-1)) + 5}" y="${ends[i] + 4}">${line.label}</text>`);
  });
  parts.push(`<line class="cursor" data-width="${w}" x1="${left}" x2="${left}" y1="${CHART.top}" y2="${CHART.top + h}"/></svg>`);
  const holder = document.createElement("div");
  holder.innerHTML = parts.join(""); // built from numbers and from labels of our own, never from what a viewer typed
  return holder.firstChild;
}

function chartWords(chart, column) {
  return `${column.title}: ` + chart.lines.map((line) => `${line.label} from ${number(line.y[0])} to ${number(line.y.at(-1))} ${chart.unit}`).join(", ");
}

// Ends of the axis leave out the wildest hundredth of the values: the first steps would flatten all that follows.
function axis(chart, height) {
  const to = chart.log ? (v) => Math.log10(Math.max(v, 1e-12)) : (v) => v;
  const all = chart.lines.flatMap((l) => [[l.y, l.testY.length ? 0.3 : 0.02], [l.batchY, 0.02], [l.testY, 0.3]].flatMap(([ys, start]) => ys.slice(Math.floor(ys.length * start)))).map(to).sort((a, b) => a - b);
  let low = all[Math.floor(all.length * 0.01)], high = all[Math.ceil(all.length * 0.99) - 1];
  if (!(high - low > 1e-9 * Math.max(1, Math.abs(high)))) { low -= 0.5; high += 0.5; }
  const pad = (high - low) * 0.06;
  low -= pad; high += pad;
  const scale = (v) => height * (1 - Math.min(1, Math.max(0, (to(v) - low) / (high - low))));
  scale.ticks = (chart.log ? logTicks : niceTicks)(low, high);
  const places = Math.max(0, Math.ceil(-Math.log10(scale.ticks[1] - scale.ticks[0]) - 1e-9)); // as many as tell ticks apart
  scale.word = (tick) => (chart.log || !Number.isFinite(places) ? number(tick) : tick.toFixed(Math.min(places, 6)));
  return scale;
}

function niceTicks(low, high) {
  const rough = (high - low) / 3, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const ticks = [];
  for (let t = Math.ceil(low / step) * step; t <= high; t += step) ticks.push(Math.abs(t) < step / 1e6 ? 0 : t);
  return ticks;
}

function logTicks(low, high) {
  const ticks = [];
  for (let e = Math.floor(low); e <= high; e++) for (const m of high - low > 2 ? [1] : [1, 3]) ticks.push(m * 10 ** e);
  return ticks.filter((t) => Math.log10(t) >= low && Math.log10(t) <= high);
}

// Moves labels that would overlap apart, keeping their order, within the chart.
function spread(places, gap, low, high) {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  const out = [...places];
  order.forEach((i, k) => { out[i] = Math.max(out[i], k ? out[order[k - 1]] + gap : low); });
  for (let k = order.length - 1, limit = high; k >= 0; k--, limit = out[order[k + 1]] - gap) out[order[k]] = Math.min(out[order[k]], limit);
  return out;
}

// ---- words ------------------------------------------------------------------------------------------------------------

function stepText(column, step, live) {
  const words = `step ${step.toLocaleString("en")} of ${column.steps.toLocaleString("en")}`;
  return live && column.left ? `${words}, ${column.left}` : words;
}

function number(value) {
  return Math.abs(value) >= 1e4 ? value.toExponential(0) : String(Number(value.toPrecision(3)));
}
