// The tip beside a dot: its picture, its class or value, and its number.

import { decodePairs } from "../shared/numbers.js";
import { drawTile } from "../shared/pictures.js";
import { paintMiniature } from "./miniature.js";

const SIDE = 84, PLANE_SIDE = 96; // px

// Fills the tip of a dot; `sheet` is the image that holds its picture, if there is one.
export function fillTip(tip, dot, column, { scene, labels, values, sheet, style }) {
  const canvas = tip.querySelector("canvas"), words = tipWords(dot, column, scene, labels, values);
  tip.querySelector("span").textContent = words;
  tip.parentElement.querySelector(".said").textContent = words; // for a screen reader: a tip that appears is not read
  canvas.hidden = !paintTip(canvas, dot, scene, sheet, style);
}

export function tipWords({ k, prior }, column, { classes, attribute }, labels, values) {
  if (prior) return `sample ${k + 1} of the ${column.title}`;
  const value = values ? `${attribute[0]}: ${Math.round(values[k] / 2.55)} % of its range` : "";
  return [labels ? `class ${classes[labels[k]]}` : value, `example ${k + 1}`].filter(Boolean).join(", ");
}

// Paints the picture of a dot; returns whether there is one.
function paintTip(canvas, { k, prior }, scene, sheet, style) {
  if (!scene.image) {
    if (!prior) paintMiniature(canvas, decodePairs(scene.real), [k], PLANE_SIDE, style);
    return !prior;
  }
  if (!sheet) return false;
  const [, h, w] = scene.shape, times = Math.max(1, Math.round(SIDE / w));
  canvas.width = w * times;
  canvas.height = h * times;
  canvas.style.width = `${w * times}px`;
  canvas.style.height = `${h * times}px`;
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  drawTile(pen, sheet, k, scene.spriteColumns, [w, h], 0, 0, w * times, h * times);
  return true;
}

// Puts the tip right of a point, or left of it where it would leave the page; x and y are from the page's corner.
export function placeTip(tip, x, y, pageWidth) {
  const width = tip.offsetWidth, right = x + 12, left = right + width > pageWidth ? right - width - 24 : right;
  tip.style.left = `${Math.max(0, Math.min(left, pageWidth - width))}px`;
  tip.style.top = `${y - tip.offsetHeight / 2}px`;
}
