// What was tried: a line of runs, each with a button that shows it in its model's column and one that pins it beside.

import { element, fillChildren } from "../shared/nodes.js";
import { isDark, mountPart } from "../shared/part.js";
import { PIN_ICON } from "../shared/pin.js";

export default function mount(context) {
  return mountPart(Strip, context, {
    show: (key) => context.setTriggerValue("show", key),
    pin: (key) => context.setTriggerValue("pin", key),
  });
}

class Strip {
  constructor(parent) {
    this.root = parent.querySelector(".strip");
    this.list = parent.querySelector("ul");
  }

  update({ lines }) {
    this.root.dataset.dark = isDark(this.root);
    fillChildren(this.list, lines, lineNode, (node, line) => this.fill(node, line));
  }

  close() {}

  fill(node, line) {
    const [show, pin] = node.children;
    node.dataset.model = line.model;
    node.classList.toggle("shown", line.shown);
    show.replaceChildren(element("b", line.title), ` ${line.settings}`, element("small", line.scores));
    show.title = line.shown ? `In a column now. ${line.about}` : `Show it in its column. ${line.about}`;
    show.setAttribute("aria-current", line.shown);
    show.onclick = (event) => {
      if (event.shiftKey) this.send.pin(line.key);
      else if (!line.shown) this.send.show(line.key);
    };
    pin.title = line.pinned ? "Pinned: it has a column of its own" : "Pin it: a column of its own, beside the others";
    pin.setAttribute("aria-label", `Pin ${line.title}, ${line.settings}`);
    pin.setAttribute("aria-pressed", line.pinned);
    pin.onclick = () => { if (!line.pinned) this.send.pin(line.key); };
  }
}

function lineNode() {
  const node = document.createElement("li");
  node.innerHTML = `<button type="button" class="show"></button><button type="button" class="pin">${PIN_ICON}</button>`;
  return node;
}
