// The plane of a dataset of points, small: points in grey, picked ones black and joined to what a model makes of them.

import { drawLine, fillCircle, pixelRatio } from "../shared/canvas.js";
import { UNIT } from "../shared/numbers.js";

export function paintMiniature(canvas, points, picks, side, style, answers) {
  const ratio = pixelRatio(), pen = canvas.getContext("2d");
  canvas.width = canvas.height = Math.round(side * ratio);
  canvas.style.width = canvas.style.height = `${side}px`;
  const scale = canvas.width / UNIT, place = (p, k) => [p[2 * k] * scale, canvas.height - p[2 * k + 1] * scale];
  pen.fillStyle = style.getPropertyValue("--faint");
  for (let k = 0; k < points.length / 2; k++) {
    const [x, y] = place(points, k);
    pen.fillRect(x - ratio / 2, y - ratio / 2, 1.2 * ratio, 1.2 * ratio);
  }
  pen.fillStyle = pen.strokeStyle = style.color;
  pen.lineWidth = 1.4 * ratio;
  picks.forEach((k, i) => {
    const [x, y] = place(points, k);
    fillCircle(pen, x, y, 3 * ratio);
    if (!answers) return;
    const [u, v] = place(answers, i);
    drawLine(pen, x, y, u, v);
    pen.strokeRect(u - 3 * ratio, v - 3 * ratio, 6 * ratio, 6 * ratio);
  });
}
