// The frame of the plane: its size, its scales, its axes and the lines that divide it.

import { drawLine } from "../shared/canvas.js";

const NARROW = 620;   // px of width below which all is smaller
const LEGEND = 200;   // px beside the plane
const MARGIN = { left: 58, leftNarrow: 46, right: 16, top: 22, bottom: 40 };

// The plane's frame in a component so wide: borders in px, and `toX` and `toY` from reconstruction error and realism to
// px.
export function planeFrame(available, { x, y }) {
  const narrow = available < NARROW, width = narrow ? available : available - LEGEND;
  const height = narrow ? Math.round(available * 1.05) : Math.max(360, Math.min(520, Math.round(available * 0.42)));
  const left = narrow ? MARGIN.leftNarrow : MARGIN.left, right = width - MARGIN.right, { top } = MARGIN;
  const bottom = height - MARGIN.bottom;
  const [xMax, [yMin, yMax]] = [x.range[1], y.range];
  return {
    narrow, width, height, left, right, top, bottom,
    toX: (v) => left + 8 + (Math.min(v, xMax) / xMax) * (right - left - 8), // what is beyond the axis stands at its end
    toY: (v) => top + (1 - (v - yMin) / (yMax - yMin)) * (bottom - top),
  };
}

// The ticks that have room, each with its place: the next one at least `gap` px from the last, upwards or downwards.
export function spacedTicks(ticks, toPlace, gap) {
  const out = [];
  for (const [value, text] of ticks) {
    const place = toPlace(value);
    if (!out.length || Math.abs(place - out.at(-1).place) > gap) out.push({ place, text });
  }
  return out;
}

// `close` and `real` are the values that divide the plane into quadrants; `close` may be null.
export function paintFrame(pen, frame, { axes, close, real }, css) {
  const { left, right, top, bottom, narrow } = frame, level = frame.toY(real);
  pen.fillStyle = css("--wash");
  pen.fillRect(left, top, right - left, level - top);
  pen.strokeStyle = css("--line");
  pen.lineWidth = 1;
  pen.setLineDash([4, 4]);
  if (close !== null) drawLine(pen, frame.toX(close), top, frame.toX(close), bottom);
  drawLine(pen, left, level, right, level);
  pen.setLineDash([]);
  drawLine(pen, left, top, left, bottom);
  drawLine(pen, left, bottom, right, bottom);
  pen.fillStyle = css("--quiet");
  pen.textAlign = "center";
  for (const { place, text } of spacedTicks(axes.x.ticks, frame.toX, 36)) pen.fillText(text, place, bottom + 15);
  pen.textAlign = "right";
  for (const { place, text } of spacedTicks(axes.y.ticks, frame.toY, 15)) pen.fillText(text, left - 6, place + 4);
  const [across, up] = [axes.x.label, axes.y.label].map((label) => (narrow ? label.split(":")[0] : label));
  pen.textAlign = "left";
  pen.fillText(narrow ? `${up} ↑` : `↑ ${up}`, narrow ? 2 : left - 52, 12);
  pen.textAlign = "right";
  pen.fillText(`${across} →`, right, frame.height - 6);
}
