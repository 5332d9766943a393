// The plane of reconstruction error (right) against realism (up). Everything is told once by `data` (genmodels/views/gallery.py);
// pointing, picking, the lasso and the legend are done here. What is picked, hidden and paged to goes back for the address alone.
// A picture from elsewhere (the drawing pad) lands here by the window's event `genmodels-mark`: {x, y, words}, or null to take it away.

import { ARROWS, bytes, clamp, invert, isDark, keep, line } from "../shared/page.js";

const NARROW = 620;                                      // px of width below which all is smaller
const REACH = 16;                                        // px from the pointer within which a dot is meant
const MOST = 24;                                         // pictures on the shelf
const MARGIN = { left: 58, right: 16, top: 22, bottom: 40 };

export default function mount(told) {
  return keep(Plane, told, (chosen) => told.setStateValue("chosen", chosen));
}

class Plane {
  constructor(parent) {
    const root = (this.root = parent.querySelector(".plane"));
    for (const name of ["legend", "stage", "base", "over", "card", "lasso", "cards", "head", "said"]) this[name] = root.querySelector(`.${name}`);
    this.hidden = new Set();
    this.picks = [];
    this.mark = null;
    this.hover = -1;
    this.over.onpointermove = (event) => this.move(event);
    this.over.onpointerdown = (event) => this.down(event);
    this.over.onpointerup = (event) => this.up(event);
    this.over.onpointercancel = () => { this.trail = null; this.paintOver(); };
    this.over.onpointerleave = () => { if (!this.trail) this.point(-1); };
    this.over.onkeydown = (event) => this.key(event);
    this.lasso.onclick = () => this.drawWith(this.lasso.getAttribute("aria-pressed") !== "true");
    root.querySelector(".back").onclick = () => this.page(-1);
    root.querySelector(".next").onclick = () => this.page(1);
    root.querySelector(".clear").onclick = () => this.pick([]);
    this.onmark = (event) => { this.mark = event.detail; this.paintOver(); };
    window.addEventListener("genmodels-mark", this.onmark);
    this.watch = new ResizeObserver(() => this.layout());
    this.watch.observe(root);
  }

  close() {
    this.watch.disconnect();
    window.removeEventListener("genmodels-mark", this.onmark);
  }

  update(data) {
    const linked = this.data?.version !== data.version;   // a link was opened; else what is here is newer than the server's
    const other = this.data?.sprite !== data.sprite;
    this.data = data;
    this.x = floats(data.x);
    this.y = floats(data.y);
    this.n = data.n;
    const dark = isDark(this.root), turned = this.root.dataset.dark !== String(dark);
    this.root.dataset.dark = dark;
    if (linked || other) {
      this.hidden = new Set(data.hidden.split(",").map((name) => data.sources.findIndex((s) => s.name === name)).filter((s) => s >= 0));
      this.picks = data.picks.split(",").map((text) => this.dotOf(text)).filter((k) => k >= 0);
      this.picture = Math.min(data.picture, this.n - 1);
    }
    if (other || turned) this.load(data.sprite);
    this.drawLegend();
    this.layout();
  }

  load(url) {
    const image = new Image();
    image.src = url;
    image.decode().then(() => { this.sheet = this.inked(image); this.layout(); }, () => {});
  }

  // Light ink on black is shown as ink on paper where the page is light.
  inked(image) {
    const sheet = document.createElement("canvas");
    sheet.width = image.naturalWidth;
    sheet.height = image.naturalHeight;
    const pen = sheet.getContext("2d");
    pen.drawImage(image, 0, 0);
    if (this.data.ink && this.root.dataset.dark !== "true") invert(pen);
    return sheet;
  }

  dotOf(text) {
    const [name, index] = text.split(".");
    const s = this.data.sources.findIndex((source) => source.name === name);
    return s >= 0 && Number(index) < this.n ? s * this.n + Number(index) : -1;
  }

  nameOf(k) { return `${this.source(k).name}.${k % this.n}`; }
  source(k) { return this.data.sources[Math.floor(k / this.n)]; }
  colour(source) { return this.style.getPropertyValue(`--${source.model || source.kind}`); }
  shown(k) { return !this.hidden.has(Math.floor(k / this.n)); }

  // ---- geometry

  layout() {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    const narrow = (this.narrow = width < NARROW);
    this.root.classList.toggle("narrow", narrow);
    this.style = getComputedStyle(this.root);
    this.width = narrow ? width : width - 200;
    this.height = narrow ? Math.round(width * 1.05) : Math.max(360, Math.min(520, Math.round(width * 0.42)));
    this.ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
      canvas.style.width = `${this.width}px`;
      canvas.style.height = `${this.height}px`;
    }
    this.left = narrow ? 46 : MARGIN.left;
    const { x, y } = this.data.axes;
    const across = this.width - this.left - MARGIN.right, down = this.height - MARGIN.top - MARGIN.bottom;
    this.toX = (v) => this.left + 8 + (Math.min(v, x.range[1]) / x.range[1]) * (across - 8);
    this.toY = (v) => MARGIN.top + (1 - (v - y.range[0]) / (y.range[1] - y.range[0])) * down;
    this.px = Float32Array.from(this.x, this.toX);
    this.py = Float32Array.from(this.y, this.toY);
    this.paint();
    this.paintOver();
    this.fillShelf();
  }

  pen(canvas) {
    const pen = canvas.getContext("2d");
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    pen.imageSmoothingEnabled = false;
    pen.font = this.font(this.narrow ? 11 : 12, 400);
    return pen;
  }

  // ---- the plane itself

  paint() {
    const pen = this.pen(this.base), css = (name) => this.style.getPropertyValue(name);
    this.placeNames(pen);
    this.paintFrame(pen, css);
    this.paintDots(pen);
    if (this.sheet) this.paintThumbs(pen);
    this.paintNames(pen, css);
  }

  paintFrame(pen, css) {
    pen.font = this.font(this.narrow ? 11 : 12, 400);
    const { x, y } = this.data.axes, bottom = this.height - MARGIN.bottom, right = this.width - MARGIN.right;
    const close = this.data.close === null ? null : this.toX(this.data.close), real = this.toY(this.data.real);
    pen.fillStyle = css("--wash");
    pen.fillRect(this.left, MARGIN.top, right - this.left, real - MARGIN.top);
    pen.strokeStyle = css("--line");
    pen.lineWidth = 1;
    pen.setLineDash([4, 4]);
    if (close !== null) line(pen, close, MARGIN.top, close, bottom);
    line(pen, this.left, real, right, real);
    pen.setLineDash([]);
    line(pen, this.left, MARGIN.top, this.left, bottom);
    line(pen, this.left, bottom, right, bottom);
    pen.fillStyle = css("--quiet");
    pen.textAlign = "center";
    let last = -100;
    for (const [v, text] of x.ticks) if (this.toX(v) - last > 36) { last = this.toX(v); pen.fillText(text, last, bottom + 15); }
    pen.textAlign = "right";
    last = 1e6;
    for (const [v, text] of y.ticks) if (last - this.toY(v) > 15) { last = this.toY(v); pen.fillText(text, this.left - 6, last + 4); }
    pen.textAlign = "left";
    pen.fillText(this.narrow ? y.label.split(":")[0] + " ↑" : `↑ ${y.label}`, this.narrow ? 2 : this.left - 52, 12);
    pen.textAlign = "right";
    pen.fillText((this.narrow ? x.label.split(":")[0] : x.label) + " →", right, this.height - 6);
  }

  paintDots(pen) {
    this.data.sources.forEach((source, s) => {
      if (this.hidden.has(s)) return;
      pen.fillStyle = pen.strokeStyle = this.colour(source);
      for (let k = s * this.n; k < (s + 1) * this.n; k++) {
        pen.globalAlpha = this.alpha(s) * (source.kind === "edit" ? 0.4 : 0.6);
        glyph(pen, source, this.px[k], this.py[k], this.narrow ? 1.8 : 2.3);
      }
    });
    pen.globalAlpha = 1;
  }

  alpha(s) { return this.lit === undefined || this.lit === s ? 1 : 0.12; }

  // As many dots as have room become pictures: in an order that favours no source, each only where no other lies.
  paintThumbs(pen) {
    const size = this.thumb(), cell = size + 3, taken = new Map();
    this.thumbs = new Set();
    const kept = [...this.names, ...this.corners].map(({ x, y, width, height }) => [x + width / 2, y + height / 2, width / 2 + size / 2 + 2, height / 2 + size / 2 + 2]);
    const free = (x, y) => {
      if (kept.some(([u, v, w, h]) => Math.abs(u - x) < w && Math.abs(v - y) < h)) return false;
      const column = Math.floor(x / cell), row = Math.floor(y / cell);
      for (let i = -1; i <= 1; i++) for (let j = -1; j <= 1; j++) {
        for (const [u, v] of taken.get(`${column + i},${row + j}`) ?? []) if (Math.abs(u - x) < cell && Math.abs(v - y) < cell) return false;
      }
      return true;
    };
    for (let i = 0; i < this.n; i++) {
      const image = (i * 37 + 11) % this.n;
      for (let s = 0; s < this.data.sources.length; s++) {
        const k = s * this.n + image, x = this.px[k], y = this.py[k];
        if (this.hidden.has(s) || (this.lit !== undefined && this.lit !== s) || !free(x, y)) continue;
        const key = `${Math.floor(x / cell)},${Math.floor(y / cell)}`;
        taken.set(key, [...(taken.get(key) ?? []), [x, y]]);
        this.paintThumb(pen, k, x, y, size);
      }
    }
  }

  thumb() {
    const side = this.data.tile[0];
    const wanted = this.narrow ? 18 : 26;
    return side <= wanted ? side * Math.max(1, Math.round(wanted / side)) : this.narrow ? wanted : side;
  }

  paintThumb(pen, k, x, y, size, frame = 1.5) {
    this.blit(pen, k, x - size / 2, y - size / 2, size);
    pen.lineWidth = frame;
    pen.strokeStyle = this.colour(this.source(k));
    pen.strokeRect(x - size / 2 - frame / 2, y - size / 2 - frame / 2, size + frame, size + frame);
  }

  blit(pen, k, x, y, size) {
    const [w, h] = this.data.tile, column = k % this.n, row = Math.floor(k / this.n);
    pen.imageSmoothingEnabled = size * this.ratio < w;
    pen.drawImage(this.sheet, column * w, row * h, w, h, x, y, size, size * (h / w));
  }

  // Where names stand: of the quadrants in their corners, of the sources beside their means, none over another.
  placeNames(pen) {
    const { close, real, quadrants } = this.data, left = this.left + 8, right = this.width - MARGIN.right - 4, bottom = this.height - MARGIN.bottom;
    const level = this.toY(real), [closeReal, farReal, closeUnreal, farUnreal] = quadrants;
    const { sources } = this.data, size = this.narrow ? 6 : 8; // half a marker
    const order = sources.map((_, s) => s).filter((s) => !this.hidden.has(s)).sort((a, b) => rank(sources[a]) - rank(sources[b]));
    this.means = order.map((s) => ({ s, x: this.toX(sources[s].mean[0]), y: this.toY(sources[s].mean[1]) }));
    pen.font = this.font(this.narrow ? 11 : 13);
    const corner = (words, atRight, y) => {
      const width = pen.measureText(words).width + 8;
      return { words, x: atRight ? right - width : left, y, width, height: 18 };
    };
    this.corners = [corner(closeReal, false, MARGIN.top + 4)];
    if (bottom - level > 44) this.corners.push(corner(closeUnreal, false, bottom - 22));
    if (close !== null) {
      this.corners.push(corner(farReal, true, MARGIN.top + 4));
      if (bottom - level > 44) this.corners.push(corner(farUnreal, true, bottom - 22));
    }
    if (!this.narrow) {
      pen.font = this.font(11.5, 400);
      const words = "three in four real pictures lie above", width = pen.measureText(words).width + 6;
      const spots = [right - width, left + 40].flatMap((x) => [level - 16, level + 2].map((y) => ({ x, y, width, height: 15 })));
      const clear = (spot) => !this.means.some(({ x, y }) => x > spot.x - size && x < spot.x + width + size && y > spot.y - size && y < spot.y + 15 + size);
      this.corners.push({ words, quiet: true, ...(spots.find(clear) ?? spots[0]) });
    }
    this.nameMeans(pen, size);
  }

  nameMeans(pen, size) {
    const { sources } = this.data;
    const taken = [...this.corners, ...this.means.map(({ x, y }) => ({ x: x - size, y: y - size, width: 2 * size, height: 2 * size }))];
    this.names = [];
    pen.font = this.font(this.narrow ? 11 : 12.5);
    for (const { s, x, y } of this.means) {
      if (this.narrow && sources[s].kind === "edit" && this.lit !== s) continue;
      const words = sources[s].title, width = pen.measureText(words).width + 8;
      const spot = this.spotFor(taken, x, y, width);
      if (!spot) continue;
      this.names.push({ s, words, ...spot });
      taken.push(spot);
    }
  }

  // The first place for a name, right or left of its marker, a little higher or lower, that nothing else has.
  spotFor(taken, x, y, width) {
    const height = 17, sides = [x + 10, x - 10 - width];
    for (const dy of [0, -14, 14, -26, 26, -38, 38, -52, 52]) {
      for (const at of sides) {
        const top = y - height / 2 + dy;
        if (at < this.left || at + width > this.width || top < 4 || top + height > this.height - MARGIN.bottom) continue;
        if (!taken.some((t) => at < t.x + t.width && t.x < at + width && top < t.y + t.height && t.y < top + height)) return { x: at, y: top, width, height };
      }
    }
    return this.narrow ? null : { x: sides[x + width + 10 < this.width ? 0 : 1], y: y - height / 2, width, height };
  }

  font(size, weight = 650) { return `${weight} ${size}px ${this.style.fontFamily}`; }

  paintNames(pen, css) {
    const paper = css("--st-background-color"), plate = ({ x, y, width, height }) => {
      pen.globalAlpha = 0.86;
      pen.fillStyle = paper;
      pen.beginPath();
      pen.roundRect(x, y, width, height, 4);
      pen.fill();
    };
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const corner of this.corners) {
      if (!corner.quiet) plate(corner);
      pen.globalAlpha = 1;
      pen.font = corner.quiet ? this.font(11.5, 400) : this.font(this.narrow ? 11 : 13);
      pen.fillStyle = css("--quiet");
      pen.fillText(corner.words, corner.x + 4, corner.y + corner.height / 2 + 1);
    }
    pen.font = this.font(this.narrow ? 11 : 12.5);
    for (const name of this.names) {
      plate(name);
      pen.globalAlpha = this.alpha(name.s);
      pen.fillStyle = this.colour(this.data.sources[name.s]);
      pen.fillText(name.words, name.x + 4, name.y + name.height / 2 + 1);
    }
    pen.strokeStyle = paper;
    for (const { s, x, y } of this.means.toReversed()) {
      pen.globalAlpha = this.alpha(s);
      pen.fillStyle = this.colour(this.data.sources[s]);
      glyph(pen, this.data.sources[s], x, y, this.narrow ? 6 : 8, true);
    }
    pen.globalAlpha = 1;
    pen.textBaseline = "alphabetic";
  }

  // ---- what moves

  paintOver() {
    if (!this.px) return;
    const pen = this.pen(this.over);
    if (this.sheet) {
      const size = this.thumb();
      for (const k of this.picks) {
        if (!this.shown(k)) continue;
        this.paintThumb(pen, k, this.px[k], this.py[k], size, 3);
      }
      if (this.hover >= 0) this.paintThumb(pen, this.hover, this.px[this.hover], this.py[this.hover], size * 1.5, 3);
    }
    if (this.mark) this.paintMark(pen);
    if (this.trail) {
      pen.strokeStyle = this.style.getPropertyValue("--st-primary-color");
      pen.lineWidth = 1.5;
      pen.beginPath();
      this.trail.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.closePath();
      pen.stroke();
      pen.globalAlpha = 0.08;
      pen.fillStyle = pen.strokeStyle;
      pen.fill();
      pen.globalAlpha = 1;
    }
  }

  paintMark(pen) {
    const { range } = this.data.axes.y;
    const x = this.toX(this.mark.x), y = this.toY(clamp(this.mark.y, ...range));
    pen.strokeStyle = this.style.getPropertyValue("--st-background-color");
    pen.fillStyle = this.style.getPropertyValue("--st-text-color");
    pen.lineWidth = 5;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 7);
    pen.stroke();
    pen.strokeStyle = this.style.getPropertyValue("--st-primary-color");
    pen.lineWidth = 3;
    pen.stroke();
    pen.font = `650 13px ${this.style.fontFamily}`;
    pen.textAlign = x > this.width - 90 ? "right" : "left";
    const at = x > this.width - 90 ? x - 14 : x + 14;
    pen.strokeStyle = this.style.getPropertyValue("--st-background-color");
    pen.lineWidth = 4;
    pen.strokeText("yours", at, y + 4);
    pen.fillText("yours", at, y + 4);
  }

  nearest(x, y) {
    let best = -1, least = REACH * REACH;
    for (let k = 0; k < this.px.length; k++) {
      const dx = this.px[k] - x, dy = this.py[k] - y, d = dx * dx + dy * dy;
      if (d < least && this.shown(k)) { best = k; least = d; }
    }
    return best;
  }

  point(k) {
    if (k === this.hover) return;
    this.hover = k;
    this.card.hidden = k < 0;
    if (k >= 0) this.fillCard(k);
    this.paintOver();
  }

  fillCard(k) {
    const source = this.source(k), [own, made] = this.card.querySelectorAll("canvas"), size = this.narrow ? 84 : 112;
    this.picturesInto(own, this.data.sources.length * this.n + (k % this.n), size);
    this.picturesInto(made, k, size);
    const whose = this.card.querySelector(".whose");
    whose.textContent = source.title;
    whose.style.setProperty("--own", this.colour(source));
    this.card.querySelector(".numbers").textContent = this.numbers(k);
    const box = this.card.getBoundingClientRect(), x = this.px[k], y = this.py[k];
    const left = x + 26 + box.width < this.width ? x + 26 : Math.max(2, x - 26 - box.width);
    this.card.style.left = `${Math.max(2, Math.min(left, this.width - box.width - 2))}px`;
    this.card.style.top = `${Math.max(2, Math.min(y - box.height / 2, this.height - box.height - 2))}px`;
    this.said.textContent = `${source.title}, test picture ${(k % this.n) + 1}: ${this.numbers(k)}`;
  }

  numbers(k) {
    return `error ${this.x[k].toFixed(3)} · ${this.realism(this.y[k])}`;
  }

  realism(v) {
    if (this.data.kind === "odds") { const p = 100 / (1 + Math.exp(-v)); return `real: ${p < 1 ? p.toPrecision(1) : p > 99 ? p.toFixed(1) : p.toFixed(0)} %`; }
    if (this.data.kind === "log2") return `realism ${(2 ** v).toFixed(2)}`;
    return `D ${v < 0 ? "−" : "+"}${Math.abs(v).toFixed(2)}`;
  }

  picturesInto(canvas, k, size) {
    const [w, h] = this.data.tile, scale = Math.max(1, Math.round((size * this.ratio) / w));
    canvas.width = w * scale;
    canvas.height = h * scale;
    canvas.style.width = `${size}px`;
    canvas.style.height = `${(size * h) / w}px`;
    if (this.sheet) this.blitWhole(canvas, k);
  }

  blitWhole(canvas, k) {
    const pen = canvas.getContext("2d"), [w, h] = this.data.tile;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.sheet, (k % this.n) * w, Math.floor(k / this.n) * h, w, h, 0, 0, canvas.width, canvas.height);
  }

  // ---- pointing, picking, the lasso

  place(event) {
    const box = this.over.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (event.button !== 0) return;
    const at = this.place(event);
    this.start = at;
    if (event.pointerType === "mouse" || this.root.classList.contains("drawing")) {
      this.over.setPointerCapture(event.pointerId);
      this.trail = [at];
    }
  }

  move(event) {
    const at = this.place(event);
    if (this.trail) {
      this.trail.push(at);
      if (Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > 6) this.point(-1);
      this.paintOver();
    } else this.point(this.nearest(...at));
  }

  up(event) {
    const trail = this.trail, at = this.place(event);
    this.trail = null;
    const far = trail && Math.max(...trail.map(([x, y]) => Math.hypot(x - this.start[0], y - this.start[1])));
    if (trail && far > 8) {
      const inside = [];
      for (let i = 0; i < this.n; i++) {
        const image = (i * 37 + 11) % this.n;
        for (let s = 0; s < this.data.sources.length; s++) {
          const k = s * this.n + image;
          if (this.shown(k) && within(trail, this.px[k], this.py[k])) inside.push(k);
        }
      }
      this.drawWith(false);
      this.pick(inside);
    } else {
      const k = this.nearest(...at);
      this.point(k);
      if (k >= 0) this.pick(this.picks.includes(k) ? this.picks.filter((other) => other !== k) : [...this.picks, k]);
    }
    this.paintOver();
  }

  drawWith(yes) {
    this.lasso.setAttribute("aria-pressed", String(yes));
    this.root.classList.toggle("drawing", yes);
  }

  key(event) {
    const way = ARROWS[event.key];
    if (event.key === "Escape") { this.point(-1); this.pick([]); }
    else if (event.key === "Enter" && this.hover >= 0) { this.pick([...new Set([...this.picks, this.hover])]); event.preventDefault(); }
    else if (way) { event.preventDefault(); event.stopPropagation(); this.step(way); }
  }

  // To the next dot that way: near, and not far off to the side.
  step([dx, dy]) {
    if (this.hover < 0) return this.point(this.nearestOfAll());
    let best = this.hover, least = Infinity;
    for (let k = 0; k < this.px.length; k++) {
      const u = this.px[k] - this.px[this.hover], v = this.py[k] - this.py[this.hover];
      const along = u * dx + v * dy, aside = Math.abs(u * dy) + Math.abs(v * dx);
      if (along > 1 && along + 3 * aside < least && this.shown(k)) { best = k; least = along + 3 * aside; }
    }
    return this.point(best);
  }

  nearestOfAll() {
    const s = this.data.sources.findIndex((_, i) => !this.hidden.has(i));
    return s < 0 ? -1 : s * this.n + this.picture;
  }

  pick(dots) {
    this.total = dots.length;
    this.picks = dots.slice(0, MOST);
    this.save();
    this.paintOver();
    this.fillShelf();
  }

  page(by) {
    this.picture = (this.picture + by + this.n) % this.n;
    this.save();
    this.fillShelf();
  }

  save() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.tell({
      picks: this.picks.map((k) => this.nameOf(k)).join(","),
      hidden: [...this.hidden].map((s) => this.data.sources[s].name).join(","),
      picture: this.picture,
    }), 250);
  }

  // ---- the shelf below: what is picked, or else one test picture in every source

  fillShelf() {
    const picked = this.picks.length > 0, some = this.total > this.picks.length;
    const every = this.data.sources.map((_, s) => s * this.n + this.picture).filter((k) => this.shown(k));
    const dots = picked ? this.picks : every.sort((a, b) => this.x[a] - this.x[b]);
    const label = this.data.labels ? ` (a ${this.data.labels[this.picture]})` : "";
    this.head.querySelector("h3").textContent = picked
      ? `${some ? `${this.picks.length} of ${this.total}` : this.picks.length} picked, original left`
      : `Test picture ${this.picture + 1} of ${this.n}${label}: nearest first, original left`;
    this.head.querySelector(".pager").hidden = picked;
    this.head.querySelector(".pager").style.display = picked ? "none" : "";
    this.head.querySelector(".clear").style.display = picked ? "" : "none";
    while (this.cards.children.length > dots.length) this.cards.lastChild.remove();
    dots.forEach((k, i) => this.fillFigure(this.cards.children[i] ?? this.cards.appendChild(figure()), k));
  }

  fillFigure(node, k) {
    const source = this.source(k), [own, made] = node.querySelectorAll("canvas");
    node.style.setProperty("--own", this.colour(source));
    this.picturesInto(own, this.data.sources.length * this.n + (k % this.n), 54);
    this.picturesInto(made, k, 54);
    made.setAttribute("aria-label", `${source.title} of test picture ${(k % this.n) + 1}, ${this.numbers(k)}`);
    node.title = source.how;
    node.querySelector("b").textContent = source.title;
    node.querySelector("span").textContent = this.numbers(k);
    node.onmouseenter = () => { this.hover = k; this.paintOver(); };
    node.onmouseleave = () => { this.hover = -1; this.paintOver(); };
  }

  // ---- the legend

  drawLegend() {
    this.style = getComputedStyle(this.root);
    const { sources } = this.data;
    while (this.legend.children.length > sources.length) this.legend.lastChild.remove();
    sources.forEach((source, s) => {
      const button = this.legend.children[s] ?? this.legend.appendChild(document.createElement("button"));
      button.type = "button";
      button.setAttribute("aria-pressed", String(!this.hidden.has(s)));
      button.title = `${source.how}. ρ: rank correlation of error and realism among these alone.`;
      button.innerHTML = `<svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="${PATHS[source.glyph]}" fill="${outlined(source) ? "none" : this.colour(source)}" stroke="${this.colour(source)}" stroke-width="${outlined(source) ? 2 : 0}"/></svg>`;
      button.append(source.title);
      if (source.rho !== "—") button.appendChild(document.createElement("i")).textContent = `ρ ${source.rho}`;
      button.onclick = () => this.toggle(s);
      button.onpointerenter = (event) => { if (event.pointerType === "mouse") this.light(s); };
      button.onpointerleave = () => this.light(undefined);
    });
  }

  light(s) {
    if (s !== undefined && this.hidden.has(s)) return;
    this.lit = s;
    this.paint();
  }

  toggle(s) {
    this.lit = undefined;
    if (!this.hidden.delete(s)) this.hidden.add(s);
    this.save();
    this.drawLegend();
    this.paint();
    this.paintOver();
    this.fillShelf();
  }
}

const PATHS = {
  circle: "M5,0A5,5 0 1 1 -5,0A5,5 0 1 1 5,0", square: "M-4.5,-4.5H4.5V4.5H-4.5Z", triangle: "M0,-5.5L5.3,4H-5.3Z", wedge: "M0,5.5L5.3,-4H-5.3Z",
  diamond: "M0,-6L5,0L0,6L-5,0Z", pentagon: "M0,-5.6L5.3,-1.7L3.3,4.5H-3.3L-5.3,-1.7Z", hexagon: "M5.5,0L2.75,4.8H-2.75L-5.5,0L-2.75,-4.8H2.75Z", cross: "M-4,-4L4,4M4,-4L-4,4",
  star: "M0,-6.5L1.6,-2.2L6.2,-2L2.6,0.8L3.8,5.3L0,2.7L-3.8,5.3L-2.6,0.8L-6.2,-2L-1.6,-2.2Z",
};
const SHAPES = Object.fromEntries(Object.entries(PATHS).map(([name, path]) => [name, new Path2D(path)]));

// Outlined is what was searched for: it shares its colour and shape with what the same model's encoder reads off.
function glyph(pen, { glyph: name, hollow }, x, y, size, halo = false) {
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 5, size / 5);
  if (halo) { pen.lineWidth = name === "cross" ? 6 : 3; pen.stroke(SHAPES[name]); }
  if (name === "cross" || hollow) { pen.strokeStyle = pen.fillStyle; pen.lineWidth = halo ? 2.6 : 1.8; pen.stroke(SHAPES[name]); }
  else pen.fill(SHAPES[name]);
  pen.restore();
}

const outlined = (source) => source.hollow || source.glyph === "cross";

const rank = (source) => ({ real: 0, model: 1, edit: 2 })[source.kind];

function figure() {
  const node = document.createElement("figure");
  node.innerHTML = '<div class="pair"><canvas role="img" aria-label="original"></canvas><canvas role="img"></canvas></div><figcaption><b></b><span></span></figcaption>';
  return node;
}

function within(path, x, y) {
  let inside = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [x1, y1] = path[i], [x2, y2] = path[j];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

function floats(base64) {
  return new Float32Array(bytes(base64).buffer);
}
