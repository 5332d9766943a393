// The steps of Back and Forward are the choices of the viewer. Streamlit adds an entry to the browser's history for
// each address that the server writes; here an address takes the place of the entry before it if the viewer has done
// nothing since (a page has filled in what it compares, a lesson has opened its page), or if it goes on with one
// control (a drag, an arrow key held down).

const GESTURES = ["pointerdown", "keydown", "click", "drop"];
const GOES_ON_MS = 1000;

const steps = { acted: false, name: "", time: 0 };

export function keepSteps() {
  if (window.historySteps) return; // a window has one history, whichever page is open
  window.historySteps = steps;
  for (const gesture of GESTURES) window.addEventListener(gesture, () => { steps.acted = true; }, true);
  window.addEventListener("popstate", () => { steps.acted = false; steps.name = ""; }, true);
  const push = window.history.pushState.bind(window.history);
  window.history.pushState = (state, title, url) => {
    if (isStep(url)) push(state, title, url);
    else window.history.replaceState(state, title, url);
  };
}

function isStep(url) {
  const name = changedControl(new window.URL(url, window.location), window.location), now = performance.now();
  const goesOn = name && name === steps.name && now - steps.time < GOES_ON_MS;
  const isOne = steps.acted && !goesOn;
  Object.assign(steps, { acted: false, name, time: now });
  return isOne;
}

// The one control in which two addresses of a page differ, or "".
function changedControl(one, other) {
  const [a, b] = [one, other].map(({ search }) => new window.URLSearchParams(search));
  const names = [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
  return one.pathname === other.pathname && names.length === 1 ? names[0] : "";
}
