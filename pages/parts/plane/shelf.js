// The shelf below the plane: what is picked, or else one test picture in every source.

import { fillChildren } from "../shared/nodes.js";

const SIZE = 54; // px of a picture

export class Shelf {
  // `plane` says what each dot is: `source`, `colour`, `original`, `words`; `on` holds what is called back: page,
  // clear, hover.
  constructor(root, plane, on) {
    Object.assign(this, { plane, on, head: root.querySelector(".head"), cards: root.querySelector(".cards") });
    root.querySelector(".back").onclick = () => on.page(-1);
    root.querySelector(".next").onclick = () => on.page(1);
    root.querySelector(".clear").onclick = () => on.clear();
  }

  fill(dots, headline, isPicked) {
    const pager = this.head.querySelector(".pager");
    this.head.querySelector("h3").textContent = headline;
    pager.hidden = isPicked;
    pager.style.display = isPicked ? "none" : "";
    this.head.querySelector(".clear").style.display = isPicked ? "" : "none";
    fillChildren(this.cards, dots, figureNode, (node, k) => this.fillFigure(node, k));
  }

  fillFigure(node, k) {
    const { plane, on } = this, source = plane.sourceOf(k), [original, picture] = node.querySelectorAll("canvas");
    node.style.setProperty("--own", plane.colour(source));
    plane.tiles.fill(original, plane.originalOf(k), SIZE);
    plane.tiles.fill(picture, k, SIZE);
    picture.setAttribute("aria-label", `${source.title} of test picture ${(k % plane.n) + 1}, ${plane.words(k)}`);
    node.title = source.how;
    node.querySelector("b").textContent = source.title;
    node.querySelector("span").textContent = plane.words(k);
    node.onmouseenter = () => on.hover(k);
    node.onmouseleave = () => on.hover(-1);
  }
}

// What the shelf shows, in words: `picks` of `total` picked, or a test picture by number and class.
export function shelfWords({ picks, total, picture, n, label }) {
  if (picks) return `${total > picks ? `${picks} of ${total}` : picks} picked, original left`;
  const kind = label === undefined ? "" : ` (a ${label})`;
  return `Test picture ${picture + 1} of ${n}${kind}: nearest first, original left`;
}

function figureNode() {
  const node = document.createElement("figure");
  node.innerHTML =
    '<div class="pair"><canvas role="img" aria-label="original"></canvas><canvas role="img"></canvas></div>' +
    "<figcaption><b></b><span></span></figcaption>";
  return node;
}
