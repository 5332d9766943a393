// The stage: games side by side. All photographs come once, in `data` (genmodels/views/adversarial.py); which of them to show, what of
// it, and photographs taken live come through the bar (bar.js), in `genmodelsGame`.

import { bytes, isDark, keep, pairs, text } from "../shared/page.js";

const NARROW = 640; // px of width below which games stand one under another
const ARROW = 0.035, LONGEST = 0.3; // length of an arrow for a gradient of 1, and at most, in units of the plane
const CHART = { height: 74, left: 30, right: 2, top: 15, bottom: 4 };
const LOG4 = Math.log(4);

const game = (globalThis.genmodelsGame ??= { frame: 0, told: null, stages: new Set() });

export default function mount(told) {
  return keep(Stage, told, null); // it has nothing to tell
}

class Stage {
  constructor(root) {
    this.root = root.querySelector(".stage");
    this.columns = root.querySelector(".columns");
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
    game.stages.add(this);
  }

  update({ columns: games }) {
    if (this.sent !== games) { this.sent = games; this.games = games.map(read); this.last = games[0].marks.length - 1; }
    this.layout();
  }

  close() {
    this.watch.disconnect();
    game.stages.delete(this);
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.games || !width) return;
    this.root.dataset.dark = isDark(this.root);
    this.root.classList.toggle("narrow", width < NARROW);
    this.columns.style.setProperty("--n", this.games.length);
    while (this.columns.children.length > this.games.length) this.columns.lastChild.remove();
    this.games.forEach((one, i) => {
      const node = this.columns.children[i] ?? this.columns.appendChild(columnNode());
      text(node, "h2", one.title);
      text(node, ".note", one.note);
      charts(node, one);
    });
    const meanings = new Map(this.games.map((one) => [one.meaning, one.title]).reverse()); // each once, named by the first that has it
    text(this.root, ".says", [...meanings].reverse().map(([meaning, title]) => (meanings.size > 1 ? `${title}: ${meaning}` : meaning)).join("; "));
    this.show();
  }

  show() {
    if (!this.games || !this.root.clientWidth) return;
    const told = game.told ?? {};
    this.root.classList.toggle("large", Boolean(told.presenting));
    const frame = Math.min(game.frame, this.last), live = told.live;
    this.games.forEach((one, i) => {
      const node = this.columns.children[i], photograph = live?.[i] ? unpack(live[i]) : one.frames(frame);
      const numbers = live?.[i]?.numbers ?? numbersAt(one, frame);
      paint(node.querySelector("canvas"), one, photograph, told, this.root);
      table(node.querySelector(".numbers"), numbers, one.theory);
      for (const line of node.querySelectorAll(".cursor")) line.setAttribute("transform", `translate(${line.dataset.width * Math.sqrt(one.marks[frame] / one.marks[this.last])} 0)`);
    });
  }
}

// ---- reading ----------------------------------------------------------------------------------------------------------

function unpack(packed) {
  return {
    field: bytes(packed.field), best: bytes(packed.best), fake: pairs(packed.fake),
    pull: new Int16Array(bytes(packed.pull).buffer), grid: pairs(packed.grid),
  };
}

function read(one) {
  const opened = new Map();
  const frames = (i) => opened.get(i) ?? opened.set(i, unpack(one.frames[i])).get(i);
  return { ...one, frames, real: pairs(one.real) };
}

const numbersAt = (one, frame) => Object.fromEntries(Object.entries(one.numbers).map(([name, values]) => [name, values[frame]]));

// ---- drawing ----------------------------------------------------------------------------------------------------------

function paint(canvas, one, photograph, told, root) {
  const ratio = window.devicePixelRatio || 1, side = Math.floor(canvas.clientWidth * ratio);
  if (!side) return;
  if (canvas.width !== side) { canvas.width = canvas.height = side; }
  const paper = canvas.getContext("2d"), style = getComputedStyle(root), colour = (name) => style.getPropertyValue(name).trim();
  paper.clearRect(0, 0, side, side);
  const best = told.shown === "best possible D";
  field(paper, side, best ? photograph.best : photograph.field, one.side, colour("--toward-fake"), colour("--toward-real"));
  const unit = side / (65535 * one.share), edge = (65535 * (1 - one.share)) / 2; // points are told in a wider square than is drawn
  const x = (p, i) => (p[2 * i] - edge) * unit, y = (p, i) => side - (p[2 * i + 1] - edge) * unit;
  if (told.grid !== false) wires(paper, photograph.grid, one.lines, x, y, colour("--st-text-color"), ratio);
  dots(paper, one.real, x, y, colour("--real"), 1.9 * ratio, colour("--st-background-color"));
  dots(paper, photograph.fake, x, y, colour("--fake"), 2.1 * ratio, colour("--st-background-color"));
  if (told.arrows !== false) arrows(paper, photograph, x, y, side / one.width, one.unit, colour("--st-text-color"), ratio);
  canvas.setAttribute("aria-label", `${one.title}: the field of ${best ? "the best possible discriminator" : "the discriminator"}, real points in blue, fakes in orange${told.arrows === false ? "" : " with the gradient on them as arrows"}`);
}

let sheet = null;
function field(paper, side, values, cells, fake, real) {
  sheet ??= document.createElement("canvas");
  sheet.width = sheet.height = cells;
  const ink = sheet.getContext("2d"), image = ink.createImageData(cells, cells);
  const low = fake.split(",").map(Number), high = real.split(",").map(Number);
  for (let k = 0; k < values.length; k++) {
    const lean = values[k] / 127.5 - 1, hue = lean < 0 ? low : high; // rows are told from below
    const at = 4 * ((cells - 1 - Math.floor(k / cells)) * cells + (k % cells));
    image.data[at] = hue[0]; image.data[at + 1] = hue[1]; image.data[at + 2] = hue[2];
    image.data[at + 3] = 216 * Math.abs(lean);
  }
  ink.putImageData(image, 0, 0);
  paper.imageSmoothingEnabled = true;
  paper.imageSmoothingQuality = "high";
  paper.drawImage(sheet, 0, 0, side, side);
}

function wires(paper, grid, [lines, each], x, y, colour, ratio) {
  if (!grid.length) return;
  paper.strokeStyle = colour;
  paper.globalAlpha = 0.32;
  paper.lineWidth = 0.9 * ratio;
  paper.beginPath();
  for (let line = 0; line < 2 * lines; line++) {
    for (let k = 0; k < each; k++) paper[k ? "lineTo" : "moveTo"](x(grid, line * each + k), y(grid, line * each + k));
  }
  paper.stroke();
  paper.globalAlpha = 1;
}

function dots(paper, p, x, y, colour, r, rim) {
  for (const [fill, size] of [[rim, r * 1.45], [colour, r]]) { // a rim of paper: a dot stands out on its own colour's field
    paper.fillStyle = fill;
    paper.beginPath();
    for (let i = 0; i < p.length / 2; i++) {
      paper.moveTo(x(p, i) + size, y(p, i));
      paper.arc(x(p, i), y(p, i), size, 0, 2 * Math.PI);
    }
    paper.fill();
  }
}

function arrows(paper, photograph, x, y, unit, parts, colour, ratio) {
  paper.strokeStyle = colour;
  paper.lineWidth = 1.4 * ratio;
  paper.beginPath();
  for (let i = 0; i < photograph.pull.length / 2; i++) {
    const gx = photograph.pull[2 * i] / parts, gy = photograph.pull[2 * i + 1] / parts, size = Math.hypot(gx, gy);
    const length = Math.min(LONGEST, ARROW * size) * unit;
    if (length < 1.5 * ratio) continue; // too weak to be seen
    const ux = gx / size, uy = -gy / size, x0 = x(photograph.fake, i), y0 = y(photograph.fake, i);
    const x1 = x0 + ux * length, y1 = y0 + uy * length, head = Math.min(5 * ratio, length * 0.5);
    paper.moveTo(x0, y0);
    paper.lineTo(x1, y1);
    paper.moveTo(x1 - head * (ux + 0.55 * uy), y1 - head * (uy - 0.55 * ux));
    paper.lineTo(x1, y1);
    paper.lineTo(x1 - head * (ux - 0.55 * uy), y1 - head * (uy + 0.55 * ux));
  }
  paper.stroke();
}

// ---- numbers ----------------------------------------------------------------------------------------------------------

function columnNode() {
  const node = document.createElement("section");
  node.innerHTML = `<h2></h2><span class="note"></span><canvas role="img"></canvas><div class="numbers"></div><div class="charts"></div>`;
  return node;
}

const show = (value, places = 3) => (value === null || value === undefined ? "—" : value.toFixed(places));

function table(node, n, theory) {
  const rows = [
    ["", "D", "best D"],
    [theory ? "D's loss, nats (log 4 = 1.386)" : "D's loss", show(n.d_loss), show(n.best_loss)],
    ["D's accuracy", show(n.accuracy), show(n.best_accuracy)],
    ["D short of the best, nats", show(n.distance), theory ? "0" : "—"],
    ["G from the truth (JSD), nats", show(n.divergence), ""],
    ["mean pull on a fake", show(n.pull, 2), ""],
  ].flat();
  while (node.children.length < rows.length) node.appendChild(document.createElement("span"));
  rows.forEach((words, i) => { if (node.children[i].textContent !== words) node.children[i].textContent = words; });
}

function charts(node, one) {
  const holder = node.querySelector(".charts"), width = holder.clientWidth || 300, n = one.numbers;
  const stamp = `${width} ${one.title} ${n.d_loss.join()}`;
  if (holder.stamp === stamp) return;
  holder.stamp = stamp;
  const x = one.marks.map((mark) => Math.sqrt(mark / one.marks.at(-1)));
  holder.innerHTML = chart(width, x, n.d_loss, one.theory ? n.best_loss : null, one.theory ? LOG4 : null, one.theory ? "D's loss · best (dashed) · log 4" : "D's loss") +
    chart(width, x, n.accuracy, n.best_accuracy, 0.5, "D's accuracy · best (dashed) · 1/2"); // numbers and words of our own
}

function chart(width, x, y, best, aim, title) {
  const { height, left, right, top, bottom } = CHART, w = width - left - right, h = height - top - bottom;
  const all = [...y, ...(best ?? []), ...(aim === null ? [] : [aim])].filter((v) => v !== null).sort((a, b) => a - b);
  let low = all[Math.floor(all.length * 0.02)], high = all[Math.ceil(all.length * 0.98) - 1];
  if (!(high - low > 1e-6)) { low -= 0.5; high += 0.5; }
  const place = (v) => top + h * (1 - Math.min(1, Math.max(0, (v - low) / (high - low))));
  const path = (values) => values.map((v, i) => `${i ? "L" : "M"}${(left + w * x[i]).toFixed(1)} ${place(v).toFixed(1)}`).join("");
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}: from ${show(y[0])} to ${show(y.at(-1))}">
    <text class="tick" x="${left}" y="10">${title}</text>
    <text class="tick" x="${left - 4}" y="${top + 8}" text-anchor="end">${high.toFixed(2)}</text><text class="tick" x="${left - 4}" y="${top + h}" text-anchor="end">${low.toFixed(2)}</text>
    ${aim === null ? "" : `<line class="aim" x1="${left}" x2="${left + w}" y1="${place(aim)}" y2="${place(aim)}"/>`}
    ${best ? `<path class="line best" d="${path(best)}"/>` : ""}<path class="line" d="${path(y)}"/>
    <line class="cursor" data-width="${w}" x1="${left}" x2="${left}" y1="${top}" y2="${top + h}"/></svg>`;
}
