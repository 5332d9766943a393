// Maps of codes, one a model. `data` (genmodels/views/latents.py) holds everything; what goes back is the dot that was
// clicked, and a card's button. Pointing at a dot, replaying, zooming and singling out a class ask nothing of the
// server.

import { colourRamp } from "../shared/colours.js";
import { fillColumn } from "../shared/columns.js";
import { fillChildren, setText } from "../shared/nodes.js";
import { decodeBytes, decodePairs } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { Images } from "../shared/pictures.js";
import { Player } from "../shared/player.js";
import { ARROWS, followPointer, nearestPoint, positionIn } from "../shared/pointing.js";
import { columnCount, columnNode, mapWords } from "./columns.js";
import { legendParts, rampStops } from "./legend.js";
import { MapPainter, markEnds } from "./map.js";
import { fillStrip } from "./strip.js";
import { fillTip, placeTip } from "./tip.js";
import { WHOLE, boundedView, movedView, zoomedView } from "./view.js";

const NARROW = 640, PLAY_MS = 110;
const DRAG = 4;   // px until a press is a drag
const REACH = 9;  // px around a dot that count as pointing at it
const ZOOM = 1.6, PAN = 0.2; // of a button or a key; the latter in shares of what is seen
const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }; // to the next dot, or the one before
const LABELS = { pause: "Pause the replay", play: "Replay how the maps were made" };

const sprites = new Map(), views = new Map(); // a zoom outlives the node that shows it

export default function mount(context) {
  return mountPart(Scatter, context, {
    pick: (k) => context.setTriggerValue("pick", String(k)),
    act: (model) => context.setTriggerValue("act", model),
  });
}

class Scatter {
  constructor(parent) {
    this.root = parent.querySelector(".scatter");
    this.columns = parent.querySelector(".columns");
    this.legend = parent.querySelector(".legend");
    this.slider = parent.querySelector(".bar input");
    this.label = parent.querySelector(".bar output");
    this.tip = parent.querySelector(".tip");
    this.alone = null; // the class singled out
    this.frame = Infinity;
    this.images = new Images(60, () => { this.layout(); this.fillTip(); });
    this.player = new Player(parent.querySelector(".play"), this.slider, this, () => PLAY_MS, LABELS);
    this.observer = watchSize(this.root, () => this.layout());
  }

  close() {
    this.player.halt();
    this.observer.disconnect();
  }

  rest() {} // where the replay pauses is not sent

  update(data) {
    if (this.data && this.data.scene.key !== data.scene.key) this.alone = null;
    this.data = data;
    this.dark = isDark(this.root);
    this.root.dataset.dark = this.dark;
    this.root.classList.toggle("ink", data.scene.ink);
    this.root.classList.toggle("small", Boolean(data.small));
    if (data.sprite) sprites.set(data.spriteKey, data.sprite);
    this.labels = data.scene.labels && decodeBytes(data.scene.labels);
    this.values = data.scene.values && decodeBytes(data.scene.values);
    this.palette = this.dark ? data.scene.dark : data.scene.light;
    this.stops = rampStops(this.dark);
    this.ramp = colourRamp(this.stops);
    this.readFrames(data.columns);
    this.fillLegend();
    this.layout();
  }

  readFrames(columns) {
    const frames = Math.max(...columns.map((column) => column.frames.length));
    this.last = this.slider.max = Math.max(0, frames - 1);
    this.root.querySelector(".bar").hidden = frames < 2;
    const stamp = columns.map((column) => column.stamp ?? "").join();
    if (stamp !== this.stamp) {
      this.player.halt();
      this.frame = Infinity;
      this.stamp = stamp;
    }
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    const { columns, small } = this.data, n = columns.length;
    this.narrow = width < NARROW;
    this.root.classList.toggle("narrow", this.narrow);
    this.root.classList.toggle("four", n > 3);
    this.columns.style.setProperty("--n", columnCount(n, this.narrow, small));
    fillChildren(this.columns, columns, (i) => this.columnNode(i), (node, column) => this.fill(node, column));
    this.show(this.frame);
  }

  columnNode(i) {
    const node = columnNode(), map = node.querySelector(".map"), buttons = node.querySelectorAll(".zoom button");
    node.viewKey = () => `${this.data.scene.key}|${this.data.columns[i]?.key}|${this.data.method}`;
    buttons[0].onclick = () => this.zoom(i, ZOOM);
    buttons[1].onclick = () => this.zoom(i, 1 / ZOOM);
    buttons[2].onclick = () => { views.delete(node.viewKey()); this.show(this.frame); };
    const [down, move, up] = [this.down, this.move, this.up].map((act) => act.bind(this, i));
    followPointer(map, { down, move, up, cancel: () => { this.drag = null; } });
    map.onpointerleave = ({ pointerType }) => { if (!this.drag && pointerType !== "touch") this.point(null); };
    map.addEventListener("wheel", (event) => this.wheel(i, event), { passive: false });
    map.onkeydown = (event) => this.key(i, event);
    map.onblur = () => this.point(null);
    return node;
  }

  fill(node, column) {
    fillColumn(node, column, column.share ?? 0, this.send.act);
    setText(node, ".what", column.what);
    setText(node, ".axis", column.axes?.length ? `across: ${column.axes[0]} · up: ${column.axes[1]}` : "");
    node.querySelector(".axis").hidden = !column.axes?.length;
    fillStrip(node, column, this.data, this.images, this.dark, getComputedStyle(this.root));
  }

  fillLegend() {
    const { scene, crosses, hint } = this.data;
    const stamp = JSON.stringify([scene.key, crosses, this.dark, this.alone, hint]);
    if (this.legendStamp === stamp) return;
    this.legendStamp = stamp;
    this.legend.replaceChildren(...legendParts(this.data, this, (label) => this.single(label)));
  }

  // Singles out a class, or no longer.
  single(label) {
    this.alone = this.alone === label ? null : label;
    this.fillLegend();
    this.show(this.frame);
  }

  show(frame) {
    this.frame = Math.min(frame, this.last);
    this.slider.value = this.frame;
    const longest = this.data.columns.find((column) => column.marks.length === this.last + 1);
    const words = this.last && longest ? `iteration ${longest.marks[this.frame]} of ${longest.marks.at(-1)}` : "";
    this.label.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.paint();
  }

  // ---- the maps -----------------------------------------------------------------------------------------------------

  paint() {
    this.data.columns.forEach((_, i) => this.paintMap(i));
  }

  paintMap(i) {
    const node = this.columns.children[i], column = this.data.columns[i], canvas = node.querySelector(".map");
    const view = views.get(node.viewKey()), points = this.pointsOf(column);
    const width = canvas.parentElement.clientWidth, height = Math.round(width * this.size(0.7, 0.94, 0.78));
    const style = getComputedStyle(this.root), size = this.size(0.6, 0.8, 1);
    const painter = new MapPainter(canvas, width, height, style, points ?? {}, view ?? WHOLE, size);
    canvas.setAttribute("aria-label", mapWords(column));
    canvas.classList.toggle("zoomed", Boolean(view));
    for (const word of node.querySelectorAll(".end")) word.remove();
    node.places = points && { ...points, place: painter.place };
    if (!points) return;
    this.paintPoints(painter, i);
    if (column.range && !view) markEnds(node.querySelector(".stage"), column.range, width, height);
  }

  // One of three values: of a small map, of one on a phone, of one on a desk.
  size(small, narrow, wide) {
    return this.data.small ? small : this.narrow ? narrow : wide;
  }

  pointsOf(column) {
    const snapshot = column?.frames[Math.min(this.frame, column.frames.length - 1)];
    if (!snapshot) return null;
    return { dots: decodePairs(snapshot.y), prior: snapshot.prior ? decodePairs(snapshot.prior) : null };
  }

  paintPoints(painter, i) {
    const column = this.data.columns[i], { dots, prior } = painter, { classes } = this.data.scene;
    const labels = column.labels ? null : this.labels;
    const isFaded = (k) => this.alone !== null && Boolean(labels) && labels[k] !== this.alone;
    painter.paintDots((k) => this.colour(column, k), isFaded);
    if (prior) painter.paintCrosses();
    const isNamed = labels && !this.data.small && classes.length <= 12 && column.marks.length;
    if (isNamed) painter.paintNames(classes, labels, this.alone, this.narrow ? 12 : 14);
    painter.paintPicks(this.data.picks ?? []);
    const { pointed } = this;
    if (pointed?.prior && pointed.column === i && prior) painter.ring(prior, pointed.k, 2.4);
    if (pointed && !pointed.prior && 2 * pointed.k < dots.length) painter.ring(dots, pointed.k, 2.4);
  }

  colour(column, k) {
    const labels = column.labels ? decodeBytes(column.labels) : this.labels;
    if (labels) return this.palette[labels[k] % this.palette.length];
    if (this.values) return this.ramp[this.values[k]];
    return this.dark ? "#8fb8ea" : "#2b6cb0";
  }

  // ---- pointing, dragging, zooming ----------------------------------------------------------------------------------

  mapOf(i) { return this.columns.children[i].querySelector(".map"); }
  viewOf(i) { return views.get(this.columns.children[i].viewKey()) ?? WHOLE; }

  nearest(i, position) {
    const { places } = this.columns.children[i];
    if (!places) return null;
    const search = (points, squared) =>
      nearestPoint(points.length / 2, (k) => places.place(points, k), position, squared);
    const dot = search(places.dots, REACH ** 2), cross = search(places.prior ?? [], dot.squared);
    if (cross.index >= 0) return { column: i, k: cross.index, prior: true };
    return dot.index >= 0 ? { column: i, k: dot.index, prior: false } : null;
  }

  down(i, event) {
    this.drag = { i, start: positionIn(this.mapOf(i), event), isMoved: false, view: this.viewOf(i) };
    if (this.drag.view.scale > 1) event.target.setPointerCapture(event.pointerId);
  }

  move(i, event) {
    const { drag } = this, map = this.mapOf(i), [x, y] = positionIn(map, event);
    if (drag && drag.i === i) {
      const [dx, dy] = [x - drag.start[0], y - drag.start[1]];
      drag.isMoved ||= Math.hypot(dx, dy) > DRAG;
      if (drag.isMoved && drag.view.scale > 1) {
        return this.look(i, movedView(drag.view, dx, dy, Math.min(map.clientWidth, map.clientHeight)));
      }
    }
    if (event.pointerType !== "touch") this.point(this.nearest(i, [x, y]));
  }

  up(i, event) {
    const { drag } = this;
    this.drag = null;
    if (!drag || drag.isMoved) return;
    const dot = this.nearest(i, positionIn(this.mapOf(i), event));
    this.point(dot);
    if (dot && !dot.prior && !this.data.small) this.send.pick(dot.k);
  }

  // The wheel belongs to the page, until a map has been clicked on or a key is held.
  wheel(i, event) {
    const map = this.mapOf(i), isOurs = event.ctrlKey || event.metaKey || map.getRootNode().activeElement === map;
    if (this.data.small || !isOurs) return;
    event.preventDefault();
    this.zoom(i, Math.exp(-event.deltaY / 400), positionIn(map, event));
  }

  key(i, event) {
    const n = (this.columns.children[i].places?.dots.length ?? 0) / 2, { pointed } = this, step = KEYS[event.key];
    const k = pointed?.prior === false ? pointed.k : -1;
    if (!n) return;
    if (step && event.shiftKey) this.look(i, movedView(this.viewOf(i), ...ARROWS[event.key].map((v) => -PAN * v), 1));
    else if (event.key === "Enter" && k >= 0 && !this.data.small) this.send.pick(k);
    else if (event.key === "+" || event.key === "-") this.zoom(i, event.key === "+" ? ZOOM : 1 / ZOOM);
    else if (event.key === "Escape") this.point(null);
    else if (step) this.point({ column: i, prior: false, k: (k + step + n) % n });
    else return;
    event.preventDefault();
  }

  zoom(i, factor, position) {
    const { clientWidth: w, clientHeight: h } = this.mapOf(i), size = Math.min(w, h);
    const offset = position ? [(position[0] - w / 2) / size, (h / 2 - position[1]) / size] : [0, 0];
    this.look(i, zoomedView(this.viewOf(i), factor, offset));
  }

  look(i, view) {
    const key = this.columns.children[i].viewKey(), bounded = boundedView(view);
    if (bounded) views.set(key, bounded);
    else views.delete(key);
    this.tip.hidden = true;
    this.paintMap(i);
  }

  point(dot) {
    const before = this.pointed;
    if (before?.k === dot?.k && before?.column === dot?.column && before?.prior === dot?.prior) return;
    this.pointed = dot;
    this.paint();
    this.fillTip();
  }

  fillTip() {
    const dot = this.pointed, { tip, data } = this;
    tip.hidden = !dot;
    if (!dot) return;
    const column = data.columns[dot.column], { dots, prior, place } = this.columns.children[dot.column].places;
    const url = dot.prior ? column.priorSprite : sprites.get(data.spriteKey);
    const { labels, values } = this, sheet = this.images.get(url), style = getComputedStyle(this.root);
    fillTip(tip, dot, column, { scene: data.scene, labels, values, sheet, style });
    const map = this.mapOf(dot.column).getBoundingClientRect(), root = this.root.getBoundingClientRect();
    const [x, y] = place(dot.prior ? prior : dots, dot.k);
    placeTip(tip, map.left - root.left + x, map.top - root.top + y, this.root.clientWidth);
  }
}
