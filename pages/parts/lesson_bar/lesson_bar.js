// The bar of a lesson: forward and back by buttons, arrow keys or a clicker; the answer shows on demand, in words
// and by what the page then does.

import { singleListener, watchSize } from "../shared/part.js";

const PAUSE_MS = 200; // in which a replay that is paused says where it stands
const FORWARD = ["ArrowRight", "PageDown"], BACK = ["ArrowLeft", "PageUp"];
const TAKES_TEXT =
  "textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio], [type=button])";
const TAKES_ARROWS = "[type=range], [type=radio], canvas, [role=slider], [role=radio], [role=tab], [role=grid], " +
  "[role^=menuitem], [role=option]";

// Whether a button of the mouse is held, and whether it, not Tab, chose what has the focus. It belongs to the window,
// since a bar may be made anew.
const pointer = (window.lessonPointer ??= watchPointer());

// Before what has the focus, which may be a slider that takes the key. A page's bar replaces that of the page before.
const onKey = singleListener("keydown", true);

export default function mount({ data, parentElement, setTriggerValue }) {
  const bar = parentElement.querySelector(".lesson"), part = (name) => bar.querySelector(`.${name}`);
  const go = (by) => {
    const number = data.number + by;
    if (number >= 1 && number <= data.total) setTriggerValue("go", number);
  };
  const turn = () => {
    const isOpen = part("notice").hidden;
    reveal(part, isOpen);
    remember(bar, part);
    if (data.plays) play(isOpen);
    if (data.acts) setTimeout(() => setTriggerValue("reveal", isOpen ? 1 : 0), isOpen ? 0 : PAUSE_MS);
  };
  fillBar(bar, part, data);
  bar.observer ??= watchSize(bar, () => leaveRoom(bar.offsetHeight)); // 0 once it is gone
  part("back").onclick = () => go(-1);
  part("forward").onclick = () => go(1);
  part("leave").onclick = () => { window.lessonAnswer = null; setTriggerValue("go", 0); };
  part("reveal").onclick = turn;
  return onKey((event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isOurs(event.key, event.composedPath()[0])) return;
    if (FORWARD.includes(event.key)) go(1);
    else if (BACK.includes(event.key)) go(-1);
    else if (data.notice) turn();
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}

// The page ends above the bar, and what Tab reaches is scrolled above it (pages/parts/style.py).
function leaveRoom(height) {
  document.documentElement.style.setProperty("--lesson-height", `${height}px`);
}

function fillBar(bar, part, data) {
  const identity = `${data.number} ${data.title}`;
  bar.classList.toggle("present", data.present);
  part("where").textContent = `${data.number} of ${data.total} · ${data.title}`;
  part("question").textContent = data.question;
  part("notice").textContent = data.notice;
  part("reveal").hidden = !data.notice;
  if (bar.dataset.identity !== identity) { // a rerun of the same lesson leaves the answer and the place as they are
    const isAnew = window.lessonAnswer?.identity === identity; // the same lesson in a bar that was made anew
    reveal(part, data.revealed || (isAnew && window.lessonAnswer.isOpen));
    if (!isAnew) document.querySelector(".stMain")?.scrollTo(0, 0);
  }
  bar.dataset.identity = identity;
  remember(bar, part);
  part("back").disabled = data.number <= 1;
  part("forward").disabled = data.number >= data.total;
}

function reveal(part, isOpen) {
  part("notice").hidden = !isOpen;
  part("reveal").textContent = isOpen ? "Hide" : "Reveal";
  part("reveal").setAttribute("aria-expanded", isOpen);
}

// Whether the answer is open belongs to the window, since a bar may be made anew.
function remember(bar, part) {
  window.lessonAnswer = { identity: bar.dataset.identity, isOpen: !part("notice").hidden };
}

// Starts the page's replay, or pauses it.
function play(isOpen) {
  const button = findInside(document.querySelector(".stMain") ?? document, "button.play:not([disabled])");
  if (button && button.textContent.trim().startsWith("❚") !== isOpen) button.click();
}

// Returns the first element with this selector, those inside components among them.
function findInside(root, selector) {
  const node = root.querySelector(selector);
  if (node) return node;
  const hosts = [...root.querySelectorAll("*")].filter((each) => each.shadowRoot);
  for (const host of hosts) {
    const inside = findInside(host.shadowRoot, selector);
    if (inside) return inside;
  }
  return null;
}

// A clicker's keys always belong to the lesson; R does unless a text is written; arrows do unless Tab chose what they
// move, or the mouse is moving it now.
function isOurs(key, target) {
  if (key === "PageDown" || key === "PageUp") return true;
  if (!(target instanceof Element)) return isArrow(key) || isReveal(key);
  if (isWritten(target)) return false;
  if (isReveal(key)) return true;
  return isArrow(key) && !pointer.down && (pointer.last || !target.matches(TAKES_ARROWS));
}

function isArrow(key) {
  return key === "ArrowLeft" || key === "ArrowRight";
}

function isReveal(key) {
  return key === "r" || key === "R";
}

// A list to choose from is a text field too, but nothing is written there once it is closed by the mouse.
function isWritten(target) {
  const closed = target.getAttribute("role") === "combobox" && target.getAttribute("aria-expanded") === "false";
  return target.matches(TAKES_TEXT) && !(closed && pointer.last);
}

function watchPointer() {
  const state = { down: false, last: false };
  const note = (event) => { state.down = event.buttons > 0; state.last ||= state.down; };
  for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
    window.addEventListener(name, note, true);
  }
  window.addEventListener("keydown", (event) => { if (event.key === "Tab") state.last = false; }, true);
  return state;
}
