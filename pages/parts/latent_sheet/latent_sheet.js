// Planes of codes: every code as its class, q(z|x) as ellipses or the sheet of decodes; a drag shows what the decoder
// makes of z. `data` (genmodels/views/autoencoders.py) holds a fine grid of decodes for each plane; nothing is asked of
// the server while dragging.

import { invert, pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { mix } from "../shared/easing.js";
import { decimal } from "../shared/nodes.js";
import { clamp, normalPair, seededRandom } from "../shared/numbers.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";
import { drawTile, tileScale } from "../shared/pictures.js";
import { ARROWS, followPointer, shareIn } from "../shared/pointing.js";
import { paintPlane } from "./plane.js";

const NARROW = 760; // px of width below which the planes go below one another
const BESIDE = 105; // px: words need so much room
const STEP = 0.02;  // of the plane: an arrow key

export default function mount(context) {
  return mountPart(Sheets, context, context.setStateValue);
}

class Sheets {
  constructor(parent) {
    this.root = parent.querySelector(".sheets");
    this.foot = this.root.querySelector(".foot");
    this.spots = {};
    this.sprites = new Map();
    this.observer = watchSize(this.root, () => this.layout());
  }

  close() {
    this.observer.disconnect();
  }

  update(data) {
    const isLinked = this.data?.version !== data.version;
    if (isLinked) this.spots = { ...data.spots }; // a link was opened; else this window knows better
    this.data = data;
    this.dark = isDark(this.root);
    this.root.dataset.dark = this.dark;
    data.planes.forEach((plane, i) => {
      const isNew = this.root.children[i] === this.foot;
      const node = isNew ? this.root.insertBefore(planeNode(), this.foot) : this.root.children[i];
      if (isNew) this.listen(node.querySelector(".plane"), node);
      node.dataset.model = plane.name;
      node.querySelector("h2").firstChild.textContent = plane.title;
      node.querySelector("h2 small").textContent = plane.note;
    });
    this.layout();
  }

  listen(canvas, node) {
    const go = (x, y) => { this.spots[node.dataset.model] = [clamp(x), clamp(y)]; this.paint(); };
    const follow = (event) => { const [x, y] = shareIn(canvas, event); go(x, 1 - y); };
    const report = () => this.report(node.dataset.model);
    let isDown = false;
    followPointer(canvas, {
      down: (event) => { canvas.setPointerCapture(event.pointerId); isDown = true; follow(event); },
      move: (event) => { if (isDown) follow(event); },
      up: () => { isDown = false; report(); },
    });
    canvas.onkeydown = (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      event.stopPropagation(); // the course's own keys are for the rest of the page
      const [x, y] = this.spots[node.dataset.model];
      go(x + STEP * arrow[0], y - STEP * arrow[1]);
    };
    canvas.onkeyup = (event) => { if (event.key.startsWith("Arrow")) report(); };
  }

  report(name) {
    this.send(name, this.spots[name].map((share) => Math.round(1000 * share)).join("-"));
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    const narrow = width < NARROW, column = narrow ? width : (width - 34) / 2;
    this.root.classList.toggle("narrow", narrow);
    this.side = Math.floor(Math.min(this.data.tall ? 330 : 300, column * 0.62));
    this.small = Math.floor(Math.min(column - this.side - 14, this.side * 0.49));
    const hasRoom = column - this.side - 14 - this.small >= BESIDE; // for words beside the pictures, else below them
    this.root.classList.toggle("stacked", !hasRoom);
    if (!hasRoom) this.small = Math.floor(Math.min(column - this.side - 14, this.side * 0.42));
    this.paint();
  }

  paint() {
    this.foot.textContent = this.data.legend;
    this.data.planes.forEach((plane, i) => this.paintColumn(this.root.children[i], plane, this.spots[plane.name]));
  }

  paintColumn(node, plane, [u, v]) {
    const z = [mix(plane.low[0], plane.high[0], u), mix(plane.low[1], plane.high[1], v)];
    const words = `z = (${decimal(z[0], 2)}, ${decimal(z[1], 2)})`, { samples, across } = plane;
    const sheet = this.sprite(plane.sheet), sprite = this.sprite(samples.pictures);
    const sigma = this.data.picture === "sample" ? plane.sigma : 0;
    const view = { ...this.data, dark: this.dark, side: this.side, sheet, spot: [u, v] };
    paintPlane(node.querySelector(".plane"), plane, view);
    this.paintPictures(node.querySelector(".big"), sheet, across, [decodeIndex(u, v, across)], 1, sigma);
    const all = [...Array(samples.n).keys()], wide = Math.round(Math.sqrt(samples.n));
    this.paintPictures(node.querySelector(".drawn"), sprite, 8, all, wide, sigma);
    node.querySelector(".at").textContent = `${words}: ${sigma ? plane.noisy : plane.decoded}`;
    node.querySelector(".which").textContent = samples.note;
    const label = (selector, text) => node.querySelector(selector).setAttribute("aria-label", text);
    label(".plane", `${plane.title}: plane of codes, decoding ${words}; drag or use the arrow keys`);
    label(".big", `what the ${plane.title} decodes at ${words}`);
    label(".drawn", `${samples.n} samples of the ${plane.title}`);
  }

  // Pictures number `which` of a sprite, `wide` of them across, each scaled by a whole factor if it is not shrunk.
  paintPictures(canvas, sprite, columns, which, wide, sigma) {
    const [, h, w] = this.data.shape, cell = Math.floor((this.small * pixelRatio()) / wide);
    const scale = tileScale(cell, w, h, 1);
    resizeCanvas(canvas, cell * wide, cell * Math.ceil(which.length / wide), pixelRatio());
    if (!sprite) return;
    const pen = canvas.getContext("2d"), tile = new OffscreenCanvas(w, h), tilePen = tile.getContext("2d");
    pen.imageSmoothingEnabled = scale < 1;
    const random = seededRandom(7), [width, height] = [w * scale, h * scale];
    which.forEach((k, i) => {
      drawTile(tilePen, sprite, k, columns, [w, h], 0, 0, w, h);
      if (sigma) addNoise(tilePen, w, h, 255 * sigma, random);
      const left = (i % wide) * cell + Math.floor((cell - width) / 2);
      const top = Math.floor(i / wide) * cell + Math.floor((cell - height) / 2);
      pen.drawImage(tile, left, top, Math.round(width), Math.round(height));
    });
  }

  // The sprite as it is to be seen: light ink becomes ink on paper, or stays light on a dark page.
  sprite(url) {
    const key = `${this.dark}${url}`;
    if (!this.sprites.has(key)) {
      if (this.sprites.size > 24) this.sprites.clear();
      const image = new Image();
      this.sprites.set(key, null);
      image.onload = () => {
        const canvas = new OffscreenCanvas(image.width, image.height);
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.drawImage(image, 0, 0);
        if (this.data.ink && !this.dark) invert(pen);
        this.sprites.set(key, canvas);
        this.paint();
      };
      image.src = url;
    }
    return this.sprites.get(key);
  }
}

function planeNode() {
  const node = document.createElement("section");
  node.innerHTML = `<h2><span></span><small></small></h2>` +
    `<div class="row"><canvas class="plane" role="application" tabindex="0"></canvas>
    <div class="side"><div><canvas class="big" role="img"></canvas><p class="at" aria-live="polite"></p></div>
    <div><canvas class="drawn" role="img"></canvas><p class="which"></p></div></div></div>`;
  return node;
}

// The tile of a sheet of n by n decodes that is nearest to [u, v], which are counted from the lower left.
export function decodeIndex(u, v, n) {
  return Math.round((1 - v) * (n - 1)) * n + Math.round(u * (n - 1));
}

function addNoise(pen, w, h, deviation, random) {
  const pixels = pen.getImageData(0, 0, w, h), values = pixels.data;
  for (let i = 0; i < values.length; i += 4) {
    const noise = deviation * normalPair(random)[0];
    for (let c = 0; c < 3; c++) values[i + c] += noise; // a clamped array: it stays within black and white
  }
  pen.putImageData(pixels, 0, 0);
}
