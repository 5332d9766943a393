// Copies an address of this dashboard; where the browser forbids that, as without https, it shows it to be copied by
// hand.

const SAID_MS = 2000;

export default function mount({ data, parentElement }) {
  const button = parentElement.querySelector("button"), field = parentElement.querySelector("input");
  field.value = new window.URL(data.link, document.baseURI).href;
  button.onclick = async () => {
    try {
      await window.navigator.clipboard.writeText(field.value);
      say(button, "Copied");
    } catch {
      field.hidden = false;
      field.select();
      say(button, "Press Ctrl+C");
    }
  };
}

function say(button, words) {
  button.textContent = words;
  setTimeout(() => { button.textContent = "Copy link"; }, SAID_MS);
}
