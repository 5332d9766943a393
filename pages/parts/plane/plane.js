// The plane of reconstruction error (right) against realism (up). `data` (genmodels/views/gallery.py) holds everything;
// pointing, picking, the lasso and the legend are done here. What is picked, hidden and paged to goes back for the
// address alone. A picture from elsewhere (the drawing pad) lands here by the window's event `genmodels-mark`: {x, y,
// words}, or null for none.

import { invert, pixelRatio } from "../shared/canvas.js";
import { fillChildren } from "../shared/nodes.js";
import { decodeFloats } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { ARROWS, followPointer, isInside, nearestPoint, nextPoint, positionIn } from "../shared/pointing.js";
import { fillCard } from "./card.js";
import { planeFrame } from "./frame.js";
import { legendButton } from "./legend.js";
import { Painter } from "./painter.js";
import { Shelf, shelfWords } from "./shelf.js";
import { Tiles, fairOrder } from "./thumbnails.js";
import { planeWords, realismWords } from "./words.js";

const DRAG = 8;      // px until a press is a drag
const REACH = 16;    // px from the pointer within which a dot is meant
const MOST = 24;     // pictures on the shelf
const SAVE_MS = 250; // from the last change until it is sent for the address

export default function mount(context) {
  return mountPart(Plane, context, (choice) => context.setStateValue("chosen", choice));
}

class Plane {
  constructor(parent) {
    const root = (this.root = parent.querySelector(".plane"));
    for (const name of ["legend", "over", "card", "lasso", "said"]) this[name] = root.querySelector(`.${name}`);
    this.hidden = new Set();
    this.picks = [];
    this.mark = null;
    this.hover = -1;
    this.painter = new Painter(this, root.querySelector(".base"), this.over);
    this.listen(this.over);
    this.lasso.onclick = () => this.setLasso(this.lasso.getAttribute("aria-pressed") !== "true");
    const hover = (k) => { this.hover = k; this.paintOver(); };
    this.shelf = new Shelf(root, this, { page: (by) => this.page(by), clear: () => this.pick([]), hover });
    this.onMark = (event) => { this.mark = event.detail; this.paintOver(); };
    window.addEventListener("genmodels-mark", this.onMark);
    this.observer = watchSize(root, () => this.layout());
  }

  listen(canvas) {
    followPointer(canvas, {
      down: (event) => this.down(event),
      move: (event) => this.move(event),
      up: (event) => this.up(event),
      cancel: () => { this.trail = null; this.paintOver(); },
    });
    // A finger leaves as it is lifted: the card of what it has tapped stays.
    canvas.onpointerleave = (event) => { if (!this.trail && event.pointerType !== "touch") this.point(-1); };
    canvas.onkeydown = (event) => this.key(event);
  }

  close() {
    this.observer.disconnect();
    window.removeEventListener("genmodels-mark", this.onMark);
  }

  update(data) {
    // A link was opened; else what is here is newer than the server's.
    const isLinked = this.data?.version !== data.version;
    const isOther = this.data?.sprite !== data.sprite, dark = isDark(this.root);
    const isTurned = this.root.dataset.dark !== String(dark);
    this.data = data;
    this.x = decodeFloats(data.x);
    this.y = decodeFloats(data.y);
    this.n = data.n;
    this.root.dataset.dark = dark;
    if (isLinked || isOther) this.readChoice(data);
    if (isOther || isTurned) this.load(data.sprite);
    this.fillLegend();
    this.layout();
  }

  readChoice(data) {
    const sourceNamed = (name) => data.sources.findIndex((source) => source.name === name);
    const dotNamed = (text) => {
      const [name, index] = text.split("."), s = sourceNamed(name);
      return s >= 0 && Number(index) < this.n ? s * this.n + Number(index) : -1;
    };
    this.hidden = new Set(data.hidden.split(",").map(sourceNamed).filter((s) => s >= 0));
    this.picks = data.picks.split(",").map(dotNamed).filter((k) => k >= 0);
    this.picture = Math.min(data.picture, this.n - 1);
  }

  load(url) {
    const image = new Image();
    image.src = url;
    image.decode().then(() => { this.sheet = this.inked(image); this.layout(); }, () => {});
  }

  // Light ink on black is shown as ink on paper where the page is light.
  inked(image) {
    const sheet = document.createElement("canvas"), pen = sheet.getContext("2d");
    sheet.width = image.naturalWidth;
    sheet.height = image.naturalHeight;
    pen.drawImage(image, 0, 0);
    if (this.data.ink && this.root.dataset.dark !== "true") invert(pen);
    return sheet;
  }

  // ---- what a dot is: its number is that of its source times n, and that of its test picture ------------------------

  sourceOf(k) { return this.data.sources[Math.floor(k / this.n)]; }
  originalOf(k) { return this.data.sources.length * this.n + (k % this.n); }
  css(name) { return this.style.getPropertyValue(name); }
  colour(source) { return this.css(`--${source.model || source.kind}`); }
  isShown(k) { return !this.hidden.has(Math.floor(k / this.n)); }
  placeOf(k) { return [this.px[k], this.py[k]]; }
  placeIfShown(k) { return this.isShown(k) ? this.placeOf(k) : null; }
  words(k) { return `error ${this.x[k].toFixed(3)} · ${realismWords(this.data.kind, this.y[k])}`; }

  // ---- layout -------------------------------------------------------------------------------------------------------

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    this.style = getComputedStyle(this.root);
    this.ratio = pixelRatio();
    this.frame = planeFrame(width, this.data.axes);
    this.root.classList.toggle("narrow", this.frame.narrow);
    this.painter.resize();
    this.px = Float32Array.from(this.x, this.frame.toX);
    this.py = Float32Array.from(this.y, this.frame.toY);
    this.tiles = new Tiles(this.sheet, this.data.tile, this.n, this.ratio);
    this.paint();
    this.paintOver();
    this.fillShelf();
  }

  paint() {
    this.over.setAttribute("aria-label", planeWords(this.data, this.n, (s) => !this.hidden.has(s)));
    this.painter.paint();
  }

  paintOver() { if (this.px) this.painter.paintOver(); }

  // ---- pointing, picking, the lasso ---------------------------------------------------------------------------------

  nearest(position) {
    return nearestPoint(this.px.length, (k) => this.placeIfShown(k), position, REACH ** 2).index;
  }

  point(k) {
    if (k === this.hover) return;
    this.hover = k;
    this.card.hidden = k < 0;
    if (k >= 0) {
      fillCard(this.card, this, k);
      this.said.textContent = `${this.sourceOf(k).title}, test picture ${(k % this.n) + 1}: ${this.words(k)}`;
    }
    this.paintOver();
  }

  down(event) {
    this.start = positionIn(this.over, event);
    if (event.pointerType === "mouse" || this.root.classList.contains("drawing")) {
      this.over.setPointerCapture(event.pointerId);
      this.trail = [this.start];
    }
  }

  move(event) {
    const position = positionIn(this.over, event);
    if (!this.trail) return this.point(this.nearest(position));
    this.trail.push(position);
    if (this.distance(position) > 6) this.point(-1);
    this.paintOver();
  }

  // From where the pointer was pressed.
  distance([x, y]) { return Math.hypot(x - this.start[0], y - this.start[1]); }

  up(event) {
    const { trail } = this, position = positionIn(this.over, event), isFar = (place) => this.distance(place) > DRAG;
    this.trail = null;
    if (trail?.some(isFar)) this.pickInside(trail);
    else if (!isFar(position)) this.pickAt(position); // a finger that has gone farther was to swipe
    this.paintOver();
  }

  pickInside(trail) {
    const dots = [...fairOrder(this.n, this.data.sources.length)];
    this.setLasso(false);
    this.pick(dots.filter((k) => this.isShown(k) && isInside(trail, ...this.placeOf(k))));
  }

  pickAt(position) {
    const k = this.nearest(position);
    this.point(k);
    if (k >= 0) this.pickOrDrop(k);
  }

  pickOrDrop(k) {
    this.pick(this.picks.includes(k) ? this.picks.filter((other) => other !== k) : [...this.picks, k]);
  }

  setLasso(isOn) {
    this.lasso.setAttribute("aria-pressed", String(isOn));
    this.root.classList.toggle("drawing", isOn);
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (event.key === "Escape") {
      this.point(-1);
      this.pick([]);
    } else if ((event.key === "Enter" || event.key === " ") && this.hover >= 0) {
      this.pickOrDrop(this.hover);
    } else if (arrow) {
      this.step(arrow);
      if (event.shiftKey && this.hover >= 0) this.pick([...new Set([...this.picks, this.hover])]);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  step(arrow) {
    if (this.hover < 0) return this.point(this.firstDot());
    const k = nextPoint(this.px.length, (i) => this.placeIfShown(i), this.placeOf(this.hover), arrow);
    if (k >= 0) this.point(k);
  }

  firstDot() {
    const s = this.data.sources.findIndex((_, i) => !this.hidden.has(i));
    return s < 0 ? -1 : s * this.n + this.picture;
  }

  pick(dots) {
    this.total = dots.length;
    this.picks = dots.slice(0, MOST);
    this.save();
    this.paintOver();
    this.fillShelf();
  }

  page(by) {
    this.picture = (this.picture + by + this.n) % this.n;
    this.save();
    this.fillShelf();
  }

  save() {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => this.send({
      picks: this.picks.map((k) => `${this.sourceOf(k).name}.${k % this.n}`).join(","),
      hidden: [...this.hidden].map((s) => this.data.sources[s].name).join(","),
      picture: this.picture,
    }), SAVE_MS);
  }

  // ---- shelf and legend ---------------------------------------------------------------------------------------------

  fillShelf() {
    const { picks, picture, n, total, data } = this;
    const every = data.sources.map((_, s) => s * n + picture).filter((k) => this.isShown(k));
    const dots = picks.length ? picks : every.sort((a, b) => this.x[a] - this.x[b]);
    const words = shelfWords({ picks: picks.length, total, picture, n, label: data.labels?.[picture] });
    this.shelf.fill(dots, words, picks.length > 0);
  }

  fillLegend() {
    this.style = getComputedStyle(this.root);
    fillChildren(this.legend, this.data.sources, () => document.createElement("button"), (button, source, s) => {
      legendButton(button, source, this.colour(source), !this.hidden.has(s));
      button.onclick = () => this.toggle(s);
      button.onpointerenter = (event) => { if (event.pointerType === "mouse") this.light(s); };
      button.onpointerleave = () => this.light(undefined);
    });
  }

  light(s) {
    if (s !== undefined && this.hidden.has(s)) return;
    this.lit = s;
    this.paint();
  }

  toggle(s) {
    this.lit = undefined;
    if (!this.hidden.delete(s)) this.hidden.add(s);
    this.save();
    this.fillLegend();
    this.paint();
    this.paintOver();
    this.fillShelf();
  }
}
