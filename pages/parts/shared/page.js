// What any component may use (see component.py): to be kept between reruns, to read numbers, to draw and to write.

export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }; // right and down, as the screen counts

const mounted = new WeakMap();

// Streamlit calls a component at every rerun: its part of the page is made once, told the data each time, and closed when it goes.
export function keep(Part, { data, parentElement }, tell) {
  let part = mounted.get(parentElement);
  if (!part) {
    mounted.set(parentElement, (part = new Part(parentElement)));
    parentElement.addEventListener("transitionend", ({ propertyName, target }) => {
      if (propertyName === "color" && target.dataset.dark && target.dataset.dark !== String(isDark(target))) part.update(part.latest);
    });
  }
  part.tell = tell;
  part.latest = data;
  part.update(data);
  return () => { part.close(); mounted.delete(parentElement); };
}

export function isDark(node) {
  const [r, g, b] = getComputedStyle(node).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384; // light words: a dark page
}

// ---- numbers ----------------------------------------------------------------------------------------------------------

const decoded = new Map();

// The bytes of base64, of either alphabet: decoded once, to be read and not written.
export function bytes(base64) {
  if (!decoded.has(base64)) {
    if (decoded.size > 300) decoded.clear();
    decoded.set(base64, Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)));
  }
  return decoded.get(base64);
}

// x and y of each point, 0 to 65535, as genmodels/views/tiles.py writes them.
export function pairs(base64) {
  return new Uint16Array(bytes(base64).buffer);
}

export function clamp(value, low = 0, high = 1) {
  return Math.min(high, Math.max(low, value));
}

export function random(seed) { // mulberry32
  return () => {
    let t = (seed = (seed + 0x6d2b79f5) | 0);
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- drawing ----------------------------------------------------------------------------------------------------------

// Gives a canvas so many pixels of the device, each shown as one: pictures stay crisp.
export function resize(canvas, width, height, ratio) {
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${canvas.width / ratio}px`;
  canvas.style.height = `${canvas.height / ratio}px`;
}

export function line(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

// Turns what is on a canvas light for dark: light ink on black becomes ink on paper.
export function invert(pen) {
  pen.globalCompositeOperation = "difference";
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, pen.canvas.width, pen.canvas.height);
}

// ---- words ------------------------------------------------------------------------------------------------------------

export function text(node, selector, words) {
  const target = node.querySelector(selector);
  if (target.textContent !== words) target.textContent = words;
}

export function percent(share) {
  return share >= 0.1 ? `${Math.round(100 * share)} %` : `${Number((100 * share).toPrecision(1))} %`;
}
