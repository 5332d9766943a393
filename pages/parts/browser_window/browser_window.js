// What every page needs of its window, on all pages and without a place of its own.

import { keepSteps } from "./history.js";

export default function mount() {
  keepSteps();
}
