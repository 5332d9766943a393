// The bar of a lesson: forward and back by buttons, arrow keys or a presenter's clicker; the answer shows when it is asked for.

const FORWARD = ["ArrowRight", "PageDown"], BACK = ["ArrowLeft", "PageUp"];
const TAKES_ARROWS = "input, textarea, select, canvas, [role=slider], [role=radio], [role=tab], [contenteditable]";

let listening = null; // one listener for the whole window: a page's bar replaces that of the page before

export default function ({ data, parentElement, setTriggerValue }) {
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
  if (bar.dataset.shown !== identity) reveal(false); // another rerun of the same lesson leaves the answer as it is
  bar.dataset.shown = identity;
  part("back").disabled = data.number <= 1;
  part("forward").disabled = data.number >= data.total;
  part("back").onclick = () => go(-1);
  part("forward").onclick = () => go(1);
  part("leave").onclick = () => setTriggerValue("go", 0);
  part("reveal").onclick = () => reveal(part("notice").hidden);

  if (listening) window.removeEventListener("keydown", listening);
  listening = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target instanceof Element && target.matches(TAKES_ARROWS)) return;
    if (FORWARD.includes(event.key)) go(1);
    else if (BACK.includes(event.key)) go(-1);
    else if (event.key.toLowerCase() === "r" && data.notice) reveal(part("notice").hidden);
    else return;
    event.preventDefault();
  };
  window.addEventListener("keydown", listening);
  const mine = listening;
  return () => window.removeEventListener("keydown", mine);
}
