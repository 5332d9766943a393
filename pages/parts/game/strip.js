// Samples of the same noise through the training, a row a noise; colour and number of the frame say what D thinks of
// each.

import { element } from "../shared/nodes.js";
import { isDark, mountPart, watchSize } from "../shared/part.js";

const NARROW = 640, FEW = 6; // on a phone, only so many snapshots

export default function mount(context) {
  return mountPart(Strip, context, null); // it has nothing to send
}

class Strip {
  constructor(parent) {
    this.root = parent.querySelector(".strip");
    this.grid = parent.querySelector(".grid");
    this.observer = watchSize(this.root, () => { if (this.data) this.paint(); });
  }

  update(data) {
    this.data = data;
    this.paint();
  }

  close() {
    this.observer.disconnect();
  }

  paint() {
    const { root, grid, data } = this, narrow = root.clientWidth < NARROW;
    const columns = columnsOf(data.marks.length, narrow);
    root.dataset.dark = isDark(root);
    root.classList.toggle("ink", data.ink);
    root.classList.toggle("narrow", narrow);
    grid.style.setProperty("--n", columns.length);
    const side = (words) => element("div", words, "head side"), head = (words) => element("div", words, "head");
    grid.replaceChildren(side("update"), ...columns.map((i) => head(data.marks[i].toLocaleString("en"))));
    data.ranks.forEach((ranks, row) => {
      const cells = columns.map((i) => cellNode(data, row, i));
      grid.append(side(`noise ${row + 1}`), ...cells);
    });
    grid.append(side("D prefers a real one"), ...columns.map((i) => head(whole(data.prefers[i]))));
    grid.setAttribute("aria-label", gridWords(data));
    root.querySelector(".key").textContent = keyWords(data);
  }
}

// Which of n snapshots are shown: all, or on a phone every so many, the last among them.
export function columnsOf(n, narrow) {
  const all = Array.from({ length: n }, (_, i) => i), stride = narrow ? Math.ceil(n / FEW) : 1;
  return all.filter((i) => (n - 1 - i) % stride === 0);
}

function cellNode(data, row, column) {
  const rank = data.ranks[row][column], lead = data.leads[row][column], lean = 2 * rank - 1;
  const columns = data.marks.length, rows = data.ranks.length;
  const node = element("div", "", "cell"), picture = node.appendChild(element("div", "", "picture"));
  const position = `${(100 * column) / (columns - 1)}% ${(100 * row) / (rows - 1)}%`;
  picture.style.cssText = `background: url(${data.sheet}) ${position} / ${100 * columns}% ${100 * rows}%`;
  const shade = (0.85 * Math.abs(lean)).toFixed(2);
  node.style.background = `rgba(var(--toward-${lean < 0 ? "fake" : "real"}), ${shade})`;
  node.appendChild(element("span", signed(lead)));
  node.title = `D holds ${whole(rank)} of the real test pictures less real than this sample`;
  return node;
}

function gridWords(data) {
  const rows = data.leads.map((leads, row) => `noise ${row + 1} from ${signed(leads[0])} to ${signed(leads.at(-1))}`);
  return `Samples of ${data.ranks.length} fixed noises through the training, ` +
    `with D's logit less its mean over real test pictures: ${rows.join(", ")}`;
}

function keyWords(data) {
  return `Under each sample: D's logit, less its mean over ${data.test.toLocaleString("en")} real test pictures. ` +
    `Its colour: the share of those that D holds less real than it, ` +
    `from none (orange) through half (plain) to all (blue). ` +
    `D is the one of the last update, asked about all snapshots: no earlier D was kept. ` +
    `Last line: how often it gives the real one of a real and a fake the higher logit, ` +
    `over ${data.samples} samples and all test pictures; 50 % is a fooled D. ` +
    `The noises are the first of the recording, drawn before the training.`;
}

const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);
const whole = (share) => `${Math.round(100 * share)} %`;
