// A column of points in the plane: samples over real points, and test points joined to their reconstructions.

import { drawDash, drawLine, pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { setText } from "../shared/nodes.js";
import { UNIT, decodePairs } from "../shared/numbers.js";

const MAX_SIDE = 400; // px of the square around all points, which a projector shows whole

export function paintPoints(node, column, snapshot, scene) {
  const style = getComputedStyle(node), colour = style.getPropertyValue("--model");
  const grey = style.getPropertyValue("--faint");
  paintSamples(node, column, snapshot, scene, colour, grey);
  paintReconstructions(node, column, snapshot, scene, colour, grey);
}

function paintSamples(node, column, snapshot, scene, colour, grey) {
  const canvas = node.querySelector(".samples"), plane = new Plane(canvas, MAX_SIDE), samples = snapshot?.samples;
  plane.dots(decodePairs(scene.real), grey, 1.4);
  if (samples) plane.dots(decodePairs(samples), colour, 1.4);
  else if (snapshot && !column.canSample) plane.dash();
  setText(node, ".samples-note", column.canSample ? `${column.samplesNote}; real points in grey` : column.samplesNote);
}

function paintReconstructions(node, column, snapshot, scene, colour, grey) {
  const canvas = node.querySelector(".reconstructed"), plane = new Plane(canvas, MAX_SIDE, 0.62);
  plane.dots(decodePairs(scene.real), grey, 1);
  const answers = snapshot?.reconstructions;
  if (answers) plane.lines(decodePairs(scene.originals), decodePairs(answers), colour);
  else if (!column.canReconstruct) plane.dash();
  setText(node, ".reconstructed-note", column.canReconstruct
    ? `test points joined to their reconstruction: ${column.reconstructedNote}` : `it ${column.reconstructedNote}`);
}

// Whether a point is within the box: those outside it were moved onto its edge.
function isWithin(x, y) {
  return x > 0 && x < UNIT && y > 0 && y < UNIT;
}

class Plane {
  constructor(canvas, most, aspect = 1) {
    const ratio = pixelRatio(), side = Math.floor(canvas.parentElement.clientWidth * ratio);
    const tall = Math.round(Math.min(side, most * ratio) * aspect);
    const scale = Math.min(side, tall) / UNIT;
    resizeCanvas(canvas, side, tall, ratio);
    Object.assign(this, { ratio, side, tall, scale, left: (side - UNIT * scale) / 2, pen: canvas.getContext("2d") });
  }

  x(p, i) { return this.left + p[2 * i] * this.scale; }
  y(p, i) { return this.tall - p[2 * i + 1] * this.scale; }

  dots(p, colour, size) {
    const width = size * this.ratio;
    this.pen.fillStyle = colour;
    for (let i = 0; i < p.length / 2; i++) {
      if (!isWithin(p[2 * i], p[2 * i + 1])) continue;
      this.pen.fillRect(this.x(p, i) - width / 2, this.y(p, i) - width / 2, width, width);
    }
  }

  lines(from, to, colour) {
    const { pen, ratio } = this;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = ratio;
    for (let i = 0; i < from.length / 2; i++) {
      drawLine(pen, this.x(from, i), this.y(from, i), this.x(to, i), this.y(to, i));
      pen.fillRect(this.x(to, i) - 1.5 * ratio, this.y(to, i) - 1.5 * ratio, 3 * ratio, 3 * ratio);
    }
  }

  dash() {
    drawDash(this.pen, this.side / 2, this.tall / 2, this.ratio);
  }
}
