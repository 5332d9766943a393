// The life of a component's part: Streamlit calls a component at every rerun, but its part of the page is made once.

const parts = new WeakMap();

// Makes the part at the first call, gives it `data` and `send` (to Python) at each, and returns what closes it.
export function mountPart(Part, { data, parentElement }, send) {
  let part = parts.get(parentElement);
  if (!part) {
    part = new Part(parentElement);
    parts.set(parentElement, part);
    parentElement.addEventListener("transitionend", (event) => { if (isThemeChange(event)) part.update(part.latest); });
  }
  part.send = send;
  part.latest = data;
  part.update(data);
  return () => { part.close(); parts.delete(parentElement); };
}

// A dark page has light text.
export function isDark(node) {
  const [r, g, b] = getComputedStyle(node).color.match(/[\d.]+/g).map(Number);
  return r + g + b > 384;
}

// page.css lets the colour of what has `data-dark` change in a millisecond, whose end is the one sign of a new theme.
function isThemeChange({ propertyName, target }) {
  return propertyName === "color" && target.dataset.dark && target.dataset.dark !== String(isDark(target));
}

// Calls `layout` when a node's size changes, and once at the start; returns the observer, to be disconnected.
export function watchSize(node, layout) {
  const observer = new ResizeObserver(layout);
  observer.observe(node);
  return observer;
}

// A place for one listener of the window: each call replaces the listener of the call before, and returns what removes
// its own.
export function singleListener(type, capture = false) {
  let current = null;
  return (listener) => {
    if (current) window.removeEventListener(type, current, capture);
    current = listener;
    window.addEventListener(type, listener, capture);
    return () => window.removeEventListener(type, listener, capture);
  };
}
