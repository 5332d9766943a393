"""While t-SNE maps of 1,800 codes are made, the page goes on answering: its controls at once, its canvases without the server."""

import re
from collections.abc import Callable
from statistics import median

import pytest
from playwright.sync_api import Locator, Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from tests.browser.server import Server, settled

pytestmark = pytest.mark.timed

Window = Callable[..., Page]
STEPS = {"gmm": 5, "autoencoder": 30, "vae": 30}
QUERY = (
    "latents?data=moons&map=t-SNE&perplexity=100&models=" + ",".join(STEPS) + "".join(f"&{m}.steps={n}" for m, n in STEPS.items())
)
ROUNDS = 3

# Presses and returns the milliseconds until the maps show it, as of the first frame in which they do.
ANSWER = """async (root, control) => {
  const seen = () => %s, begun = performance.now();
  if (seen()) throw new Error('it is so before anything is pressed');
  control.click();
  while (!seen()) {
    if (performance.now() - begun > 20000) throw new Error('no answer in 20 s');
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - begun;
}"""
# Looks by pointing for a dot of the first map that was not clicked before (a second click takes it away), and clicks on it: the
# dots do not move in between. Returns the milliseconds from pointing to the dot's words, those from the click until every model's
# strip has one example more, and the words.
POINT_AND_CLICK = """async (root, clicks_before) => {
  const map = root.querySelector('.map'), tip = root.querySelector('.tip'), box = map.getBoundingClientRect();
  const picked = (strip) => (strip.hidden ? 0 : parseInt(strip.ariaLabel)), all = [...root.querySelectorAll('.strip')];
  const before = picked(all[0]);
  const send = (kind, x, y) => map.dispatchEvent(new PointerEvent(kind,
    { clientX: box.x + x * box.width, clientY: box.y + y * box.height, pointerId: 1, pointerType: 'mouse', button: 0 }));
  for (let y = 0.2; y < 0.9; y += 0.03) for (let x = 0.1; x < 0.95; x += 0.01) {
    send('pointerleave', 0, 0);
    const begun = performance.now();
    send('pointermove', x, y);
    if (tip.hidden) continue;
    tip.getBoundingClientRect();
    const pointed = performance.now(), words = tip.textContent;
    if (clicks_before.includes(words)) continue;
    send('pointerdown', x, y);
    send('pointerup', x, y);
    while (!all.every((strip) => picked(strip) === before + 1)) {
      if (performance.now() - pointed > 20000) throw new Error('no answer in 20 s');
      await new Promise(requestAnimationFrame);
    }
    return [pointed - begun, performance.now() - pointed, words];
  }
  throw new Error('no dot was found');
}"""
# From now on `window.longest` is the longest time between two frames, in ms.
WATCH = """() => {
  let last = performance.now();
  window.longest = 0;
  const next = (now) => { window.longest = Math.max(window.longest, now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    """A server whose cache has the runs and their codes, and no map."""
    for model, steps in STEPS.items():
        record(StudySpec.make("latents", [RunSpec.make("moons", model, {"steps": steps})]), Store(dashboard.cache))
    return dashboard


def still_to_do(maps: Locator) -> int:
    """How much of the maps that are waited for is to be made yet, in percent of one map."""
    words = [card.inner_text() for card in maps.locator(".card").all() if card.is_visible()]
    return sum(100 - int((re.findall(r"(\d+)%", line) or [0])[0]) for line in words)


def measured(page: Page) -> dict[str, list[float]]:
    """Milliseconds from each press to what the maps show of it, and of pointing and clicking, while the maps iterate."""
    maps = page.locator(".scatter")
    times: dict[str, list[float]] = {"controls": [], "pointing": [], "clicks": []}
    prior = page.get_by_role("switch", name="codes to sample from")

    def press(control: Locator, seen: str) -> None:
        times["controls"].append(maps.evaluate(ANSWER % seen, control.element_handle()))

    crosses, kind = (
        "root.querySelector('.legend').textContent.includes('codes to sample from')",
        "root.querySelector('.what').textContent",
    )
    clicks_before: list[str] = []
    for _ in range(ROUNDS):
        press(prior, f"!{crosses}")
        press(prior, crosses)
        press(page.get_by_role("radio", name="PCA"), f"{kind}.includes('principal axes')")
        press(page.get_by_role("radio", name="t-SNE"), f"{kind}.includes('t-SNE') && root.querySelector('.card:not([hidden])')")
        pointing, click, words = maps.evaluate(POINT_AND_CLICK, clicks_before)
        clicks_before.append(words)
        assert re.search(r"example \d+", words)
        times["pointing"].append(pointing)
        times["clicks"].append(click)
    return times


def test_controls_and_canvases_answer_while_the_maps_iterate(server: Server, window: Window) -> None:
    page = window()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/{QUERY}")
    settled(page)
    maps = page.locator(".scatter")
    expect(maps.locator(".card[data-kind=running]").first).to_contain_text(re.compile("[1-9]%"), timeout=60_000)
    before = still_to_do(maps)
    page.evaluate(WATCH)
    times = measured(page)
    longest = page.evaluate("window.longest")
    after = still_to_do(maps)
    line = ", ".join(f"{what} median {median(ms):.0f} ms, worst {max(ms):.0f}" for what, ms in times.items())
    print(f"\n{before} to {after} % of a map to be made meanwhile: {line}; longest time without a frame {longest:.0f} ms")
    assert before > after > 0  # they iterated all the time
    assert max(times["controls"] + times["clicks"]) < 2000
    assert max(times["pointing"]) < 200
    assert errors == []
