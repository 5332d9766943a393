// The true map y = x/10 + x/‖x‖, and the colours of directions.

const HUES = 48; // colours around the circle

// Where [x, y] is when t of its way to the ring is done.
export function carried(x, y, t) {
  const length = Math.hypot(x, y) || 1e-9, factor = 1 + t * (0.1 + 1 / length - 1);
  return [x * factor, y * factor];
}

// The number of the colour for the direction of [x, y].
export function hueAt(x, y) {
  return Math.floor(((Math.atan2(y, x) / (2 * Math.PI) + 1) % 1) * HUES) % HUES;
}

// Around the circle hue turns once, and lightness swings once, so that halves differ without colour too.
export function paletteOf(dark) {
  return Array.from({ length: HUES }, (_, i) => {
    const turn = i / HUES, light = (dark ? 0.74 : 0.6) + 0.11 * Math.cos(2 * Math.PI * turn);
    return `oklch(${light} 0.15 ${Math.round(360 * turn + 40)})`;
  });
}
