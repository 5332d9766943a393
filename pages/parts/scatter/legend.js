// The legend: a button for each class, which singles it out, or the ramp of an attribute; and what crosses are.

import { element } from "../shared/nodes.js";

const RAMPS = {
  light: ["#1b3a86", "#3d6f9e", "#8a8f8a", "#c08a1e", "#9c4a00"],
  dark: ["#6f9bff", "#8fb9d9", "#c3c6bf", "#f0c35a", "#ff9340"],
};

// The colours of an attribute from its lowest to its highest value.
export function rampStops(dark) {
  return RAMPS[dark ? "dark" : "light"];
}

// Its parts; `palette` are the classes' colours, `stops` those of the ramp, `alone` the class that is singled out.
export function legendParts(data, { palette, stops, labels, values, alone }, single) {
  const { scene, crosses, hint } = data, parts = [], words = (text) => element("span", text, "words");
  if (labels && !data.columns.some((column) => column.labels)) {
    const n = scene.classes.length, isMany = n > palette.length;
    const button = (name, label) => classButton(name, palette[label], alone === label, () => single(label));
    if (isMany) parts.push(words(`${n} classes share ${palette.length} colours: point at a dot for its class.`));
    else parts.push(...scene.classes.map(button));
  }
  if (values) {
    const [name, low, high] = scene.attribute, ramp = element("span", "", "ramp");
    ramp.style.background = `linear-gradient(to right, ${stops.join()})`;
    parts.push(words(`${name} ${low}`), ramp, words(high));
  }
  if (crosses) parts.push(words(`+ ${crosses}`));
  if (hint) parts.push(words(hint));
  return parts;
}

function classButton(name, colour, isAlone, single) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-pressed", String(isAlone));
  button.setAttribute("aria-label", `class ${name}: single out`);
  button.appendChild(document.createElement("i")).style.background = colour;
  button.append(name);
  button.onclick = single;
  return button;
}
