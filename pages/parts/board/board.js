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
import { paintPictures } from "./pictures.js";
import { paintPoints } from "./points.js";

const NARROW = 640; // px of board width below which columns become thin
const PLAY_MS = 280;
const LABELS = { pause: "Pause the replay", play: "Play the training" };

export default function mount(context) {
  return mountPart(Board, context, {
    frame: (frame) => context.setStateValue("frame", frame),
    act: (key) => context.setTriggerValue("act", key),
    pin: (key) => context.setTriggerValue("pin", key),
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
    this.observer = watchSize(this.root, () => this.layout());
  }

  update(data) {
    // A link was opened; else the frame here is newer than the server's.
    const isLinked = this.data?.version !== data.version;
    this.data = data;
    this.root.dataset.dark = isDark(this.root);
    this.root.classList.toggle("ink", data.scene.ink);
    this.live = data.columns.some((c) => c.state === "running" || c.state === "queued");
    this.slider.disabled = this.play.disabled = !data.columns.some((c) => c.frames.length > 1);
    this.last = this.slider.max = data.shares.length - 1;
    if (isLinked) this.frame = data.frame;
    this.layout();
  }

  close() {
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
    fillColumn(node, column, (column.step ?? 0) / (column.steps || 1), () => this.send.act(column.key));
    fillHead(node, column, () => this.send.pin(column.key));
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
    const words = column.frames.length ? stepWords(column, isLive ? column.step : marks[index], isLive) : "";
    setText(node, ".step", words);
    if (this.data.scene.image) paintPictures(node, column, snapshot, this.data, this.images, this.narrow);
    else paintPoints(node, column, snapshot, this.data.scene);
    const like = this.data.columns.filter(({ model }) => model === column.model);
    fillCharts(node.querySelector(".charts"), column, isLive ? null : marks[index] / column.steps, this.narrow, like);
  }
}

function columnNode() {
  const node = document.createElement("section");
  node.innerHTML = `<div class="rule"><div class="progress"></div></div>
    ${HEAD}<p class="summary"></p>
    <div class="stage"><canvas class="samples" role="img"></canvas>${STAGE_CARD}</div>
    <p class="caption"><span class="samples-note"></span><span class="step"></span></p>
    <canvas class="reconstructed" role="img"></canvas><p class="caption reconstructed-note"></p>
    <div class="charts"></div><dl class="facts"></dl><p class="provenance"></p>`;
  return node;
}

function stepWords(column, step, isLive) {
  const words = `step ${step.toLocaleString("en")} of ${column.steps.toLocaleString("en")}`;
  return isLive && column.left ? `${words}, ${column.left}` : words;
}
