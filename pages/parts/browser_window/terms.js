// A term with a dotted line opens its meaning beside it: by a click, a tap, Enter, or when Tab comes to it. Escape,
// another click, scrolling or leaving it by Tab closes it.

import { singleListener } from "../shared/part.js";

const TERM = 'a[href^="#term-"]', GAP = 6, MARGIN = 12;

const onClick = singleListener("click", true), onKey = singleListener("keydown", true);
const onFocus = singleListener("focusin", true), onScroll = singleListener("scroll", true);
const onPointer = singleListener("pointerdown", true);

export function explainTerms(root) {
  const note = root.querySelector(".meaning");
  let open = null; // the link whose meaning is shown
  const close = () => { if (open) note.hidePopover(); open = null; };
  const show = (link) => {
    const meaning = root.querySelector(`[data-term="${link.hash.replace("#term-", "")}"]`);
    if (!meaning || link === open) return;
    close();
    note.innerHTML = meaning.innerHTML;
    note.classList.toggle("large", new window.URLSearchParams(window.location.search).get("present") === "1");
    note.showPopover();
    putBeside(note, link.getBoundingClientRect());
    open = link;
  };
  let before = null; // what was open when a button of the mouse went down, which closes it
  const closers = [
    onPointer((event) => { before = open; if (!event.composedPath().includes(note)) close(); }),
    onClick((event) => {
      const link = termOf(event);
      if (!link) return;
      event.preventDefault();
      if (link !== before || event.detail === 0) show(link); // Enter is a click without a button
      before = null;
    }),
    onFocus((event) => {
      const link = termOf(event);
      if (link?.matches(":focus-visible")) show(link);
      else if (!link) close();
    }),
    onKey((event) => {
      if (event.key !== "Escape" || !open) return;
      close();
      event.stopPropagation();
    }),
    onScroll((event) => { if (!event.composedPath().includes(note)) close(); }),
  ];
  return () => { close(); for (const remove of closers) remove(); };
}

function termOf(event) {
  return event.composedPath().find((node) => node instanceof Element && node.matches(TERM));
}

// Below the term, above it where there is no room, within the window.
function putBeside(note, place) {
  const { width, height } = note.getBoundingClientRect();
  const left = Math.min(Math.max(place.left, MARGIN), window.innerWidth - width - MARGIN);
  const isRoom = place.bottom + GAP + height < window.innerHeight;
  Object.assign(note.style, { left: `${left}px`, top: `${isRoom ? place.bottom + GAP : place.top - GAP - height}px` });
}
