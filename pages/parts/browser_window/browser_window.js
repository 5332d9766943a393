// What every page needs of its window, on all pages and without a place of its own.

import { keepSteps } from "./history.js";
import { explainTerms } from "./terms.js";

export default function mount({ parentElement }) {
  keepSteps();
  return explainTerms(parentElement);
}
