// The bar: replays the recorded games in the browser, and plays them on at the server. What it shows, the stage
// (stage.js) draws.

import { mountPart } from "../shared/part.js";
import { Player } from "../shared/player.js";
import { game } from "./game.js";

const PLAY_MS = 110;
const LABELS = { pause: "Pause the game", play: "Play the game" };

export default function mount(context) {
  return mountPart(Bar, context, context.setTriggerValue);
}

class Bar {
  constructor(parent) {
    this.root = parent.querySelector(".moves");
    this.slider = parent.querySelector("input");
    this.round = parent.querySelector(".round");
    this.moves = [...parent.querySelectorAll("button[data-kind]")];
    this.undo = parent.querySelector(".undo");
    this.player = new Player(parent.querySelector(".play"), this.slider, this, () => PLAY_MS, LABELS);
    for (const button of this.moves) button.onclick = () => this.move(button.dataset.kind);
    this.undo.onclick = () => this.send("undo", true);
  }

  update(data) {
    this.marks = data.marks;
    this.full = data.full;
    this.last = this.slider.max = data.marks.length - 1;
    this.root.classList.remove("busy");
    this.root.querySelector(".played").textContent = data.words;
    // A link was opened, or a move was made; else the frame here is the newer.
    if (game.version !== data.version || data.live) {
      this.player.halt();
      game.frame = Math.min(data.frame, this.last);
    }
    game.version = data.version;
    game.bar = data;
    this.paint();
  }

  close() {
    this.player.halt();
  }

  get frame() { return game.frame; }

  // Shows a frame of the recording.
  show(frame) {
    game.frame = frame;
    game.bar = { ...game.bar, live: null };
    this.paint();
  }

  rest() {
    this.send("stop", game.frame);
  }

  move(kind) {
    if (this.root.classList.contains("busy")) return; // one at a time: the next move follows from this one
    this.player.halt();
    this.root.classList.add("busy");
    const amount = kind === "p" ? 1 : Number(this.root.querySelector("select").value);
    this.send("move", { frame: game.frame, kind, amount });
  }

  paint() {
    const round = this.marks[game.frame].toLocaleString("en"), { live } = game.bar;
    const words = live ? `played on from ${round}` : `round ${round} of ${this.marks.at(-1).toLocaleString("en")}`;
    this.slider.value = game.frame;
    this.slider.setAttribute("aria-valuetext", words);
    this.round.textContent = words;
    if (!live) this.root.querySelector(".played").textContent = "";
    this.undo.disabled = !live;
    for (const button of this.moves) button.disabled = Boolean(live && this.full);
    game.stages.forEach((stage) => stage.show());
  }
}
