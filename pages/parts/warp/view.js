// What a panel draws of the plane, seen from nearer as the cloud is carried to the ring.

import { fillCircle, pixelRatio, strokeCircle } from "../shared/canvas.js";
import { smoothstep } from "../shared/easing.js";
import { hueAt } from "./ring.js";

const NEAR = 1.62, FAR = 3.35; // half the side of the square that is seen, at y and at x

export class View {
  constructor(canvas, t, dark) {
    Object.assign(this, { t, dark, side: canvas.width, ratio: pixelRatio(), pen: canvas.getContext("2d") });
    this.middle = this.side / 2;
    this.scale = this.middle / (FAR * (NEAR / FAR) ** smoothstep(t));
    this.pen.clearRect(0, 0, this.side, this.side);
  }

  x(v) { return this.middle + v * this.scale; }
  y(v) { return this.middle - v * this.scale; }
  get large() { return this.side > 400 * this.ratio; }

  circle() { // the unit circle: the same ruler at any nearness
    const { pen, ratio, middle } = this;
    pen.strokeStyle = this.dark ? "#565b66" : "#b9b5a8";
    pen.lineWidth = ratio;
    pen.setLineDash([3 * ratio, 4 * ratio]);
    strokeCircle(pen, middle, middle, this.scale);
    pen.setLineDash([]);
  }

  label() {
    const { pen, ratio, t } = this;
    if (t > 0.05 && t < 0.75) return; // points would cover it
    pen.fillStyle = this.dark ? "#a3a6ae" : "#6d6f76";
    pen.font = `${11.5 * ratio}px sans-serif`;
    pen.textAlign = "center";
    pen.fillText("‖·‖ = 1", this.middle, this.y(1) + (t > 0.5 ? 15 : -6) * ratio);
  }

  // Lines of `along` points each, every stretch in the colour of its direction before the map.
  lines(points, along, carry, palette, alpha) {
    const { pen } = this, paths = palette.map(() => new Path2D());
    for (let first = 0; first < points.length / 2; first += along) this.traceLine(paths, points, first, along, carry);
    pen.globalAlpha = alpha;
    pen.lineWidth = (this.large ? 1.25 : 0.8) * this.ratio;
    paths.forEach((path, i) => { pen.strokeStyle = palette[i]; pen.stroke(path); });
    pen.globalAlpha = 1;
  }

  traceLine(paths, points, first, along, carry) {
    let before = null, hue = -1;
    for (let i = first; i < first + along; i++) {
      const [u, v] = [points[2 * i], points[2 * i + 1]], [x, y] = carry(u, v, i), now = [this.x(x), this.y(y)];
      if (before) {
        const own = hueAt(u, v);
        if (own !== hue) paths[(hue = own)].moveTo(...before);
        paths[hue].lineTo(...now);
      }
      before = now;
    }
  }

  dots(points, hues, palette, place, size) {
    const radius = size * this.ratio * (this.large ? 1.15 : 1);
    for (let i = 0; i < points.length / 2; i++) {
      const [x, y] = place(i);
      this.pen.fillStyle = palette[hues[i]];
      fillCircle(this.pen, this.x(x), this.y(y), radius);
    }
  }

  // Components' ellipses of two deviations, on their way from that of N(0, I): mean and L = ((a, 0), (b, d)).
  ellipses(components) {
    const { pen, t } = this;
    pen.strokeStyle = this.dark ? "#e8e6df" : "#1c1f26";
    pen.lineWidth = 1.1 * this.ratio;
    for (const [mx, my, a, b, d] of components) {
      const la = 1 + t * (a - 1), lb = t * b, ld = 1 + t * (d - 1);
      pen.beginPath();
      for (let k = 0; k <= 48; k++) {
        const u = 2 * Math.cos((k * Math.PI) / 24), v = 2 * Math.sin((k * Math.PI) / 24);
        pen.lineTo(this.x(t * mx + la * u), this.y(t * my + lb * u + ld * v));
      }
      pen.stroke();
    }
  }
}
