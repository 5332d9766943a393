// A button of the legend: a source's marker, its name, and the rank correlation of error and realism in it.

import { glyphIcon } from "./glyphs.js";

export function legendButton(button, source, colour, isShown) {
  button.type = "button";
  button.setAttribute("aria-pressed", String(isShown));
  button.title = `${source.how}. ρ: rank correlation of error and realism among these alone.`;
  button.innerHTML = glyphIcon(source, colour);
  button.append(source.title);
  if (source.rho !== "—") button.appendChild(document.createElement("i")).textContent = `ρ ${source.rho}`;
}
