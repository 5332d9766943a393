// Where names stand: of the quadrants in their corners, of the sources beside their means, none over another. Boxes are
// { x, y, width, height } in px; `measure(words, font)` is the width of words; `font(size, weight)` names a font.

const RANKS = { real: 0, model: 1, edit: 2 }; // whose name has first choice
const GUIDE = "three in four real pictures lie above";

// Half the side of a mean's marker.
export function markerSize(narrow) {
  return narrow ? 6 : 8;
}

// The means of the sources that are shown, in px, in the order in which they are named.
export function meanPlaces(sources, frame, isHidden) {
  const order = sources.map((_, s) => s).filter((s) => !isHidden(s));
  order.sort((a, b) => RANKS[sources[a].kind] - RANKS[sources[b].kind]);
  return order.map((s) => ({ s, x: frame.toX(sources[s].mean[0]), y: frame.toY(sources[s].mean[1]) }));
}

// The names of the quadrants, and on a desk of the line that divides them.
export function cornerLabels(frame, { close, real, quadrants }, means, measure, font) {
  const { top, bottom, narrow } = frame, left = frame.left + 8, right = frame.right - 4, level = frame.toY(real);
  const [closeReal, farReal, closeUnreal, farUnreal] = quadrants, hasRoom = bottom - level > 44;
  const corner = (words, isRight, y) => {
    const width = measure(words, font(narrow ? 11 : 13)) + 8;
    return { words, x: isRight ? right - width : left, y, width, height: 18 };
  };
  const labels = [corner(closeReal, false, top + 4)];
  if (hasRoom) labels.push(corner(closeUnreal, false, bottom - 22));
  if (close !== null) labels.push(corner(farReal, true, top + 4));
  if (close !== null && hasRoom) labels.push(corner(farUnreal, true, bottom - 22));
  if (!narrow) labels.push(guideLabel(left, right, level, means, measure(GUIDE, font(11.5, 400)) + 6));
  return labels;
}

// Above or below the line, right or left: where no mean is, if there is such a place.
function guideLabel(left, right, level, means, width) {
  const size = markerSize(false), boxes = [right - width, left + 40].flatMap((x) =>
    [level - 16, level + 2].map((y) => ({ x, y, width, height: 15 })));
  const isFree = (box) => !means.some(({ x, y }) => holds(box, x, y, size));
  return { words: GUIDE, quiet: true, ...(boxes.find(isFree) ?? boxes[0]) };
}

// Whether a point is in a box or nearer to it than `margin`.
function holds(box, x, y, margin) {
  return x > box.x - margin && x < box.x + box.width + margin && y > box.y - margin && y < box.y + box.height + margin;
}

// The names of the means, with s, the number of the source; on a phone some have no room.
export function meanLabels(frame, sources, means, corners, lit, measure, font) {
  const size = markerSize(frame.narrow), markers = means.map(({ x, y }) => (
    { x: x - size, y: y - size, width: 2 * size, height: 2 * size }));
  const obstacles = [...corners, ...markers], labels = [];
  for (const { s, x, y } of means) {
    if (frame.narrow && sources[s].kind === "edit" && lit !== s) continue;
    const words = sources[s].title, width = measure(words, font(frame.narrow ? 11 : 12.5)) + 8;
    const box = freeBox(frame, obstacles, x, y, width);
    if (!box) continue;
    labels.push({ s, words, ...box });
    obstacles.push(box);
  }
  return labels;
}

// The first box for a name, right or left of its marker, a little higher or lower, that overlaps nothing.
export function freeBox(frame, obstacles, x, y, width) {
  const height = 17, sides = [x + 10, x - 10 - width];
  for (const shift of [0, -14, 14, -26, 26, -38, 38, -52, 52]) {
    for (const side of sides) {
      const box = { x: side, y: y - height / 2 + shift, width, height };
      const isOut = side < frame.left || side + width > frame.width || box.y < 4 || box.y + height > frame.bottom;
      if (!isOut && !obstacles.some((other) => overlap(box, other))) return box;
    }
  }
  const side = sides[x + width + 10 < frame.width ? 0 : 1];
  return frame.narrow ? null : { x: side, y: y - height / 2, width, height };
}

export function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
