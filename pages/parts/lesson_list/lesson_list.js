// The lessons of a course: number, title as a link, question, and how much of what it needs is there.

export default function mount({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".lessons");
  list.setAttribute("aria-label", data.label);
  while (list.children.length > data.rows.length) list.lastElementChild.remove();
  data.rows.forEach((row, index) => {
    const node = list.children[index] ?? list.appendChild(newRow());
    fillRow(node, row, (number) => setTriggerValue("open", number));
  });
}

function newRow() {
  const row = document.createElement("li");
  row.append(...["span.number", "a", "span.mark", "p.question", "p.line"].map((name) => {
    const [tag, kind] = name.split("."), part = document.createElement(tag);
    if (kind) part.className = kind;
    return part;
  }));
  return row;
}

// A plain click opens the lesson in this window, without loading the page anew; with a key held, the browser follows
// the link.
function fillRow(node, row, open) {
  const [number, link, mark, question, line] = node.children;
  node.dataset.state = row.state;
  write(number, `${row.number}`);
  write(link, row.title);
  link.href = row.href;
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    open(row.number);
  };
  write(mark, row.mark);
  write(question, row.question);
  write(line, row.line);
  line.hidden = !row.line;
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
