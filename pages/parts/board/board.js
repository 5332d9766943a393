// The comparison board: one column a model, one slider that replays all columns from their recordings.
// `data` (genmodels/views/board.py) holds everything; what goes back is the frame that is shown, and a card's button.

import { fillColumn, STAGE_CARD } from "../shared/columns.js";
import { fillChildren, percent, setText } from "../shared/nodes.js";
import { lastReached } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { Images } from "../shared/pictures.js";
import { Player } from "../shared/player.js";
import { fillCharts } from "./charts.js";
import { HEAD, fillHead } from "./pin.js";
import { fillKnobs } from "./knobs.js";
import { acrossOf, paintPictures } from "./pictures.js";
import { paintPoints } from "./points.js";
import { namePictures } from "./words.js";

const NARROW = 640; // px of board width below which columns become thin
const PLAY_MS = 280;
// Ms between two questions for what has been made: often in the first seconds after something was begun.
const SOON_MS = 180, LATER_MS = 700, FIRST_MS = 5000;
const PATIENCE_MS = 8000; // without an answer, before it is asked again
const LABELS = { pause: "Pause the replay", play: "Play the training" };

export default function mount(context) {
  return mountPart(Board, context, {
    frame: (frame) => context.setStateValue("frame", frame),
    act: (key) => context.setTriggerValue("act", key),
    pin: (key) => context.setTriggerValue("pin", key),
    turn: (turn) => context.setTriggerValue("turn", turn),
    poll: (poll) => context.setTriggerValue("poll", poll),
  });
}

class Board {
  constructor(parent) {
    this.root = parent.querySelector(".board");
    this.slider = parent.querySelector("input");
    this.play = parent.querySelector("button.play");
    this.label = parent.querySelector("output");
    this.columns = parent.querySelector(".columns");
    this.images = new Images(400, () => this.show(this.frame));
    this.player = new Player(this.play, this.slider, this, () => PLAY_MS, LABELS);
    this.begunAt = performance.now();
    this.polls = 0;
    this.frames = new Map(); // of the finished columns, by name
    this.observer = watchSize(this.root, () => this.layout());
  }

  update(data) {
    // A link was opened; else the frame here is newer than the server's.
    const isLinked = this.data?.version !== data.version;
    if (this.data && keys(this.data) !== keys(data)) this.begunAt = performance.now();
    this.data = { ...data, columns: data.columns.map((column) => this.completed(column)) };
    this.frames = new Map(this.data.columns.filter((c) => c.framesName).map((c) => [c.framesName, c.frames]));
    this.root.dataset.dark = isDark(this.root);
    this.root.classList.toggle("ink", data.scene.ink);
    this.live = this.data.columns.some((c) => c.state === "running" || c.state === "queued");
    this.slider.disabled = this.play.disabled = !this.data.columns.some((c) => c.frames.length > 1);
    this.last = this.slider.max = data.shares.length - 1;
    if (isLinked) this.frame = data.frame;
    this.layout();
    this.schedule();
  }

  // The column with its frames, also where the server left out those that are here.
  completed(column) {
    return column.held ? { ...column, frames: this.frames.get(column.framesName) ?? [] } : column;
  }

  // While a run is awaited, asks again and again what is there; a next question waits for the answer.
  schedule() {
    clearTimeout(this.timer);
    if (!this.live) return;
    const isEarly = performance.now() - this.begunAt < FIRST_MS;
    this.timer = setTimeout(() => this.poll(), isEarly ? SOON_MS : LATER_MS);
  }

  poll() {
    const frames = [...this.frames].filter(([, held]) => held.length).map(([name]) => name);
    this.send.poll({ number: ++this.polls, frames });
    this.timer = setTimeout(() => this.poll(), PATIENCE_MS);
  }

  act(key) {
    this.begunAt = performance.now();
    this.send.act(key);
  }

  close() {
    clearTimeout(this.timer);
    this.player.halt();
    this.observer.disconnect();
  }

  rest() {
    this.send.frame(this.frame);
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    this.narrow = width < NARROW;
    this.root.classList.toggle("narrow", this.narrow);
    this.root.classList.toggle("four", this.data.columns.length > 3);
    this.columns.style.setProperty("--n", this.data.columns.length);
    fillChildren(this.columns, this.data.columns, columnNode, (node, column) => this.fill(node, column));
    this.show(this.frame);
  }

  fill(node, column) {
    fillColumn(node, column, (column.step ?? 0) / (column.steps || 1), () => this.act(column.key));
    fillHead(node, column, () => this.send.pin(column.key));
    node.classList.toggle("ghost", Boolean(column.ghost));
    node.querySelector(".card").classList.toggle("over", column.frames.length > 0);
    fillKnobs(node.querySelector(".knobs"), column, this.data.turn ?? 0, (turn) => this.send.turn(turn));
    node.dataset.key = column.key;
    setText(node, ".summary", column.summary);
    setText(node, ".provenance", column.provenance);
  }

  show(frame) {
    this.frame = Math.min(frame, this.last);
    this.slider.value = this.frame;
    const progress = this.data.shares[this.frame];
    const words = this.live ? "training" : this.slider.disabled ? "" : `${percent(progress)} of the budget`;
    this.label.textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    this.data.columns.forEach((column, i) => this.paint(this.columns.children[i], column, progress));
  }

  // A finished column shows the last snapshot that this progress has reached, another one the last that there is.
  paint(node, column, progress) {
    const isLive = column.state !== "finished", { marks } = column;
    const index = isLive ? marks.length - 1 : lastReached(marks, progress * column.steps);
    const snapshot = column.frames[index];
    const isOwn = column.frames.length && !column.ghost;
    const step = isOwn ? stepWords(column, isLive ? column.step : marks[index], isLive) : "";
    const cursor = isLive ? null : marks[index] / column.steps, isImage = this.data.scene.image;
    setText(node, ".step", step);
    namePictures(node, column, snapshot, { step, cursor, isImage, across: acrossOf(this.narrow) });
    if (isImage) paintPictures(node, column, snapshot, this.data, this.images, this.narrow);
    else paintPoints(node, column, snapshot, this.data.scene);
    const like = this.data.columns.filter(({ model }) => model === column.model);
    fillCharts(node.querySelector(".charts"), column, cursor, this.narrow, like);
  }
}

function columnNode() {
  const node = document.createElement("section");
  node.innerHTML = `<div class="rule"><div class="progress"></div></div>
    ${HEAD}<div class="knobs"></div><p class="summary"></p>
    <div class="stage"><canvas class="samples" role="img"></canvas>${STAGE_CARD}</div>
    <p class="caption"><span class="samples-note"></span><span class="step"></span></p>
    <canvas class="reconstructed" role="img"></canvas><p class="caption reconstructed-note"></p>
    <div class="charts"></div><dl class="facts"></dl><p class="provenance"></p>`;
  return node;
}

function keys({ columns }) {
  return columns.map((column) => `${column.key} ${column.state === "running" || column.state === "queued"}`).join();
}

function stepWords(column, step, isLive) {
  const words = `step ${step.toLocaleString("en")} of ${column.steps.toLocaleString("en")}`;
  return isLive && column.left ? `${words}, ${column.left}` : words;
}
