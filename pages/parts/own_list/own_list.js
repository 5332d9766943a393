// A viewer's own list of lessons, which the browser stores as the text of its file. The session's list rules as soon as
// there is one; a list that another window has changed is sent too.

import { singleListener } from "../shared/part.js";

const PLACE = "genmodels lessons";

const onStorage = singleListener("storage");

export default function mount({ data, setTriggerValue }) {
  const send = () => {
    const text = readText();
    if (text !== null && text !== (data.text ?? "")) setTriggerValue("text", text);
  };
  if (data.text === null) send();
  else writeText(data.text);
  return onStorage((event) => { if (event.key === PLACE) send(); });
}

// A browser may forbid it: the list then ends with the window.
function readText() {
  try { return localStorage.getItem(PLACE); } catch { return null; }
}

function writeText(text) {
  try { if (readText() !== text) localStorage.setItem(PLACE, text); } catch { /* forbidden, or full */ }
}
