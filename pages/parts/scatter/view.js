// What part of a map is seen: `x` and `y` are its middle, in shares of the whole map, and `scale` is by how much it is
// magnified.

import { clamp, UNIT } from "../shared/numbers.js";

export const WHOLE = { x: 0.5, y: 0.5, scale: 1 };

const MOST = 40;

// Where point k of pairs p lies on a canvas of so many pixels.
export function placement(view, width, height) {
  const scale = Math.min(width, height) * view.scale;
  return (p, k) => [
    width / 2 + (p[2 * k] / UNIT - view.x) * scale,
    height / 2 - (p[2 * k + 1] / UNIT - view.y) * scale,
  ];
}

// Magnified by a factor about a fixed point, [dx, dy] from the middle of what is seen, in shares of the canvas.
export function zoomedView(view, factor, [dx, dy]) {
  const scale = clamp(view.scale * factor, 1, MOST), shift = (d) => d / view.scale - d / scale;
  return { scale, x: view.x + shift(dx), y: view.y + shift(dy) };
}

// Moved with a pointer that has gone dx right and dy down, on a canvas whose shorter side is `size`.
export function movedView(view, dx, dy, size) {
  const scale = size * view.scale;
  return { scale: view.scale, x: view.x - dx / scale, y: view.y + dy / scale };
}

// The same without a margin: what is seen is within the map. Null if that is the whole map.
export function boundedView({ x, y, scale }) {
  const half = 0.5 / scale, within = (v) => clamp(v, half, 1 - half);
  return scale <= 1.001 ? null : { scale, x: within(x), y: within(y) };
}

// The radius of one of n dots: smaller where they are many, larger where they are magnified.
export function dotRadius(n, scale) {
  return clamp(62 / Math.sqrt(n), 1.3, 4.5) * Math.min(1.6, Math.sqrt(scale));
}
