// The button that plays a replay, frame by frame, and the slider that moves it by hand.

export class Player {
  // `replay` has `frame` and `last`, shows a frame by `show(frame)`, and `rest()` is called when the viewer or the end
  // pauses it. `delay(frame, isFirst)` is the time until the next frame, ms; `labels` are the words of the button.
  constructor(button, slider, replay, delay, labels) {
    Object.assign(this, { button, replay, delay, labels, timer: null });
    button.onclick = () => (this.timer ? this.pause() : this.start());
    slider.oninput = () => { this.halt(); replay.show(Number(slider.value)); };
    slider.onchange = () => replay.rest();
  }

  start() {
    const { replay } = this, from = replay.frame >= replay.last ? 0 : replay.frame;
    this.say("❚❚", "pause");
    const next = () => {
      if (replay.frame >= replay.last) return this.pause();
      this.timer = setTimeout(next, this.delay(replay.frame));
      replay.show(replay.frame + 1);
    };
    this.timer = setTimeout(next, this.delay(from, true));
    replay.show(from);
  }

  // Pauses, and lets the replay know where; `halt` is silent, for when something else goes on at once.
  pause() {
    if (this.halt()) this.replay.rest();
  }

  halt() {
    if (!this.timer) return false;
    clearTimeout(this.timer);
    this.timer = null;
    this.say("▶", "play");
    return true;
  }

  say(sign, act) {
    this.button.textContent = this.labels.words ? `${sign} ${this.labels.words[act]}` : sign;
    this.button.setAttribute("aria-label", this.labels[act]);
  }
}
