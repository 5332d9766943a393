// Maps of codes, one a model. Told everything by `data` (genmodels/views/latents.py); tells back which dot was clicked, and a
// card's button. Pointing at a dot, replaying, zooming and singling out a class ask nothing of the server.

import { bytes, clamp, isDark, keep, pairs, resize, text } from "../shared/page.js";
import { fillColumn } from "../shared/columns.js";

const NARROW = 640, PLAY_MS = 110, SHEET_COLUMNS = 8, DRAG = 4; // px, ms, pictures across a strip's sheet, px until a press is a drag
const REACH = 9;                                                // px around a dot that count as pointing at it
const RAMPS = { light: ["#1b3a86", "#3d6f9e", "#8a8f8a", "#c08a1e", "#9c4a00"], dark: ["#6f9bff", "#8fb9d9", "#c3c6bf", "#f0c35a", "#ff9340"] };

const sprites = new Map(), views = new Map(); // a zoom outlives the node that shows it

export default function mount(told) {
  return keep(Scatter, told, { pick: (i) => told.setTriggerValue("pick", String(i)), act: (model) => told.setTriggerValue("act", model) });
}

class Scatter {
  constructor(root) {
    this.root = root.querySelector(".scatter");
    this.columns = root.querySelector(".columns");
    this.legend = root.querySelector(".legend");
    this.slider = root.querySelector(".bar input");
    this.play = root.querySelector(".play");
    this.label = root.querySelector(".bar output");
    this.tip = root.querySelector(".tip");
    this.alone = null;  // the class singled out
    this.frame = Infinity;
    this.slider.oninput = () => { this.pause(); this.show(Number(this.slider.value)); };
    this.play.onclick = () => (this.timer ? this.pause() : this.start());
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  close() { this.pause(); this.watch.disconnect(); }

  update(data) {
    if (this.data && this.data.scene.key !== data.scene.key) this.alone = null;
    this.data = data;
    this.dark = isDark(this.root);
    this.root.dataset.dark = this.dark;
    this.root.classList.toggle("ink", data.scene.ink);
    this.root.classList.toggle("small", Boolean(data.small));
    if (data.sprite) sprites.set(data.spriteKey, data.sprite);
    this.labels = data.scene.labels && bytes(data.scene.labels);
    this.values = data.scene.values && bytes(data.scene.values);
    const frames = Math.max(...data.columns.map((c) => c.frames.length));
    this.steps = frames;
    this.slider.max = Math.max(0, frames - 1);
    this.root.querySelector(".bar").hidden = frames < 2;
    const stamp = data.columns.map((c) => c.stamp ?? "").join();
    if (stamp !== this.stamp) { this.pause(); this.frame = Infinity; this.stamp = stamp; }
    this.drawLegend();
    this.layout();
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    this.narrow = width < NARROW;
    const n = this.data.columns.length;
    this.root.classList.toggle("narrow", this.narrow);
    this.root.classList.toggle("four", n > 3);
    this.columns.style.setProperty("--n", this.data.small ? (this.narrow ? 2 : 3) : this.narrow ? Math.min(n, n === 4 ? 2 : 1) : n);
    while (this.columns.children.length > n) this.columns.lastChild.remove();
    this.data.columns.forEach((column, i) => this.fill(this.columns.children[i] ?? this.columns.appendChild(this.node(i)), column));
    this.show(this.frame);
  }

  node(i) {
    const node = document.createElement("section");
    node.innerHTML = `<div class="rule"><div class="progress"></div></div><h2 class="title"></h2>
      <div class="stage"><canvas class="map" role="img" tabindex="0"></canvas>
        <div class="zoom"><button type="button" aria-label="Nearer">+</button><button type="button" aria-label="Farther">−</button><button type="button" aria-label="The whole map">⤢</button></div>
        <div class="card" hidden role="status"><p></p><button type="button"></button></div></div>
      <p class="axis"></p><p class="what"></p><canvas class="strip" role="img"></canvas><p class="strip-note"></p><dl class="facts"></dl>`;
    const map = node.querySelector(".map"), [nearer, farther, whole] = node.querySelectorAll(".zoom button");
    node.zoomKey = () => `${this.data.scene.key}|${this.data.columns[i]?.key}|${this.data.method}`;
    nearer.onclick = () => this.zoom(i, 1.6);
    farther.onclick = () => this.zoom(i, 1 / 1.6);
    whole.onclick = () => { views.delete(node.zoomKey()); this.show(this.frame); };
    map.onpointermove = (event) => this.move(i, event);
    map.onpointerleave = () => { if (!this.drag) this.point(null); };
    map.onpointerdown = (event) => this.down(i, event);
    map.onpointerup = (event) => this.up(i, event);
    map.onpointercancel = () => { this.drag = null; };
    map.addEventListener("wheel", (event) => this.wheel(i, event), { passive: false });
    map.onkeydown = (event) => this.key(i, event);
    map.onblur = () => this.point(null);
    return node;
  }

  fill(node, column) {
    fillColumn(node, column, column.share ?? 0, this.tell.act);
    text(node, ".what", column.what);
    text(node, ".axis", column.axes?.length ? `across: ${column.axes[0]} · up: ${column.axes[1]}` : "");
    node.querySelector(".axis").hidden = !column.axes?.length;
    this.drawStrip(node, column);
  }

  // ---- replay ---------------------------------------------------------------------------------------------------------

  start() {
    if (this.frame >= this.steps - 1) this.frame = 0;
    this.play.textContent = "❚❚";
    this.play.setAttribute("aria-label", "Pause the replay");
    this.timer = setInterval(() => (this.frame >= this.steps - 1 ? this.pause() : this.show(this.frame + 1)), PLAY_MS);
    this.show(this.frame);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "▶";
    this.play.setAttribute("aria-label", "Replay how the maps were made");
  }

  show(frame) {
    this.frame = Math.min(frame, Math.max(0, this.steps - 1));
    this.slider.value = this.frame;
    const longest = this.data.columns.find((c) => c.marks.length === this.steps);
    const words = this.steps > 1 && longest ? `iteration ${longest.marks[this.frame]} of ${longest.marks.at(-1)}` : "";
    this.label.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.data.columns.forEach((_, i) => this.paint(i));
  }

  // ---- the map --------------------------------------------------------------------------------------------------------

  now(i) {
    const column = this.data.columns[i];
    return column?.frames[Math.min(this.frame, column.frames.length - 1)];
  }

  colour(column, k) {
    const palette = this.dark ? this.data.scene.dark : this.data.scene.light;
    const labels = column.labels ? bytes(column.labels) : this.labels;
    if (labels) return palette[labels[k] % palette.length];
    if (this.values) return this.ramp[this.values[k]];
    return this.dark ? "#8fb8ea" : "#2b6cb0";
  }

  paint(i) {
    const node = this.columns.children[i], column = this.data.columns[i], canvas = node.querySelector(".map");
    const ratio = window.devicePixelRatio || 1, side = canvas.parentElement.clientWidth, tall = Math.round(side * (this.data.small ? 0.7 : this.narrow ? 0.94 : 0.78));
    if (canvas.width !== Math.round(side * ratio) || canvas.height !== Math.round(tall * ratio)) {
      canvas.width = Math.round(side * ratio);
      canvas.height = Math.round(tall * ratio);
      canvas.style.height = `${tall}px`;
    }
    const paper = canvas.getContext("2d"), now = this.now(i);
    paper.setTransform(ratio, 0, 0, ratio, 0, 0);
    paper.clearRect(0, 0, side, tall);
    canvas.setAttribute("aria-label", this.mapWords(column));
    canvas.classList.toggle("zoomed", views.has(node.zoomKey()));
    node.places = null;
    for (const word of node.querySelectorAll(".end")) word.remove();
    if (!now) return;
    if (!this.ramp) this.ramp = rampOf(RAMPS[this.dark ? "dark" : "light"]);
    const place = this.placer(node, side, tall), dots = pairs(now.y), laid = now.prior ? pairs(now.prior) : null;
    node.places = { dots, laid, place };
    const n = dots.length / 2, view = views.get(node.zoomKey()), r = Math.max(1.3, Math.min(4.5, 62 / Math.sqrt(n))) * Math.min(1.6, Math.sqrt(view?.scale ?? 1)) * (this.data.small ? 0.6 : this.narrow ? 0.8 : 1);
    this.drawDots(paper, column, dots, place, r);
    if (laid) this.drawCrosses(paper, laid, place, r);
    if (this.labels && !column.labels && !this.data.small && this.data.scene.classes.length <= 12 && column.marks.length) this.drawNames(paper, dots, place);
    this.drawRings(paper, i, dots, laid, place, r);
    if (column.range && !view) this.drawEnds(node, column, side, tall);
  }

  placer(node, side, tall) {
    const view = views.get(node.zoomKey()) ?? { x: 0.5, y: 0.5, scale: 1 }, scale = Math.min(side, tall) * view.scale;
    return (p, k) => [side / 2 + (p[2 * k] / 65535 - view.x) * scale, tall / 2 - (p[2 * k + 1] / 65535 - view.y) * scale];
  }

  drawDots(paper, column, dots, place, r) {
    const labels = column.labels ? null : this.labels;
    for (let pass = 0; pass < 2; pass++) { // what is singled out lies on top
      for (let k = 0; k < dots.length / 2; k++) {
        const faded = this.alone !== null && labels && labels[k] !== this.alone;
        if ((pass === 0) !== Boolean(faded)) continue;
        const [x, y] = place(dots, k);
        paper.globalAlpha = faded ? 0.16 : 0.82;
        paper.fillStyle = this.colour(column, k);
        paper.beginPath();
        paper.arc(x, y, r, 0, 2 * Math.PI);
        paper.fill();
      }
    }
    paper.globalAlpha = 1;
  }

  drawCrosses(paper, laid, place, r) {
    const arm = Math.max(2.4, r * 1.05);
    paper.strokeStyle = getComputedStyle(this.root).color;
    paper.globalAlpha = 0.75;
    paper.lineWidth = 1.1;
    paper.beginPath();
    for (let k = 0; k < laid.length / 2; k++) {
      const [x, y] = place(laid, k);
      paper.moveTo(x - arm, y); paper.lineTo(x + arm, y);
      paper.moveTo(x, y - arm); paper.lineTo(x, y + arm);
    }
    paper.stroke();
    paper.globalAlpha = 1;
  }

  // Each class has its name at the middle of its dots, so that no reader has to tell ten colours apart.
  drawNames(paper, dots, place) {
    const style = getComputedStyle(this.root), names = this.data.scene.classes;
    paper.font = `650 ${this.narrow ? 12 : 14}px ${style.fontFamily}`;
    paper.textAlign = "center";
    paper.textBaseline = "middle";
    paper.lineJoin = "round";
    names.forEach((name, label) => {
      const at = [];
      for (let k = 0; k < dots.length / 2; k++) if (this.labels[k] === label) at.push(place(dots, k));
      if (!at.length) return;
      const [x, y] = [0, 1].map((axis) => at.map((p) => p[axis]).sort((a, b) => a - b)[at.length >> 1]);
      paper.globalAlpha = this.alone === null || this.alone === label ? 1 : 0.3;
      paper.lineWidth = 4;
      paper.strokeStyle = style.getPropertyValue("--st-background-color");
      paper.strokeText(name, x, y);
      paper.fillStyle = style.color;
      paper.fillText(name, x, y);
    });
    paper.globalAlpha = 1;
  }

  drawRings(paper, i, dots, laid, place, r) {
    const ring = (p, k, width) => {
      const [x, y] = place(p, k);
      paper.lineWidth = width;
      paper.strokeStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color");
      paper.beginPath(); paper.arc(x, y, r + 4, 0, 2 * Math.PI); paper.stroke();
      paper.strokeStyle = getComputedStyle(this.root).color;
      paper.beginPath(); paper.arc(x, y, r + 3, 0, 2 * Math.PI); paper.stroke();
      return [x, y];
    };
    (this.data.picks ?? []).forEach((k, order) => {
      if (2 * k >= dots.length) return;
      const [x, y] = ring(dots, k, 1.6);
      paper.font = `600 11px ${getComputedStyle(this.root).fontFamily}`;
      paper.textAlign = "left";
      paper.lineWidth = 3;
      paper.strokeStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color");
      paper.fillStyle = getComputedStyle(this.root).color;
      paper.strokeText(ORDER[order], x + r + 5, y - r - 3);
      paper.fillText(ORDER[order], x + r + 5, y - r - 3);
    });
    const at = this.pointed;
    if (!at) return;
    if (at.prior && at.column === i && laid) ring(laid, at.k, 2.4);
    if (!at.prior && 2 * at.k < dots.length) ring(dots, at.k, 2.4); // the same example in every map
  }

  drawEnds(node, column, side, tall) {
    const [left, right, low, high] = column.range, stage = node.querySelector(".stage"), inset = Math.max(0, (side - tall) / 2);
    for (const [words, style] of [[left, `left:${inset + 4}px;bottom:3px`], [right, `right:${inset + 4}px;bottom:3px`], [high, "left:4px;top:3px"], [low, "left:4px;bottom:18px"]]) {
      const word = stage.appendChild(document.createElement("span"));
      word.className = "end";
      word.textContent = words;
      word.style = style;
    }
  }

  mapWords(column) {
    if (!column.frames.length) return `no map of the ${column.title}`;
    return `${column.title}: ${column.what}; ${pairs(column.frames.at(-1).y).length / 2} dots. Point at one to see its picture; arrow keys step from dot to dot, Enter shows what each model makes of it.`;
  }

  // ---- pointing -------------------------------------------------------------------------------------------------------

  spot(i, event) {
    const box = this.columns.children[i].querySelector(".map").getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  nearest(i, [x, y]) {
    const places = this.columns.children[i].places;
    if (!places) return null;
    let best = null, least = REACH ** 2;
    for (const prior of [false, true]) {
      const p = prior ? places.laid : places.dots;
      for (let k = 0; p && k < p.length / 2; k++) {
        const [px, py] = places.place(p, k), far = (px - x) ** 2 + (py - y) ** 2;
        if (far < least) { least = far; best = { column: i, k, prior }; }
      }
    }
    return best;
  }

  down(i, event) {
    if (event.button !== 0) return;
    const node = this.columns.children[i];
    this.drag = { i, at: this.spot(i, event), moved: false, view: { ...(views.get(node.zoomKey()) ?? { x: 0.5, y: 0.5, scale: 1 }) } };
    if (this.drag.view.scale > 1) event.target.setPointerCapture(event.pointerId);
  }

  move(i, event) {
    const drag = this.drag, [x, y] = this.spot(i, event);
    if (drag && drag.i === i) {
      const [dx, dy] = [x - drag.at[0], y - drag.at[1]];
      if (Math.hypot(dx, dy) > DRAG) drag.moved = true;
      if (drag.moved && drag.view.scale > 1) {
        const canvas = event.target, scale = Math.min(canvas.clientWidth, canvas.clientHeight) * drag.view.scale;
        this.look(i, { scale: drag.view.scale, x: drag.view.x - dx / scale, y: drag.view.y + dy / scale });
        return;
      }
    }
    if (event.pointerType !== "touch") this.point(this.nearest(i, [x, y]));
  }

  up(i, event) {
    const drag = this.drag;
    this.drag = null;
    if (!drag || drag.moved) return;
    const found = this.nearest(i, this.spot(i, event));
    this.point(found);
    if (found && !found.prior && !this.data.small) this.tell.pick(found.k);
  }

  // The wheel belongs to the page, until a map has been clicked on or a key is held.
  wheel(i, event) {
    const map = this.columns.children[i].querySelector(".map");
    if (this.data.small || !(event.ctrlKey || event.metaKey || map.getRootNode().activeElement === map)) return;
    event.preventDefault();
    this.zoom(i, Math.exp(-event.deltaY / 400), this.spot(i, event));
  }

  key(i, event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }, n = (this.columns.children[i].places?.dots.length ?? 0) / 2;
    if (!n) return;
    if (event.key === "Enter" && this.pointed && !this.pointed.prior && !this.data.small) this.tell.pick(this.pointed.k);
    else if (event.key === "+" || event.key === "-") this.zoom(i, event.key === "+" ? 1.6 : 1 / 1.6);
    else if (event.key === "Escape") this.point(null);
    else if (steps[event.key]) this.point({ column: i, prior: false, k: ((this.pointed?.prior === false ? this.pointed.k : -1) + steps[event.key] + n) % n });
    else return;
    event.preventDefault();
  }

  zoom(i, factor, at) {
    const node = this.columns.children[i], canvas = node.querySelector(".map"), size = Math.min(canvas.clientWidth, canvas.clientHeight);
    const view = views.get(node.zoomKey()) ?? { x: 0.5, y: 0.5, scale: 1 }, scale = Math.min(40, Math.max(1, view.scale * factor));
    const [x, y] = at ? [(at[0] - canvas.clientWidth / 2) / size, (canvas.clientHeight / 2 - at[1]) / size] : [0, 0];
    this.look(i, { scale, x: view.x + x / view.scale - x / scale, y: view.y + y / view.scale - y / scale });
  }

  look(i, view) {
    const node = this.columns.children[i], half = 0.5 / view.scale, within = (v) => clamp(v, half, 1 - half);
    if (view.scale <= 1.001) views.delete(node.zoomKey());
    else views.set(node.zoomKey(), { scale: view.scale, x: within(view.x), y: within(view.y) });
    this.tip.hidden = true;
    this.paint(i);
  }

  point(at) {
    const was = this.pointed;
    if (was?.k === at?.k && was?.column === at?.column && was?.prior === at?.prior) return;
    this.pointed = at;
    this.data.columns.forEach((_, i) => this.paint(i));
    this.drawTip();
  }

  drawTip() {
    const at = this.pointed;
    this.tip.hidden = !at;
    if (!at) return;
    const node = this.columns.children[at.column], column = this.data.columns[at.column], { dots, laid, place } = node.places;
    const [x, y] = place(at.prior ? laid : dots, at.k), canvas = this.tip.querySelector("canvas");
    this.tip.querySelector("span").textContent = this.tipWords(at, column);
    canvas.hidden = !this.tipPicture(canvas, at, column);
    const map = node.querySelector(".map").getBoundingClientRect(), root = this.root.getBoundingClientRect();
    const width = this.tip.offsetWidth, left = map.left - root.left + x + 12;
    this.tip.style.left = `${Math.max(0, Math.min(left + width > this.root.clientWidth ? left - width - 24 : left, this.root.clientWidth - width))}px`;
    this.tip.style.top = `${map.top - root.top + y - this.tip.offsetHeight / 2}px`;
  }

  tipWords(at, column) {
    if (at.prior) return `sample ${at.k + 1} of the ${column.title}`;
    const { classes, attribute } = this.data.scene;
    const name = this.labels ? `class ${classes[this.labels[at.k]]}` : this.values ? `${attribute[0]}: ${Math.round(this.values[at.k] / 2.55)} % of its range` : "";
    return [name, `example ${at.k + 1}`].filter(Boolean).join(", ");
  }

  tipPicture(canvas, at, column) {
    const { scene } = this.data;
    if (!scene.image) return at.prior ? false : miniature(canvas, this, [at.k], 96);
    const image = this.picture(at.prior ? column.priorSprite : sprites.get(this.data.spriteKey));
    if (!image) return false;
    const [, h, w] = scene.shape, across = scene.spriteColumns, times = Math.max(1, Math.round(84 / w));
    canvas.width = w * times; canvas.height = h * times;
    canvas.style.width = `${w * times}px`; canvas.style.height = `${h * times}px`;
    const paper = canvas.getContext("2d");
    paper.imageSmoothingEnabled = false;
    paper.drawImage(image, (at.k % across) * w, Math.floor(at.k / across) * h, w, h, 0, 0, w * times, h * times);
    return true;
  }

  picture(url) {
    if (!url) return null;
    this.pictures ??= new Map();
    let image = this.pictures.get(url);
    if (!image) {
      image = new Image();
      image.src = url;
      image.decode().then(() => { this.layout(); this.drawTip(); }, () => {});
      if (this.pictures.size > 60) this.pictures.clear();
      this.pictures.set(url, image);
    }
    return image.complete && image.naturalWidth ? image : null;
  }

  // ---- what each model makes of the picked examples -----------------------------------------------------------------------

  drawStrip(node, column) {
    const canvas = node.querySelector(".strip"), picks = this.data.picks ?? [], { scene } = this.data;
    const shown = picks.length && column.state !== "none" && !this.data.small;
    canvas.hidden = !shown || !column.strip;
    const how = column.stripNote ? `: ${column.stripNote}` : "";
    text(node, ".strip-note", !shown || !column.strip ? "" : scene.image ? `the picked examples, and below each what the ${column.title} makes of it${how}` : `the picked points, joined to what the ${column.title} makes of them${how}`);
    if (canvas.hidden) return;
    canvas.setAttribute("aria-label", `${picks.length} picked examples, and below each its reconstruction by the ${column.title}`);
    if (!scene.image) { miniature(canvas, this, picks, Math.min(220, node.clientWidth), pairs(column.strip)); return; }
    const originals = this.picture(this.data.originals), answers = this.picture(column.strip);
    const [, h, w] = scene.shape, ratio = window.devicePixelRatio || 1, cell = Math.floor((node.clientWidth * ratio) / 8), gap = Math.max(1, Math.round(cell * 0.05));
    const fit = (cell - gap) / Math.max(w, h), scale = fit >= 2 ? Math.floor(fit) : fit;
    resize(canvas, cell * 8, 2 * cell + 16 * ratio, ratio);
    const paper = canvas.getContext("2d");
    paper.imageSmoothingEnabled = false;
    // Where ink is turned light to dark by a filter, so are the letters: they are drawn as they must come out.
    paper.fillStyle = scene.ink && !this.dark ? "#aaa" : "#888";
    paper.font = `${11 * ratio}px sans-serif`;
    paper.textAlign = "center";
    picks.forEach((_, j) => {
      const sx = (j % SHEET_COLUMNS) * w, sy = Math.floor(j / SHEET_COLUMNS) * h, x = j * cell + Math.floor((cell - w * scale) / 2);
      paper.fillText(ORDER[j], j * cell + cell / 2, 11 * ratio);
      if (originals) paper.drawImage(originals, sx, sy, w, h, x, 16 * ratio, Math.round(w * scale), Math.round(h * scale));
      if (answers) paper.drawImage(answers, sx, sy, w, h, x, 16 * ratio + cell, Math.round(w * scale), Math.round(h * scale));
    });
  }

  // ---- legend -----------------------------------------------------------------------------------------------------------

  drawLegend() {
    const { scene, crosses } = this.data, palette = this.dark ? scene.dark : scene.light;
    this.ramp = rampOf(RAMPS[this.dark ? "dark" : "light"]);
    const stamp = JSON.stringify([scene.key, crosses, this.dark, this.alone, this.data.hint]);
    if (this.legendStamp === stamp) return;
    this.legendStamp = stamp;
    const parts = [];
    if (this.labels && !this.data.columns.some((c) => c.labels)) {
      const many = scene.classes.length > palette.length;
      (many ? [] : scene.classes).forEach((name, label) => {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-pressed", String(this.alone === label));
        button.setAttribute("aria-label", `class ${name}: single out`);
        button.appendChild(document.createElement("i")).style.background = palette[label];
        button.append(name);
        button.onclick = () => { this.alone = this.alone === label ? null : label; this.drawLegend(); this.show(this.frame); };
        parts.push(button);
      });
      if (many) parts.push(words(`${scene.classes.length} classes share ${palette.length} colours: point at a dot for its class.`));
    }
    if (this.values) {
      const [name, low, high] = scene.attribute, ramp = document.createElement("span");
      ramp.className = "ramp";
      ramp.style.background = `linear-gradient(to right, ${RAMPS[this.dark ? "dark" : "light"].join()})`;
      parts.push(words(`${name} ${low}`), ramp, words(high));
    }
    if (crosses) parts.push(words(`+ ${crosses}`));
    if (this.data.hint) parts.push(words(this.data.hint));
    this.legend.replaceChildren(...parts);
  }
}

const ORDER = "abcdefgh";

function miniature(canvas, scatter, chosen, side, answers) {
  const ratio = window.devicePixelRatio || 1, all = pairs(scatter.data.scene.real), paper = canvas.getContext("2d");
  canvas.width = canvas.height = Math.round(side * ratio);
  canvas.style.width = canvas.style.height = `${side}px`;
  const scale = canvas.width / 65535, x = (p, k) => p[2 * k] * scale, y = (p, k) => canvas.height - p[2 * k + 1] * scale, style = getComputedStyle(scatter.root);
  paper.fillStyle = style.getPropertyValue("--faint");
  for (let k = 0; k < all.length / 2; k++) paper.fillRect(x(all, k) - ratio / 2, y(all, k) - ratio / 2, 1.2 * ratio, 1.2 * ratio);
  paper.fillStyle = paper.strokeStyle = style.color;
  paper.lineWidth = 1.4 * ratio;
  chosen.forEach((k, j) => {
    paper.beginPath(); paper.arc(x(all, k), y(all, k), 3 * ratio, 0, 2 * Math.PI); paper.fill();
    if (!answers) return;
    paper.beginPath(); paper.moveTo(x(all, k), y(all, k)); paper.lineTo(x(answers, j), y(answers, j)); paper.stroke();
    paper.strokeRect(x(answers, j) - 3 * ratio, y(answers, j) - 3 * ratio, 6 * ratio, 6 * ratio);
  });
  return true;
}

function words(content) {
  const node = document.createElement("span");
  node.className = "words";
  node.textContent = content;
  return node;
}

function rampOf(stops) {
  const rgb = stops.map((s) => [1, 3, 5].map((at) => parseInt(s.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, v) => {
    const at = (v / 255) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(at));
    return `rgb(${rgb[i].map((c, j) => Math.round(c + (rgb[i + 1][j] - c) * (at - i))).join()})`;
  });
}
