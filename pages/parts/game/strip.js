// Samples of the same noise through the training, a row a noise; colour and number of the frame say what D thinks of each.

import { isDark } from "../shared/page.js";

const NARROW = 640, FEW = 6; // on a phone, every other snapshot
const watches = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".strip");
  watches.get(root)?.disconnect();
  const watch = new ResizeObserver(() => draw(root, data));
  watch.observe(root);
  watches.set(root, watch);
  return () => watch.disconnect();
}

function draw(root, data) {
  const narrow = root.clientWidth < NARROW, all = data.marks.map((_, i) => i);
  const shown = narrow ? all.filter((i) => (all.length - 1 - i) % Math.ceil(all.length / FEW) === 0) : all;
  const rows = data.ranks.length, grid = root.querySelector(".grid");
  root.dataset.dark = isDark(root);
  root.classList.toggle("ink", data.ink);
  root.classList.toggle("narrow", narrow);
  grid.style.setProperty("--n", shown.length);
  grid.replaceChildren();
  const head = (words, side) => { const node = grid.appendChild(document.createElement("div")); node.className = side ? "head side" : "head"; node.textContent = words; };
  head("update", true);
  for (const i of shown) head(data.marks[i].toLocaleString("en"));
  data.ranks.forEach((ranks, row) => {
    head(`noise ${row + 1}`, true);
    for (const i of shown) grid.appendChild(cell(data.sheet, i, row, all.length, rows, ranks[i], data.leads[row][i]));
  });
  head("D prefers a real one", true);
  for (const i of shown) head(whole(data.prefers[i]));
  grid.setAttribute("aria-label", `Samples of ${rows} fixed noises through the training, with D's logit less its mean over real test pictures: ` +
    data.leads.map((leads, row) => `noise ${row + 1} from ${signed(leads[0])} to ${signed(leads.at(-1))}`).join(", "));
  root.querySelector(".key").textContent = `Under each sample: D's logit, less its mean over ${data.test.toLocaleString("en")} real test pictures. Its colour: the share of those that D holds ` +
    `less real than it, from none (orange) through half (plain) to all (blue). D is the one of the last update, asked about all snapshots: no earlier D was kept. Last line: how often it gives the real one of a real and a fake the ` +
    `higher logit, over ${data.samples} samples and all test pictures; 50 % is a fooled D. The noises are the first of the recording, drawn before the training.`;
}

function cell(sheet, column, row, columns, rows, rank, lead) {
  const node = document.createElement("div"), picture = node.appendChild(document.createElement("div"));
  node.className = "cell";
  picture.className = "picture";
  picture.style.cssText = `background: url(${sheet}) ${(100 * column) / (columns - 1)}% ${(100 * row) / (rows - 1)}% / ${100 * columns}% ${100 * rows}%`;
  const lean = 2 * rank - 1;
  node.style.background = `rgba(var(--toward-${lean < 0 ? "fake" : "real"}), ${(0.85 * Math.abs(lean)).toFixed(2)})`;
  node.appendChild(document.createElement("span")).textContent = signed(lead);
  node.title = `D holds ${whole(rank)} of the real test pictures less real than this sample`;
  return node;
}

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);
const whole = (share) => `${Math.round(100 * share)} %`;
