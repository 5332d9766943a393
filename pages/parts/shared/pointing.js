// What a pointer or a key means: positions, the nearest point, the inside of a path.

// Down is positive.
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Hands on a node's events of one pointer at a time: a second finger does nothing. `move` is called while nothing is
// pressed too, and `cancel`, unless given the same as `up`, when a scroll takes the finger away.
export function followPointer(node, { down, move, up, cancel = up }) {
  let pressed = null; // the pointer's number
  const isOther = (event) => pressed !== null && event.pointerId !== pressed;
  const end = (act) => (event) => {
    if (event.pointerId !== pressed) return;
    pressed = null;
    act(event);
  };
  node.onpointerdown = (event) => {
    if (event.button !== 0 || isOther(event)) return;
    pressed = event.pointerId;
    down(event);
  };
  node.onpointermove = (event) => { if (!isOther(event)) move(event); };
  node.onpointerup = end(up);
  node.onpointercancel = end(cancel);
}

// Where a pointer is in a node: x and y in CSS pixels from its upper left corner.
export function positionIn(node, event) {
  const box = node.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// The same in shares of the node's width and height.
export function shareIn(node, event) {
  const box = node.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

// The nearest of `count` points to [x, y]: `place(k)` is where point k lies, or null where it is hidden. Returns its
// index and squared distance, or index -1 if none is nearer than the square root of `squared`.
export function nearestPoint(count, place, [x, y], squared) {
  let index = -1;
  for (let k = 0; k < count; k++) {
    const point = place(k);
    if (!point) continue;
    const distance = (point[0] - x) ** 2 + (point[1] - y) ** 2;
    if (distance < squared) [index, squared] = [k, distance];
  }
  return { index, squared };
}

// The next point from [x, y] in the direction [dx, dy], one coordinate of which is 0: near, and not far off to the
// side.
export function nextPoint(count, place, [x, y], [dx, dy]) {
  let index = -1, least = Infinity;
  for (let k = 0; k < count; k++) {
    const point = place(k);
    if (!point) continue;
    const [u, v] = [point[0] - x, point[1] - y];
    const along = u * dx + v * dy, cost = along + 3 * (Math.abs(u * dy) + Math.abs(v * dx));
    if (along > 1 && cost < least) [index, least] = [k, cost];
  }
  return index;
}

// Whether [x, y] is inside a closed path of points (even-odd rule).
export function isInside(path, x, y) {
  let inside = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [x1, y1] = path[i], [x2, y2] = path[j];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
