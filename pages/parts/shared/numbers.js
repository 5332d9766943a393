// Numbers as they travel (base64) and as they are computed with.

export const UNIT = 65535; // a coordinate's largest value, as genmodels/views/tiles.py writes it

const cache = new Map();

// The bytes of base64, of either alphabet: decoded once, to be read and not written.
export function decodeBytes(base64) {
  if (!cache.has(base64)) {
    if (cache.size > 300) cache.clear();
    const text = atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
    cache.set(base64, Uint8Array.from(text, (c) => c.charCodeAt(0)));
  }
  return cache.get(base64);
}

// Bytes as base64 that an address can hold: no padding.
export function encodeBytes(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// x and y of each point, in turn, 0 to UNIT.
export function decodePairs(base64) {
  return new Uint16Array(decodeBytes(base64).buffer);
}

// x and y of each point, in turn, within the box from `low` to `high`.
export function decodePoints(base64, low, high) {
  return Float64Array.from(decodePairs(base64), (v, i) => low[i % 2] + (v / UNIT) * (high[i % 2] - low[i % 2]));
}

export function decodeFloats(base64) {
  return new Float32Array(decodeBytes(base64).buffer);
}

export function clamp(value, low = 0, high = 1) {
  return Math.min(high, Math.max(low, value));
}

// The generator mulberry32: equal seeds give equal numbers in [0, 1).
export function seededRandom(seed) {
  return () => {
    let t = (seed = (seed + 0x6d2b79f5) | 0);
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Two independent standard normal numbers (Box and Muller).
export function normalPair(random) {
  const length = Math.sqrt(-2 * Math.log(1 - random())), angle = 2 * Math.PI * random();
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

// The last index whose mark has been reached; 0 if none has. Marks ascend.
export function lastReached(marks, value) {
  let index = marks.length - 1;
  while (index > 0 && marks[index] > value + 1e-6) index--;
  return index;
}
