// Paints the plane on its two canvases: below what stays, above what moves.

import { strokeCircle } from "../shared/canvas.js";
import { clamp } from "../shared/numbers.js";
import { paintFrame } from "./frame.js";
import { drawGlyph } from "./glyphs.js";
import { cornerLabels, markerSize, meanLabels, meanPlaces } from "./labels.js";
import { Spacing, fairOrder, thumbnailSize } from "./thumbnails.js";

export class Painter {
  constructor(plane, base, over) {
    Object.assign(this, { plane, base, over });
  }

  resize() {
    const { frame, ratio } = this.plane;
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(frame.width * ratio);
      canvas.height = Math.round(frame.height * ratio);
      canvas.style.width = `${frame.width}px`;
      canvas.style.height = `${frame.height}px`;
    }
  }

  clearedPen(canvas) {
    const { frame, ratio } = this.plane, pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, frame.width, frame.height);
    pen.imageSmoothingEnabled = false;
    pen.font = this.font(frame.narrow ? 11 : 12, 400);
    return pen;
  }

  font(size, weight = 650) { return `${weight} ${size}px ${this.plane.style.fontFamily}`; }

  // The source under the pointer in the legend is lit: the others fade.
  alpha(s) { return this.plane.lit === undefined || this.plane.lit === s ? 1 : 0.12; }

  paint() {
    const pen = this.clearedPen(this.base), { frame, data, hidden, lit, sheet } = this.plane;
    const css = (name) => this.plane.css(name), paper = css("--st-background-color");
    paintFrame(pen, frame, data, css);
    const measure = (words, font) => { pen.font = font; return pen.measureText(words).width; };
    const font = (...of) => this.font(...of), means = meanPlaces(data.sources, frame, (s) => hidden.has(s));
    const corners = cornerLabels(frame, data, means, measure, font);
    const names = meanLabels(frame, data.sources, means, corners, lit, measure, font);
    this.paintDots(pen);
    if (sheet) this.paintThumbnails(pen, [...names, ...corners]);
    this.paintCorners(pen, corners, css("--quiet"), paper);
    this.paintNames(pen, names, paper);
    this.paintMeans(pen, means, paper);
  }

  paintDots(pen) {
    const { data, hidden, n, frame } = this.plane;
    data.sources.forEach((source, s) => {
      if (hidden.has(s)) return;
      pen.fillStyle = pen.strokeStyle = this.plane.colour(source);
      pen.globalAlpha = this.alpha(s) * (source.kind === "edit" ? 0.4 : 0.6);
      for (let k = s * n; k < (s + 1) * n; k++) {
        drawGlyph(pen, source, ...this.plane.placeOf(k), frame.narrow ? 1.8 : 2.3);
      }
    });
    pen.globalAlpha = 1;
  }

  get thumbnail() { return thumbnailSize(this.plane.data.tile[0], this.plane.frame.narrow); }

  // As many dots as have room become pictures, each only where no other lies.
  paintThumbnails(pen, labels) {
    const { plane, thumbnail: size } = this, { n, lit, data } = plane, spacing = new Spacing(size, labels);
    for (const k of fairOrder(n, data.sources.length)) {
      const isFaded = lit !== undefined && lit !== Math.floor(k / n);
      if (plane.isShown(k) && !isFaded && spacing.take(...plane.placeOf(k))) this.paintThumbnail(pen, k, size);
    }
  }

  paintThumbnail(pen, k, size, frame) {
    const { plane } = this;
    plane.tiles.paint(pen, k, ...plane.placeOf(k), size, plane.colour(plane.sourceOf(k)), frame);
  }

  paintCorners(pen, corners, ink, paper) {
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    for (const corner of corners) {
      if (!corner.quiet) this.paintPlate(pen, corner, paper);
      pen.globalAlpha = 1;
      pen.font = corner.quiet ? this.font(11.5, 400) : this.font(this.plane.frame.narrow ? 11 : 13);
      pen.fillStyle = ink;
      pen.fillText(corner.words, corner.x + 4, corner.y + corner.height / 2 + 1);
    }
  }

  paintNames(pen, names, paper) {
    pen.font = this.font(this.plane.frame.narrow ? 11 : 12.5);
    for (const name of names) {
      this.paintPlate(pen, name, paper);
      pen.globalAlpha = this.alpha(name.s);
      pen.fillStyle = this.plane.colour(this.plane.data.sources[name.s]);
      pen.fillText(name.words, name.x + 4, name.y + name.height / 2 + 1);
    }
  }

  paintPlate(pen, { x, y, width, height }, paper) {
    pen.globalAlpha = 0.86;
    pen.fillStyle = paper;
    pen.beginPath();
    pen.roundRect(x, y, width, height, 4);
    pen.fill();
  }

  paintMeans(pen, means, paper) {
    pen.strokeStyle = paper;
    for (const { s, x, y } of means.toReversed()) {
      pen.globalAlpha = this.alpha(s);
      pen.fillStyle = this.plane.colour(this.plane.data.sources[s]);
      drawGlyph(pen, this.plane.data.sources[s], x, y, markerSize(this.plane.frame.narrow), true);
    }
    pen.globalAlpha = 1;
    pen.textBaseline = "alphabetic";
  }

  // What moves, on a canvas of its own: picks, the dot pointed at, the mark, the lasso.
  paintOver() {
    const pen = this.clearedPen(this.over), { plane, thumbnail: size } = this;
    const { sheet, picks, hover, mark, trail } = plane;
    if (sheet) {
      for (const k of picks) if (plane.isShown(k)) this.paintThumbnail(pen, k, size, 3);
      if (hover >= 0) this.paintThumbnail(pen, hover, size * 1.5, 3);
    }
    if (mark) this.paintMark(pen, mark);
    if (trail) this.paintTrail(pen, trail);
  }

  paintTrail(pen, trail) {
    pen.strokeStyle = this.plane.css("--st-primary-color");
    pen.lineWidth = 1.5;
    pen.beginPath();
    trail.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    pen.stroke();
    pen.globalAlpha = 0.08;
    pen.fillStyle = pen.strokeStyle;
    pen.fill();
    pen.globalAlpha = 1;
  }

  paintMark(pen, mark) {
    const { frame, data, style } = this.plane, x = frame.toX(mark.x);
    const y = frame.toY(clamp(mark.y, ...data.axes.y.range));
    const css = (name) => this.plane.css(name), isLeft = x > frame.width - 90;
    pen.strokeStyle = css("--st-background-color");
    pen.fillStyle = css("--st-text-color");
    pen.lineWidth = 5;
    strokeCircle(pen, x, y, 9);
    pen.strokeStyle = css("--st-primary-color");
    pen.lineWidth = 3;
    pen.stroke();
    pen.font = `650 13px ${style.fontFamily}`;
    pen.textAlign = isLeft ? "right" : "left";
    pen.strokeStyle = css("--st-background-color");
    pen.lineWidth = 4;
    pen.strokeText("yours", isLeft ? x - 14 : x + 14, y + 4);
    pen.fillText("yours", isLeft ? x - 14 : x + 14, y + 4);
  }
}
