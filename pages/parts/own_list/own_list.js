// A viewer's own list of lessons, kept by the browser as the text of its file. The session's list rules as soon as
// there is one; a list that another window has changed comes here too.

const PLACE = "genmodels lessons";

let listen = null;

export default function mount({ data, setTriggerValue }) {
  const take = () => {
    const text = kept();
    if (text !== null && text !== (data.text ?? "")) setTriggerValue("text", text);
  };
  if (data.text === null) take();
  else keepText(data.text);
  if (listen) window.removeEventListener("storage", listen);
  listen = (event) => { if (event.key === PLACE) take(); };
  window.addEventListener("storage", listen);
  const mine = listen;
  return () => window.removeEventListener("storage", mine);
}

function kept() {
  // A browser may forbid it: the list then ends with the window.
  try { return localStorage.getItem(PLACE); } catch { return null; }
}

function keepText(text) {
  try { if (kept() !== text) localStorage.setItem(PLACE, text); } catch { /* forbidden, or full */ }
}
