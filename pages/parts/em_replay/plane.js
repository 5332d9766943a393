// Points, ellipses and samples of a mixture on a canvas.

import { fillCircle, pixelRatio } from "../shared/canvas.js";
import { weightedColour, rgbOf } from "../shared/colours.js";
import { ellipseOf } from "./mixture.js";

const COLOURS = [
  "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#84841c",
  "#5a45b0", "#117733", "#b5651d", "#00a0a0", "#e0567a", "#5b7fa6", "#b0a000", "#8a5fbf",
].map(rgbOf);

// The colours of components, lighter on a dark page.
export function componentColours(dark) {
  return COLOURS.map((c) => (dark ? c.map((v) => Math.round(v + (255 - v) * 0.3)) : c));
}

const css = (rgb) => `rgb(${rgb.join(" ")})`;

export class Plane {
  // `low` and `high` are corners of the square that is seen.
  constructor(canvas, low, high, dark) {
    Object.assign(this, { canvas, dark, ratio: pixelRatio(), pen: canvas.getContext("2d") });
    this.colours = componentColours(dark);
    this.scale = Math.min(canvas.width, canvas.height) / (high[0] - low[0]);
    this.middle = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  }

  x(v) { return this.canvas.width / 2 + (v - this.middle[0]) * this.scale; }
  y(v) { return this.canvas.height / 2 - (v - this.middle[1]) * this.scale; }

  clear() {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  // Points in the mean of the components' colours by their responsibilities; grey without them.
  points(points, shares, k, alpha) {
    const { pen } = this, size = 2.6 * this.ratio;
    pen.globalAlpha = alpha;
    for (let i = 0; i < points.length / 2; i++) {
      pen.fillStyle = shares ? weightedColour(this.colours, shares, i * k, k) : this.dark ? "#8b909c" : "#8d8f96";
      pen.fillRect(this.x(points[2 * i]) - size / 2, this.y(points[2 * i + 1]) - size / 2, size, size);
    }
    pen.globalAlpha = 1;
  }

  // One and two standard deviations of component j; the one that is `lit` stands out, the others step back.
  ellipse(j, mean, covariance, weight, lit) {
    const { pen, ratio } = this, { long, short, turn } = ellipseOf(covariance), isLit = lit === j;
    const isShy = lit !== null && !isLit;
    pen.strokeStyle = pen.fillStyle = css(this.colours[j]);
    for (const sigmas of [1, 2]) {
      const radii = [long, short].map((r) => Math.max(sigmas * r * this.scale, 1));
      pen.beginPath();
      pen.ellipse(this.x(mean[0]), this.y(mean[1]), ...radii, -turn, 0, 2 * Math.PI);
      pen.globalAlpha = isLit ? 0.3 : isShy ? 0.02 : 0.1;
      pen.fill();
      pen.globalAlpha = isShy ? 0.3 : weight < 1e-3 ? 0.25 : 1;
      pen.lineWidth = (isLit ? 3 : sigmas === 1 ? 2 : 1.2) * ratio;
      pen.stroke();
    }
    this.name(j, mean, 2 * long * this.scale < 14 * ratio);
    pen.globalAlpha = 1;
  }

  // The number of a component at its mean; beside it where it would hide a tiny ellipse.
  name(j, [mx, my], isTiny) {
    const { pen, ratio } = this, length = Math.hypot(mx, my) || 1, away = isTiny ? 15 * ratio : 0;
    const x = this.x(mx) + (away * mx) / length, y = this.y(my) - (away * my) / length;
    pen.font = `650 ${12.5 * ratio}px sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 3.5 * ratio;
    pen.strokeStyle = this.dark ? "#14161b" : "#fbfaf7";
    pen.strokeText(String(j + 1), x, y);
    pen.fillStyle = this.dark ? "#f3f1ea" : "#1c1f26";
    pen.fillText(String(j + 1), x, y);
  }

  sample([x, y], z) {
    const { pen, ratio } = this;
    pen.fillStyle = css(this.colours[z]);
    fillCircle(pen, this.x(x), this.y(y), 4 * ratio);
    pen.lineWidth = 1.4 * ratio;
    pen.strokeStyle = this.dark ? "#fff" : "#14161b";
    pen.stroke();
  }
}
