// What a page withholds from some readers: pictures without a name, what moves although stillness is preferred, what
// shows no sign of the focus, and what a fixed bar covers at the page's beginning or end.

() => {
  const nodes = [];
  const collect = (root) => root.querySelectorAll("*").forEach((node) => {
    nodes.push(node);
    if (node.shadowRoot) collect(node.shadowRoot);
  });
  collect(document.querySelector("[data-testid=stApp]"));
  const parent = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const isWithin = (node, selector) => Boolean(node) && (node.matches(selector) || isWithin(parent(node), selector));
  const classOf = (node) => node.className?.baseVal ?? node.className;
  const name = (node) => `${node.tagName.toLowerCase()} ${classOf(node)} ${node.textContent.trim()}`.slice(0, 70);
  const isSeen = (node) => {
    const { width, height } = node.getBoundingClientRect();
    return width > 2 && height > 2 && node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };

  const kinds = "canvas, img, [role=img], [role=application], [data-testid=stPlotlyChart]";
  const pictures = nodes.filter((node) => node.matches(kinds) && isSeen(node));
  const isNamed = (node) => (node.ariaLabel || node.alt || node.getAttribute("aria-labelledby") || "").trim();
  // Part of a picture that has a name, or of a table of Streamlit's, which within its canvas is a <table> to be read.
  const hidden = "[aria-hidden=true], [role=img]:not(canvas), [data-testid=stDataFrame]";
  const unnamed = pictures.filter((node) => !isNamed(node) && !isWithin(node, hidden));

  const ours = nodes.filter((node) => node.getRootNode() !== document);
  const seconds = (css) => Math.max(...css.split(",").map(parseFloat));
  const isMoving = (node) => {
    const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(node);
    return animationName !== "none" || seconds(transitionDuration) > 0.01 || scrollBehavior === "smooth";
  };

  const reached = ours.filter((node) => isSeen(node) && !node.disabled &&
    node.matches("a[href], button, input, select, summary, [tabindex='0']"));
  const isRingless = (node) => {
    const look = ({ outlineStyle, outlineWidth, borderColor, boxShadow }) =>
      [outlineStyle === "none" || outlineWidth, borderColor, boxShadow].join();
    const before = look(getComputedStyle(node));
    node.focus({ preventScroll: true, focusVisible: true });
    const isSame = look(getComputedStyle(node)) === before;
    node.blur();
    return isSame;
  };

  const isDrawn = (node) => node.matches("canvas, img, svg, input, button") || node.textContent.trim();
  const bar = ".lesson, .st-key-lesson-tools";
  const content = nodes.filter((node) => !node.children.length && !node.shadowRoot && isDrawn(node) &&
    isWithin(node, ".stMainBlockContainer") && !isWithin(node, bar));
  const main = document.querySelector(".stMain"), before = main.scrollTop;
  const under = (bar) => { // at the end of the page that is on the bar's side
    const { left, right, top, bottom } = bar.getBoundingClientRect();
    main.scrollTop = top > innerHeight / 2 ? main.scrollHeight : 0;
    return content.filter((node) => {
      const box = node.getBoundingClientRect();
      const isUnder = box.right > left && box.left < right && box.bottom > top + 1 && box.top < bottom;
      return isUnder && isSeen(node);
    });
  };
  const covered = nodes.filter((node) => node.matches(bar) && isSeen(node)).flatMap(under);
  main.scrollTop = before;

  const rows = { unnamed, moving: ours.filter(isMoving), ringless: reached.filter(isRingless), covered };
  return Object.fromEntries(Object.entries(rows).map(([kind, faulty]) => [kind, faulty.map(name)]));
}
