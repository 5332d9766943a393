// The telling knobs of a column's model: sliders and lists that show their value while they are moved and send it when
// released. A key's steps are sent once they rest.

import { element, fillChildren } from "../shared/nodes.js";

const REST_MS = 400; // without another key

// Fills the knobs of a column; `answered` is the number of the last turn that the server has answered: until then a
// knob stands where the viewer left it. `send` takes `{model, name, value, turn}`.
export function fillKnobs(holder, column, answered, send) {
  const stamp = [column.model, ...column.knobs.map((knob) => knob.name)].join();
  if (holder.stamp !== stamp) holder.replaceChildren();
  holder.stamp = stamp;
  fillChildren(holder, column.knobs, (i) => new Turning(column.knobs[i]).node, ({ turning }, knob) => {
    Object.assign(turning, { column, send });
    if (!turning.isAhead(answered)) turning.show(knob);
  });
}

class Turning {
  constructor(knob) {
    this.node = element("label", "", "knob");
    this.node.turning = this;
    this.control = knob.choice ? element("select") : element("input");
    this.value = element("output");
    this.timer = null;
    this.turn = 0; // the number of the last one that was sent
    this.node.append(element("span", knob.label), ...(knob.choice ? [] : [this.value]), this.control);
    if (knob.choice) this.control.onchange = () => this.release();
    else this.listen();
  }

  listen() {
    const { control } = this;
    control.type = "range";
    control.min = 0;
    control.step = 1;
    control.onpointerdown = () => { this.isHeld = true; };
    control.onpointerup = control.onpointercancel = () => { this.isHeld = false; };
    control.onkeydown = () => { this.isKeyed = true; };
    control.oninput = () => this.write();
    control.onchange = () => {
      clearTimeout(this.timer);
      if (!this.isKeyed || this.isHeld) return this.release();
      this.timer = setTimeout(() => this.release(), REST_MS);
    };
    control.onblur = () => { if (this.timer) this.release(); };
  }

  // Whether the viewer is ahead of the server: holds the knob, or has turned it without an answer yet.
  isAhead(answered) {
    return this.isHeld || this.timer !== null || this.turn > answered;
  }

  show(knob) {
    const { control } = this;
    this.knob = knob;
    this.node.title = knob.help;
    control.setAttribute("aria-label", `${knob.label} of the ${this.column.title}`);
    const isOther = control.stamp !== knob.texts.join();
    if (isOther && knob.choice) control.replaceChildren(...knob.texts.map((text) => element("option", text)));
    if (isOther && !knob.choice) control.max = knob.texts.length - 1;
    control.stamp = knob.texts.join();
    if (knob.choice) control.selectedIndex = knob.index;
    else control.value = knob.index;
    this.write();
  }

  index() {
    return this.knob.choice ? this.control.selectedIndex : Number(this.control.value);
  }

  write() {
    const text = this.knob.texts[this.index()];
    if (this.value.textContent !== text) this.value.textContent = text;
    if (!this.knob.choice) this.control.setAttribute("aria-valuetext", text);
  }

  release() {
    clearTimeout(this.timer);
    this.timer = null;
    this.isHeld = this.isKeyed = false;
    if (this.index() === this.knob.index) return;
    this.turn = Date.now();
    const { model } = this.column, { name, values } = this.knob;
    this.send({ model, name, value: values[this.index()], turn: this.turn });
  }
}
