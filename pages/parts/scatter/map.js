// A map on its canvas: dots, crosses, names of classes, rings around what is picked or pointed at, and the ends of
// axes.

import { fillCircle, pixelRatio, strokeCircle } from "../shared/canvas.js";
import { element } from "../shared/nodes.js";
import { dotRadius, placement } from "./view.js";

export const ORDER = "abcdefgh"; // names of the picked examples

export class MapPainter {
  // `scene` holds the points of a map: `dots` and perhaps `prior`, both pairs; `view` is what part of it is seen.
  constructor(canvas, width, height, style, { dots, prior }, view, size) {
    const ratio = pixelRatio(), place = placement(view, width, height);
    this.pen = clearedPen(canvas, width, height, ratio);
    this.radius = dots ? dotRadius(dots.length / 2, view.scale) * size : 0;
    Object.assign(this, { style, dots, prior, place, ink: style.color });
    this.paper = style.getPropertyValue("--st-background-color");
  }

  // `colour(k)` is that of dot k; those for which `isFaded(k)` lie below the others.
  paintDots(colour, isFaded) {
    const { pen, dots } = this;
    for (const faded of [true, false]) {
      pen.globalAlpha = faded ? 0.16 : 0.82;
      for (let k = 0; k < dots.length / 2; k++) {
        if (isFaded(k) !== faded) continue;
        pen.fillStyle = colour(k);
        fillCircle(pen, ...this.place(dots, k), this.radius);
      }
    }
    pen.globalAlpha = 1;
  }

  paintCrosses() {
    const { pen, prior } = this, arm = Math.max(2.4, this.radius * 1.05);
    pen.strokeStyle = this.ink;
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1.1;
    pen.beginPath();
    for (let k = 0; k < prior.length / 2; k++) {
      const [x, y] = this.place(prior, k);
      pen.moveTo(x - arm, y);
      pen.lineTo(x + arm, y);
      pen.moveTo(x, y - arm);
      pen.lineTo(x, y + arm);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // Each class has its name at the middle of its dots, so that no reader has to tell ten colours apart.
  paintNames(names, labels, alone, size) {
    const { pen } = this;
    pen.font = `650 ${size}px ${this.style.fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    names.forEach((name, label) => {
      const middle = medianPlace(this.placesOf(labels, label));
      if (!middle) return;
      pen.globalAlpha = alone === null || alone === label ? 1 : 0.3;
      this.writeOver(name, ...middle);
    });
    pen.globalAlpha = 1;
  }

  placesOf(labels, label) {
    const places = [];
    for (let k = 0; k < this.dots.length / 2; k++) if (labels[k] === label) places.push(this.place(this.dots, k));
    return places;
  }

  // Rings and letters around the picked examples.
  paintPicks(picks) {
    const { pen, dots, radius } = this;
    picks.forEach((k, i) => {
      if (2 * k >= dots.length) return;
      const [x, y] = this.ring(dots, k, 1.6);
      pen.font = `600 11px ${this.style.fontFamily}`;
      pen.textAlign = "left";
      pen.lineWidth = 3;
      this.writeOver(ORDER[i], x + radius + 5, y - radius - 3);
    });
  }

  // A ring around point k, with a rim of paper; returns where it is.
  ring(points, k, width) {
    const { pen, radius } = this, [x, y] = this.place(points, k);
    pen.lineWidth = width;
    pen.strokeStyle = this.paper;
    strokeCircle(pen, x, y, radius + 4);
    pen.strokeStyle = this.ink;
    strokeCircle(pen, x, y, radius + 3);
    return [x, y];
  }

  writeOver(words, x, y) {
    this.pen.strokeStyle = this.paper;
    this.pen.strokeText(words, x, y);
    this.pen.fillStyle = this.ink;
    this.pen.fillText(words, x, y);
  }
}

// The pen of a canvas that has the given size and is empty.
function clearedPen(canvas, width, height, ratio) {
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

// The median of places, axis by axis; null if there are none.
export function medianPlace(places) {
  const middle = (axis) => places.map((place) => place[axis]).sort((a, b) => a - b)[places.length >> 1];
  return places.length ? [middle(0), middle(1)] : null;
}

// Puts what the ends of the axes mean on the borders of a map.
export function markEnds(stage, [left, right, low, high], width, height) {
  const inset = Math.max(0, (width - height) / 2) + 4;
  const mark = (words, style) => { stage.appendChild(element("span", words, "end")).style = style; };
  mark(left, `left:${inset}px;bottom:3px`);
  mark(right, `right:${inset}px;bottom:3px`);
  mark(high, "left:4px;top:3px");
  mark(low, "left:4px;bottom:18px");
}
