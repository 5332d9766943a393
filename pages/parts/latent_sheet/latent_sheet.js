// Planes of codes: every code as its class, q(z|x) as ellipses or the sheet of decodes; a drag shows what the decoder makes of z.
// `data` (genmodels/views/autoencoders.py) holds a fine grid of decodes for each plane; nothing is asked of the server while dragging.

import { clamp, invert, isDark, keep, line, pairs, random, resize } from "../shared/page.js";

const NARROW = 760;              // px of width below which the planes go below one another
const CELL = 15;                 // px: a decode of the sheet is drawn no smaller
const BESIDE = 105;              // px: words need so much room
const STEP = 0.02;               // of the plane: an arrow key
const COLOURS = ["#4477aa", "#cc6677", "#117733", "#b8860b", "#88449a", "#2a9db0", "#d1662c", "#7a8b2a", "#aa4499", "#777777"];
const ON_DARK = ["#7fb0e8", "#f08d9c", "#4cb27a", "#e0b040", "#bd86d6", "#52c8da", "#ee8d55", "#b3c45a", "#dd82cb", "#b5b5b5"];

export default function mount(told) {
  return keep(Sheets, told, told.setStateValue);
}

class Sheets {
  constructor(root) {
    this.root = root.querySelector(".sheets");
    this.foot = this.root.querySelector(".foot");
    this.spots = {};
    this.sprites = new Map();
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(this.root);
  }

  close() {
    this.watch.disconnect();
  }

  update(data) {
    if (this.data?.version !== data.version) this.spots = { ...data.spots }; // a link was opened; else this window knows better
    this.data = data;
    this.dark = isDark(this.root);
    this.root.dataset.dark = this.dark;
    data.planes.forEach((plane, i) => {
      const node = this.root.children[i] === this.foot ? this.root.insertBefore(planeNode(), this.foot) : this.root.children[i];
      node.dataset.model = plane.name;
      node.querySelector("h2").firstChild.textContent = plane.title;
      node.querySelector("h2 small").textContent = plane.note;
      this.listen(node.querySelector(".plane"), plane.name);
    });
    this.layout();
  }

  listen(canvas, name) {
    const go = (x, y) => { this.spots[name] = [clamp(x), clamp(y)]; this.paint(); };
    const follow = (event) => {
      const box = canvas.getBoundingClientRect();
      go((event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height);
    };
    canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); canvas.held = true; follow(event); };
    canvas.onpointermove = (event) => { if (canvas.held) follow(event); };
    canvas.onpointerup = canvas.onpointercancel = () => { if (canvas.held) this.say(name); canvas.held = false; };
    canvas.onkeydown = (event) => {
      const move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
      if (!move) return;
      event.preventDefault();
      event.stopPropagation(); // the course's own keys are for the rest of the page
      go(this.spots[name][0] + move[0], this.spots[name][1] + move[1]);
    };
    canvas.onkeyup = (event) => { if (event.key.startsWith("Arrow")) this.say(name); };
  }

  say(name) {
    this.tell(name, this.spots[name].map((part) => Math.round(1000 * part)).join("-"));
  }

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    const narrow = width < NARROW;
    this.root.classList.toggle("narrow", narrow);
    const column = narrow ? width : (width - 34) / 2;
    this.side = Math.floor(Math.min(this.data.tall ? 420 : 300, column * 0.62));
    this.small = Math.floor(Math.min(column - this.side - 14, this.side * 0.49));
    const room = column - this.side - 14 - this.small >= BESIDE; // for words beside the pictures, else below them
    this.root.classList.toggle("stacked", !room);
    if (!room) this.small = Math.floor(Math.min(column - this.side - 14, this.side * 0.42));
    this.paint();
  }

  paint() {
    this.foot.textContent = this.data.legend;
    this.data.planes.forEach((plane, i) => {
      const node = this.root.children[i], [u, v] = this.spots[plane.name];
      const z = [plane.low[0] + u * (plane.high[0] - plane.low[0]), plane.low[1] + v * (plane.high[1] - plane.low[1])];
      this.drawPlane(node.querySelector(".plane"), plane, u, v);
      const n = plane.across, k = Math.round((1 - v) * (n - 1)) * n + Math.round(u * (n - 1));
      const sheet = this.sprite(plane.sheet), drawn = this.sprite(plane.samples.pictures);
      const sigma = this.data.picture === "sample" ? plane.sigma : 0;
      this.drawPictures(node.querySelector(".big"), sheet, n, [k], 1, sigma);
      this.drawPictures(node.querySelector(".drawn"), drawn, 8, [...Array(plane.samples.n).keys()], Math.round(Math.sqrt(plane.samples.n)), sigma);
      const words = `z = (${number(z[0])}, ${number(z[1])})`;
      node.querySelector(".at").textContent = `${words}: ${sigma ? plane.noisy : plane.decoded}`;
      node.querySelector(".plane").setAttribute("aria-label", `${plane.title}: plane of codes, decoding ${words}; drag or use the arrow keys`);
      node.querySelector(".which").textContent = plane.samples.note;
      node.querySelector(".big").setAttribute("aria-label", `what the ${plane.title} decodes there`);
      node.querySelector(".drawn").setAttribute("aria-label", `${plane.samples.n} samples of the ${plane.title}`);
    });
  }

  drawPlane(canvas, plane, u, v) {
    const ratio = window.devicePixelRatio || 1, side = Math.floor(this.side * ratio);
    resize(canvas, side, side, ratio);
    const paper = canvas.getContext("2d"), style = getComputedStyle(canvas.closest("section"));
    const ink = style.color, own = style.getPropertyValue("--model"), faint = style.getPropertyValue("--faint");
    const x = (unit) => unit * side, y = (unit) => (1 - unit) * side;
    if (this.data.show === "sheet") this.drawSheet(paper, plane, side, ratio);
    else this.drawCodes(paper, plane, side, ratio, own, faint);
    const scale = side / (plane.high[0] - plane.low[0]);
    paper.strokeStyle = ink;
    paper.lineWidth = 1.2 * ratio;
    paper.setLineDash([5 * ratio, 4 * ratio]);
    for (const radius of [1, 2]) { // one and two deviations of N(0, I)
      paper.beginPath();
      paper.arc(-plane.low[0] * scale, side + plane.low[1] * scale, radius * scale, 0, 7);
      paper.stroke();
    }
    paper.setLineDash([]);
    const codes = pairs(plane.samples.codes), r = 3.5 * ratio;
    for (const [colour, wide] of [[this.dark ? "#000" : "#fff", 4], [ink, 1.8]]) {
      paper.strokeStyle = colour;
      paper.lineWidth = wide * ratio;
      for (let i = 0; i < codes.length; i += 2) {
        const a = x(codes[i] / 65535), b = y(codes[i + 1] / 65535);
        line(paper, a - r, b - r, a + r, b + r);
        line(paper, a - r, b + r, a + r, b - r);
      }
    }
    for (const [colour, wide] of [[this.dark ? "#000" : "#fff", 6], ["#d9412b", 3]]) {
      paper.strokeStyle = colour;
      paper.lineWidth = wide * ratio;
      paper.beginPath();
      paper.arc(x(u), y(v), 9 * ratio, 0, 7);
      paper.stroke();
    }
  }

  drawSheet(paper, plane, side, ratio) {
    const sheet = this.sprite(plane.sheet), [, h, w] = this.data.shape, n = plane.across;
    if (!sheet) return;
    const stride = [1, 2, 4, 5].find((s) => (n - 1) % s === 0 && side / ((n - 1) / s + 1) >= CELL * ratio) ?? 4;
    const cell = side / (n - 1) * stride;
    paper.imageSmoothingEnabled = cell < 2 * w;
    for (let row = 0; row < n; row += stride) {
      for (let column = 0; column < n; column += stride) { // each decode around its own z: those of the border are half outside
        const left = (column / stride - 0.43) * cell, top = (row / stride - 0.43) * cell; // a little room between them
        paper.drawImage(sheet, column * w, row * h, w, h, left, top, 0.86 * cell, 0.86 * cell);
      }
    }
  }

  drawCodes(paper, plane, side, ratio, own, faint) {
    const colours = this.dark ? ON_DARK : COLOURS;
    const codes = pairs(plane.codes), words = plane.labels && this.data.classes.every((name) => name.length === 1);
    paper.font = `600 ${10.5 * ratio}px system-ui, sans-serif`;
    paper.textAlign = "center";
    paper.textBaseline = "middle";
    paper.strokeStyle = own;
    paper.lineWidth = 1.1 * ratio;
    for (const [a, b, ra, rb] of plane.ellipses) { // one deviation of q(z|x)
      paper.beginPath();
      paper.ellipse(a * side, (1 - b) * side, ra * side, rb * side, 0, 0, 7);
      paper.stroke();
    }
    for (let i = 0; i < codes.length / 2; i++) {
      const a = (codes[2 * i] / 65535) * side, b = (1 - codes[2 * i + 1] / 65535) * side;
      paper.fillStyle = plane.labels ? colours[plane.labels[i] % colours.length] : faint;
      if (words) paper.fillText(this.data.classes[plane.labels[i]], a, b);
      else paper.fillRect(a - 1.5 * ratio, b - 1.5 * ratio, 3 * ratio, 3 * ratio);
    }
  }

  // Pictures number `which` of a sprite, `wide` of them across, each scaled by a whole factor if it is not shrunk.
  drawPictures(canvas, sprite, columns, which, wide, sigma) {
    const ratio = window.devicePixelRatio || 1, [, h, w] = this.data.shape;
    const cell = Math.floor((this.small * ratio) / wide), fit = cell / Math.max(w, h), scale = fit >= 1 ? Math.floor(fit) : fit;
    resize(canvas, cell * wide, cell * Math.ceil(which.length / wide), ratio);
    if (!sprite) return;
    const paper = canvas.getContext("2d"), one = new OffscreenCanvas(w, h), small = one.getContext("2d");
    paper.imageSmoothingEnabled = fit < 1;
    const rng = random(7);
    which.forEach((k, i) => {
      small.drawImage(sprite, (k % columns) * w, Math.floor(k / columns) * h, w, h, 0, 0, w, h);
      if (sigma) addNoise(small, w, h, 255 * sigma, rng);
      const left = (i % wide) * cell + Math.floor((cell - w * scale) / 2), top = Math.floor(i / wide) * cell + Math.floor((cell - h * scale) / 2);
      paper.drawImage(one, left, top, Math.round(w * scale), Math.round(h * scale));
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
        const canvas = new OffscreenCanvas(image.width, image.height), paper = canvas.getContext("2d", { willReadFrequently: true });
        paper.drawImage(image, 0, 0);
        if (this.data.ink && !this.dark) invert(paper);
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
  node.innerHTML = `<h2><span></span><small></small></h2><div class="row"><canvas class="plane" role="application" tabindex="0"></canvas>
    <div class="side"><div><canvas class="big" role="img"></canvas><p class="at"></p></div>
    <div><canvas class="drawn" role="img"></canvas><p class="which"></p></div></div></div>`;
  return node;
}

function addNoise(paper, w, h, deviation, rng) {
  const pixels = paper.getImageData(0, 0, w, h);
  const grey = pixels.data;
  for (let i = 0; i < grey.length; i += 4) {
    for (let c = 0, e = deviation * normal(rng); c < 3; c++) grey[i + c] += e; // a clamped array: it stays within black and white
  }
  paper.putImageData(pixels, 0, 0);
}

const normal = (rng) => Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());

const number = (value) => value.toFixed(2).replace("-", "−");
