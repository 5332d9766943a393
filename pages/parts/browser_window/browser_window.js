// What every page needs of its window, on all pages and without a place of its own.

import { keepSteps } from "./history.js";
import { explainTerms } from "./terms.js";

const YEAR_SECONDS = 31_536_000;

export default function mount({ data, parentElement }) {
  if (data.cookie) document.cookie = `${data.cookie}=1; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  keepSteps();
  return explainTerms(parentElement);
}
