// The bar: replays the recorded games in the browser, and plays them on at the server. What it shows, the stage (stage.js) draws: both
// share `genmodelsGame`, so that the photographs are sent once, to the stage, and a move costs one photograph a game.

import { keep } from "../shared/page.js";

const PLAY_MS = 110;
const game = (globalThis.genmodelsGame ??= { frame: 0, told: null, stages: new Set() });

export default function mount(told) {
  return keep(Bar, told, told.setTriggerValue);
}

class Bar {
  constructor(root) {
    this.root = root.querySelector(".moves");
    this.slider = root.querySelector("input");
    this.round = root.querySelector(".round");
    this.button = root.querySelector(".play");
    this.moves = [...root.querySelectorAll("button[data-kind]")];
    this.undo = root.querySelector(".undo");
    this.timer = null;
    this.slider.oninput = () => { this.pause(); this.turn(Number(this.slider.value)); };
    this.slider.onchange = () => this.tell("stop", game.frame);
    this.button.onclick = () => (this.timer ? this.pause(true) : this.play());
    for (const button of this.moves) button.onclick = () => this.move(button.dataset.kind);
    this.undo.onclick = () => this.tell("undo", true);
  }

  update(data) {
    this.marks = data.marks;
    this.slider.max = data.marks.length - 1;
    this.root.classList.remove("busy");
    this.root.querySelector(".played").textContent = data.words;
    this.full = data.full;
    if (game.version !== data.version || data.live) { // a link was opened, or a move was made; else the frame here is the newer
      this.pause();
      game.frame = Math.min(data.frame, data.marks.length - 1);
    }
    game.version = data.version;
    game.told = data;
    this.show();
  }

  close() {
    this.pause();
  }

  turn(frame) {
    game.frame = frame;
    game.told = { ...game.told, live: null }; // back to the recording
    this.show();
  }

  play() {
    this.turn(game.frame >= this.marks.length - 1 ? 0 : game.frame);
    this.timer = setInterval(() => (game.frame >= this.marks.length - 1 ? this.pause(true) : this.turn(game.frame + 1)), PLAY_MS);
    this.mark("❚❚", "Pause the game");
  }

  pause(tell) {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.mark("▶", "Play the game");
    if (tell) this.tell("stop", game.frame);
  }

  mark(sign, words) {
    this.button.textContent = sign;
    this.button.setAttribute("aria-label", words);
  }

  move(kind) {
    if (this.root.classList.contains("busy")) return; // one at a time: the next move follows from this one
    this.pause();
    this.root.classList.add("busy");
    const amount = kind === "p" ? 1 : Number(this.root.querySelector("select").value);
    this.tell("move", { frame: game.frame, kind, amount });
  }

  show() {
    const at = this.marks[game.frame].toLocaleString("en"), live = game.told.live;
    const words = live ? `played on from ${at}` : `round ${at} of ${this.marks.at(-1).toLocaleString("en")}`;
    this.slider.value = game.frame;
    this.slider.setAttribute("aria-valuetext", words);
    this.round.textContent = words;
    if (!live) this.root.querySelector(".played").textContent = "";
    this.undo.disabled = !live;
    for (const button of this.moves) button.disabled = Boolean(live && this.full);
    game.stages.forEach((stage) => stage.show());
  }
}
