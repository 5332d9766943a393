// The markers of sources, each a shape of its own.

const PATHS = {
  circle: "M5,0A5,5 0 1 1 -5,0A5,5 0 1 1 5,0",
  square: "M-4.5,-4.5H4.5V4.5H-4.5Z",
  triangle: "M0,-5.5L5.3,4H-5.3Z",
  wedge: "M0,5.5L5.3,-4H-5.3Z",
  diamond: "M0,-6L5,0L0,6L-5,0Z",
  pentagon: "M0,-5.6L5.3,-1.7L3.3,4.5H-3.3L-5.3,-1.7Z",
  hexagon: "M5.5,0L2.75,4.8H-2.75L-5.5,0L-2.75,-4.8H2.75Z",
  cross: "M-4,-4L4,4M4,-4L-4,4",
  star: "M0,-6.5L1.6,-2.2L6.2,-2L2.6,0.8L3.8,5.3L0,2.7L-3.8,5.3L-2.6,0.8L-6.2,-2L-1.6,-2.2Z",
};
const SHAPES = Object.fromEntries(Object.entries(PATHS).map(([name, path]) => [name, new Path2D(path)]));

// Outlined is what was searched for: it shares its colour and shape with what the same model's encoder reads off.
function isOutlined(source) {
  return source.hollow || source.glyph === "cross";
}

// Draws a source's marker in the pen's fill; with a halo in its stroke, to stand out among dots.
export function drawGlyph(pen, source, x, y, size, halo = false) {
  const shape = SHAPES[source.glyph];
  pen.save();
  pen.translate(x, y);
  pen.scale(size / 5, size / 5);
  if (halo) {
    pen.lineWidth = source.glyph === "cross" ? 6 : 3;
    pen.stroke(shape);
  }
  if (isOutlined(source)) {
    pen.strokeStyle = pen.fillStyle;
    pen.lineWidth = halo ? 2.6 : 1.8;
    pen.stroke(shape);
  } else pen.fill(shape);
  pen.restore();
}

export function glyphIcon(source, colour) {
  const [fill, width] = isOutlined(source) ? ["none", 2] : [colour, 0];
  const style = `fill="${fill}" stroke="${colour}" stroke-width="${width}"`;
  return `<svg viewBox="-7 -7 14 14" aria-hidden="true"><path d="${PATHS[source.glyph]}" ${style}/></svg>`;
}
