// Motion: `t` is how much of the way is done, 0 to 1.

export function mix(from, to, t) {
  return from + (to - from) * t;
}

// Slow at both ends.
export function smoothstep(t) {
  return t * t * (3 - 2 * t);
}

// Fast at the start, slow at the end.
export function easeOut(t) {
  return 1 - (1 - t) ** 3;
}

export function prefersStillness() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
