// The bar of a lesson: forward and back by buttons, arrow keys or a presenter's clicker; the answer shows when it is
// asked for.

const FORWARD = ["ArrowRight", "PageDown"], BACK = ["ArrowLeft", "PageUp"];
const TAKES_TEXT =
  "textarea, select, [contenteditable], input:not([type=range], [type=checkbox], [type=radio], [type=button])";
const TAKES_ARROWS = "[type=range], [type=radio], canvas, [role=slider], [role=radio], [role=tab], [role=grid], " +
  "[role^=menuitem], [role=option]";

let press = null; // one listener for the whole window: a page's bar replaces that of the page before
// Whether a button of the mouse is held, and whether it, not Tab, chose what has the focus: of the window, since a bar
// may be made anew.
const pointer = (window.lessonPointer ??= watchPointer());

export default function mount({ data, parentElement, setTriggerValue }) {
  const bar = parentElement.querySelector(".lesson");
  const part = (name) => bar.querySelector("." + name);
  const go = (by) => {
    const to = data.number + by;
    if (to >= 1 && to <= data.total) setTriggerValue("go", to);
  };
  const reveal = (open) => {
    part("notice").hidden = !open;
    part("reveal").textContent = open ? "Hide" : "Reveal";
    part("reveal").setAttribute("aria-expanded", open);
  };
  bar.classList.toggle("present", data.present);
  part("where").textContent = `${data.number} of ${data.total} · ${data.title}`;
  part("question").textContent = data.question;
  part("notice").textContent = data.notice;
  part("reveal").hidden = !data.notice;
  const identity = `${data.number} ${data.title}`;
  // Another rerun of the same lesson leaves the answer and the place as they are.
  if (bar.dataset.identity !== identity) {
    reveal(false);
    document.querySelector(".stMain")?.scrollTo(0, 0);
  }
  bar.dataset.identity = identity;
  part("back").disabled = data.number <= 1;
  part("forward").disabled = data.number >= data.total;
  part("back").onclick = () => go(-1);
  part("forward").onclick = () => go(1);
  part("leave").onclick = () => setTriggerValue("go", 0);
  part("reveal").onclick = () => reveal(part("notice").hidden);

  if (press) window.removeEventListener("keydown", press, true);
  press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isOurs(event.key, event.composedPath()[0])) return;
    if (FORWARD.includes(event.key)) go(1);
    else if (BACK.includes(event.key)) go(-1);
    else if (data.notice) reveal(part("notice").hidden);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", press, true); // before whatever has the focus: a slider would keep the key
  const mine = press;
  return () => window.removeEventListener("keydown", mine, true);
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
