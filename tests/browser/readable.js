// What a page's reader cannot read: words too faint for their ground, and what is cut off by the edge of the window.

() => {
  const faint = new Map(), cut = new Map();
  const parent = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const chain = (node) => { const all = []; for (let n = node; n; n = parent(n)) all.push(n); return all; };
  const rgba = (css) => {
    const canvas = (window.ground ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }));
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], ground) => [r, g, b].map((v, i) => v * a + ground[i] * (1 - a));
  const light = (c) => {
    const [r, g, b] = c.map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [l, d] = [light(a), light(b)].sort((x, y) => y - x);
    return (l + 0.05) / (d + 0.05);
  };

  function contrast(node, style) {
    const up = chain(node), box = node.getBoundingClientRect();
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    const under = (n) => {
      const b = n.getBoundingClientRect();
      return b.width > 40 || (b.left <= x && x <= b.right && b.top <= y && y <= b.bottom);
    };
    let ground = [255, 255, 255], alpha = 1;
    for (const n of up.toReversed()) {
      const own = getComputedStyle(n);
      alpha *= Number(own.opacity); // what is faded fades into the ground below it
      if (under(n)) ground = over(rgba(own.backgroundColor), ground);
    }
    const ink = rgba(node instanceof SVGElement ? style.fill : style.color);
    return ratio(over([ink[0], ink[1], ink[2], ink[3] * alpha], ground), ground);
  }

  // Whether an element scrolls sideways by itself, within the window.
  function scrollsWithin(node) {
    const page = "[data-testid=stMain], [data-testid=stAppViewContainer], [data-testid=stApp]";
    const scrolls = /auto|scroll/.test(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth + 1;
    return scrolls && !node.matches(page) && node.getBoundingClientRect().right <= innerWidth + 1;
  }

  function look(node) {
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    const within = box.left + box.right > 0 && box.left + box.right < 2 * innerWidth;
    const texts = [...node.childNodes].filter((n) => n.nodeType === 3);
    const words = texts.map((n) => n.textContent.trim()).join(" ").trim();
    const drawn = node.matches("canvas, img, svg, table, button, input");
    const visible = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if ((words || drawn) && box.width > 2 && box.height > 2 && visible) {
      const isIn = (selector) => chain(node).some((n) => n.matches(selector));
      const off = isIn("[disabled], [aria-disabled=true], [aria-hidden=true], [data-stale=true]");
      const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.6 && Number(style.fontWeight) >= 600);
      if (words && within && !off && !isIn(".js-plotly-plot, [data-testid=stIconMaterial], title")) {
        const value = contrast(node, style);
        if (value < (large ? 3 : 4.5)) faint.set(words.slice(0, 40), Number(value.toFixed(2)));
      }
      const out = box.right > innerWidth + 1 || box.left < -1, scrolls = chain(node).slice(1).some(scrollsWithin);
      if (out && !scrolls && !isIn("[data-testid=stSidebar], .katex-mathml")) {
        const name = `${node.tagName.toLowerCase()} ${node.className?.baseVal ?? node.className} ${words}`;
        cut.set(name.slice(0, 70), Math.round(box.right));
      }
    }
    for (const child of [...node.children, ...(node.shadowRoot?.children ?? [])]) look(child);
  }

  look(document.querySelector("[data-testid=stApp]"));
  return { faint: Object.fromEntries(faint), cut: Object.fromEntries(cut) };
}
