// What a model makes of the picked examples: originals in a row, answers below them; or points joined to theirs.

import { pixelRatio, resizeCanvas } from "../shared/canvas.js";
import { setText } from "../shared/nodes.js";
import { decodePairs } from "../shared/numbers.js";
import { SHEET_COLUMNS, drawTile, tileScale } from "../shared/pictures.js";
import { ORDER } from "./map.js";
import { paintMiniature } from "./miniature.js";

const ACROSS = 8, LETTERS = 16; // pictures across; px above them, for their letters

export function fillStrip(node, column, data, images, dark, style) {
  const canvas = node.querySelector(".strip"), picks = data.picks ?? [], { scene } = data;
  const isShown = picks.length && column.state !== "none" && !data.small && column.strip;
  canvas.hidden = !isShown;
  setText(node, ".strip-note", isShown ? stripWords(column, scene.image) : "");
  if (!isShown) return;
  const words = `${picks.length} picked examples, and below each its reconstruction by the ${column.title}`;
  canvas.setAttribute("aria-label", words);
  if (scene.image) {
    const sheets = [images.get(data.originals), images.get(column.strip)];
    paintStrip(canvas, picks.length, sheets, scene.shape, node.clientWidth, scene.ink && !dark ? "#aaa" : "#888");
  } else {
    const side = Math.min(220, node.clientWidth);
    paintMiniature(canvas, decodePairs(scene.real), picks, side, style, decodePairs(column.strip));
  }
}

function stripWords(column, isImage) {
  const note = column.stripNote ? `: ${column.stripNote}` : "";
  return isImage
    ? `the picked examples, and below each what the ${column.title} makes of it${note}`
    : `the picked points, joined to what the ${column.title} makes of them${note}`;
}

// Where ink is turned light to dark by a filter, so are the letters: `colour` is what must come out of it.
function paintStrip(canvas, n, sheets, [, h, w], width, colour) {
  const ratio = pixelRatio(), cell = Math.floor((width * ratio) / ACROSS), top = LETTERS * ratio;
  const scale = tileScale(cell - Math.max(1, Math.round(cell * 0.05)), w, h);
  resizeCanvas(canvas, cell * ACROSS, 2 * cell + top, ratio);
  const pen = canvas.getContext("2d"), size = [Math.round(w * scale), Math.round(h * scale)];
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = colour;
  pen.font = `${11 * ratio}px sans-serif`;
  pen.textAlign = "center";
  for (let k = 0; k < n; k++) {
    const x = k * cell + Math.floor((cell - w * scale) / 2);
    pen.fillText(ORDER[k], k * cell + cell / 2, 11 * ratio);
    sheets.forEach((sheet, row) => {
      if (sheet) drawTile(pen, sheet, k, SHEET_COLUMNS, [w, h], x, top + row * cell, ...size);
    });
  }
}
