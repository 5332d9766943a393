// The stage: games side by side. All photographs come once, in `data` (genmodels/views/adversarial.py); which of them
// to show, what of it, and photographs taken live come through the bar (bar.js).

import { fillChildren, setText } from "../shared/nodes.js";
import { decodeBytes, decodePairs } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { gameCharts, numbersTable } from "./numbers.js";
import { game } from "./game.js";
import { paintPhotograph } from "./photograph.js";

const NARROW = 640; // px of width below which games stand one under another

export default function mount(context) {
  return mountPart(Stage, context, null); // it has nothing to send
}

class Stage {
  constructor(parent) {
    this.root = parent.querySelector(".stage");
    this.columns = parent.querySelector(".columns");
    this.observer = watchSize(this.root, () => this.layout());
    game.stages.add(this);
  }

  update({ columns }) {
    if (this.source !== columns) {
      this.source = columns;
      this.games = columns.map(readGame);
    }
    this.layout();
  }

  close() {
    this.observer.disconnect();
    game.stages.delete(this);
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.games || !width) return;
    this.root.dataset.dark = isDark(this.root);
    this.root.classList.toggle("narrow", width < NARROW);
    this.columns.style.setProperty("--n", this.games.length);
    fillChildren(this.columns, this.games, columnNode, (node, one) => {
      node.classList.toggle("old", Boolean(one.isOld));
      setText(node, "h2", one.title);
      setText(node, ".note", one.note);
      gameCharts(node.querySelector(".charts"), one);
    });
    setText(this.root, ".says", meaningsOf(this.games));
    this.show();
  }

  show() {
    if (!this.games || !this.root.clientWidth) return;
    const bar = game.bar ?? {};
    this.root.classList.toggle("large", Boolean(bar.presenting));
    this.games.forEach((one, i) => {
      const node = this.columns.children[i], live = bar.live?.[i], last = one.marks.length - 1;
      const frame = one.isGrowing ? last : Math.min(game.frame, last); // one that is being played shows its latest
      const photograph = live ? readPhotograph(live) : one.photograph(frame);
      const numbers = live?.numbers ?? numbersAt(one, frame);
      paintPhotograph(node.querySelector("canvas"), one, photograph, numbers, bar, getComputedStyle(this.root));
      numbersTable(node.querySelector(".numbers"), numbers, one.theory);
      const progress = Math.sqrt(one.marks[frame] / Math.max(1, one.marks[last]));
      for (const line of node.querySelectorAll(".cursor")) {
        line.setAttribute("transform", `translate(${line.dataset.width * progress} 0)`);
      }
    });
  }
}

function readPhotograph(source) {
  return {
    field: decodeBytes(source.field),
    best: decodeBytes(source.best),
    fake: decodePairs(source.fake),
    pull: new Int16Array(decodeBytes(source.pull).buffer),
    grid: decodePairs(source.grid),
  };
}

// A game whose photographs are read when they are shown, each once.
function readGame(one) {
  const cache = new Map();
  const skipped = one.marks.length - one.frames.length; // of a game that is being played only the latest is there
  const photograph = (i) => cache.get(i) ?? cache.set(i, readPhotograph(one.frames[i - skipped])).get(i);
  return { ...one, photograph, real: decodePairs(one.real) };
}

function numbersAt(one, frame) {
  return Object.fromEntries(Object.entries(one.numbers).map(([name, values]) => [name, values[frame]]));
}

// What the games' fields mean, each meaning once; named by the first game that has it if there are several.
function meaningsOf(games) {
  const titles = new Map(games.map((one) => [one.meaning, one.title]).reverse());
  const words = [...titles].reverse().map(([meaning, title]) => (titles.size > 1 ? `${title}: ${meaning}` : meaning));
  return words.join("; ");
}

function columnNode() {
  const node = document.createElement("section");
  node.innerHTML =
    `<h2></h2><span class="note"></span><canvas role="img"></canvas>` +
    `<div class="numbers"></div><div class="charts"></div>`;
  return node;
}
