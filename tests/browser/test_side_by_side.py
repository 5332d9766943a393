"""The main job in a real browser: open, train, stop, replay, leave and come back; share, crash and go on."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from genmodels.store import Store
from tests.browser.server import DESK, PHONE, Server, all_finished, column, go_to, serve, settled

Window = Callable[..., Page]
SHORT = "?data=moons&models=gmm,vae&gmm.steps=6&vae.steps=400"
COLOURED = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const spread = (i) => data[i + 3] && Math.max(...data.slice(i, i + 3)) - Math.min(...data.slice(i, i + 3));
    return [...Array(data.length / 4).keys()].filter((k) => spread(4 * k) > 40).length;
}"""
LONG = "?data=ring&models=gmm,vae&gmm.steps=3&vae.steps=100000&auto=0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("browser") / "cache") as running:
        yield running


def store_of(server: Server) -> Store:
    return Store(server.cache)


def growing(server: Server) -> list[Path]:
    """The recordings that are written to now: what is paused lies there too, and rests."""
    with contextlib.suppress(FileNotFoundError):  # one of them is finished in this moment
        return [path.parent for path in (server.cache / "growing").glob("*/status.json") if time.time() - path.stat().st_mtime < 2]
    return growing(server)


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def step_of(page: Page, model: str) -> int:
    match = re.search(r"step ([\d,]+) of", column(page, model))
    return int(match[1].replace(",", "")) if match else -1


def drawn(page: Page, model: str) -> int:
    """How many pixels of a model's samples are in its colour; real points are grey."""
    section = page.locator(".board section", has=page.get_by_role("heading", name=model, exact=True))
    return int(section.locator("canvas.samples").evaluate(COLOURED))


def press_train(page: Page) -> None:
    page.get_by_role("button", name="Train", exact=True).first.click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_deep_link_opens_first_on_a_fresh_server_trains_replays_and_is_there_again(
    tmp_path: Path, window: Window, size: dict[str, int]
) -> None:
    errors: list[str] = []
    with serve(tmp_path / "cache") as fresh:
        page = window(size)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{fresh.url}/runs" if size == DESK else f"{fresh.url}/{SHORT}")
        settled(page)
        expect(page.get_by_role("heading", name="Runs" if size == DESK else "Side by side", exact=True)).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        page.goto(f"{fresh.url}/{SHORT}")
        settled(page)
        all_finished(page, 2)
        assert "step 400 of 400" in column(page, "VAE")
        assert "step 6 of 6" in column(page, "Gaussian mixture")

        slider = page.get_by_role("slider", name="Replay")
        for _ in range(9):
            slider.press("ArrowLeft")
        assert 0 < step_of(page, "VAE") < 400
        step, frame = step_of(page, "VAE"), slider.input_value()
        page.wait_for_url(re.compile(rf"step={frame}$"))
        page.get_by_role("button", name="Play the training").click()
        wait_for(lambda: step_of(page, "VAE") == 400, 10, "the replay's end")

        for _ in range(9):
            slider.press("ArrowLeft")
        page.wait_for_url(re.compile(rf"step={frame}$"))
        go_to(page, "Lab book", "Runs")
        expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
        go_to(page, "Compare", "Side by side")
        settled(page)
        all_finished(page, 2)
        assert step_of(page, "VAE") == step
        assert "data=moons" in page.url
        assert "vae.steps=400" in page.url
    assert errors == []


def test_stop_pauses_the_training_and_train_goes_on_with_it(server: Server, window: Window) -> None:
    page = window()
    page.goto(f"{server.url}/{LONG}&seed=1")
    settled(page)
    expect(page.locator(".card").first).to_contain_text("Not trained yet")
    press_train(page)
    wait_for(lambda: step_of(page, "VAE") > 50, 40, "the VAE's first steps")
    page.get_by_role("button", name="Pause", exact=True).click()
    card = page.locator(".card", has_text="Paused at step")
    expect(card).to_contain_text("it can go on from there for ten minutes")
    assert drawn(page, "VAE") > 300  # what it has learned so far stays in view
    wait_for(lambda: not growing(server), 10, "the training to rest")
    assert len(store_of(server).keys()) <= 2 + 1
    (reached,) = re.findall(r"at step ([\d,]+) of 100,000", card.inner_text())
    card.get_by_role("button", name="Continue").click()
    wait_for(lambda: step_of(page, "VAE") > int(reached.replace(",", "")), 40, "the training to go on")
    page.get_by_role("button", name="Pause", exact=True).click()
    wait_for(lambda: not growing(server), 10, "the training to rest again")


def test_two_windows_share_one_training_and_closing_both_ends_it(server: Server, window: Window) -> None:
    pages = [window(), window()]
    for page in pages:
        page.goto(f"{server.url}/{LONG}&seed=2")
        settled(page)
    press_train(pages[0])
    pages[1].reload()  # it finds the training in progress and joins; asking for it would start no other
    settled(pages[1])
    for page in pages:
        wait_for(lambda page=page: step_of(page, "VAE") > 50, 40, "first steps in both windows")  # type: ignore[misc]
    assert len(growing(server)) == 1
    steps = [step_of(page, "VAE") for page in pages]
    for page, before in zip(pages, steps, strict=True):
        wait_for(lambda page=page, before=before: step_of(page, "VAE") > before, 10, "both windows to move on")  # type: ignore[misc]

    pages[0].get_by_role("button", name="Pause", exact=True).click()
    expect(pages[0].locator(".card", has_text="Paused")).to_be_visible()
    before = step_of(pages[1], "VAE")
    wait_for(lambda: step_of(pages[1], "VAE") > before, 10, "the other window's training to go on")
    for page in pages:
        page.close()
    wait_for(lambda: not growing(server), 30, "the training to end once nobody looks")


def test_a_killed_worker_is_a_clear_card_and_training_again_works(server: Server, window: Window) -> None:
    page = window()
    page.goto(f"{server.url}/{LONG.replace('100000', '4000')}&seed=3")
    settled(page)
    press_train(page)
    wait_for(lambda: step_of(page, "VAE") > 50, 40, "first steps")
    for worker in workers_of(server):
        worker.kill()
    card = page.locator(".card[data-kind=failed]")
    expect(card).to_contain_text("the worker that trained this died", timeout=5000)
    assert not growing(server)
    card.get_by_role("button", name="Try again").click()
    all_finished(page, 2, timeout=90)
    assert "step 4,000 of 4,000" in column(page, "VAE")


def workers_of(server: Server) -> list[psutil.Process]:
    below = psutil.Process(server.process.pid).children(recursive=True)
    # each worker is the child of some starter
    workers = [p for p in below if "multiprocessing" in " ".join(psutil.Process(p.ppid()).cmdline())]
    assert workers
    return workers


def test_a_killed_server_leaves_no_process_and_no_half_written_run(tmp_path: Path, window: Window) -> None:
    with serve(tmp_path / "cache") as doomed:
        page = window()
        page.goto(f"{doomed.url}/{LONG}")
        settled(page)
        press_train(page)
        wait_for(lambda: step_of(page, "VAE") > 20, 60, "first steps")
        below = psutil.Process(doomed.process.pid).children(recursive=True)
        assert below
        doomed.kill()
        wait_for(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in below), 5, "its processes to end")
    store = Store(tmp_path / "cache")
    keys = store.keys()
    assert all(store.find(key) for key in keys)
    assert store.aside() == []


def test_whatever_is_wrong_in_the_address_is_named_and_the_page_stands(server: Server, window: Window) -> None:
    page = window()
    page.goto(
        f"{server.url}/?data=../../etc/passwd&models=gmm,vae,gpt&vae.beta=nan&gmm.steps=2&vae.steps=20&seed=x&key=%00%2e%2e&auto=0"
    )
    settled(page)
    words = page.locator("[data-testid=stAlert]").all_inner_texts()
    for hint in ("'../../etc/passwd'", "'gpt'", "beta", "seed", "'key'"):
        assert any(hint in line for line in words), (hint, words)
    expect(page.locator(".board section")).to_have_count(2)
    press_train(page)
    all_finished(page, 2)


def test_a_damaged_recording_is_set_aside_and_trained_again(server: Server, window: Window) -> None:
    page = window()
    page.goto(f"{server.url}/{SHORT}&seed=4")
    settled(page)
    all_finished(page, 2)
    victim = max((server.cache / "runs").glob("*/model.safetensors"), key=lambda file: file.stat().st_mtime)
    victim.write_bytes(victim.read_bytes()[:-7])
    manifest = victim.with_name("manifest.json")
    manifest.touch()  # the server checks a folder again when its manifest is new
    page.reload()
    settled(page)
    all_finished(page, 2)
    assert any("model.safetensors does not match its checksum" in line for line in store_of(server).aside())
    page.goto(f"{server.url}/runs")
    expect(page.get_by_text("does not match its checksum")).to_be_visible()


def test_a_cache_that_cannot_be_written_is_one_clear_card(tmp_path: Path, window: Window) -> None:
    blocked = tmp_path / "cache"
    with serve(blocked, GENMODELS_CACHE="/proc/genmodels") as fresh:
        page = window()
        page.goto(f"{fresh.url}/{SHORT}")
        settled(page)
        expect(page.locator(".card[data-kind=failed]").first).to_contain_text(
            "set GENMODELS_CACHE to a folder that can", timeout=40_000
        )


def test_the_settings_form_changes_the_run_only_when_it_is_sent(server: Server, window: Window) -> None:
    page = window()
    page.goto(f"{server.url}/{SHORT}&seed=5")
    settled(page)
    all_finished(page, 2)
    address = page.url
    page.get_by_role("button", name="Settings").click()
    slider = page.get_by_test_id("stPopoverBody").get_by_role("slider", name="components K")
    slider.press("ArrowRight")
    page.wait_for_timeout(600)
    assert page.url == address
    page.get_by_role("button", name="Train with these").click()
    page.wait_for_url(re.compile(r"gmm\.n_components=13"))
    page.wait_for_timeout(300)
    all_finished(page, 2)
    assert "13 components" in column(page, "Gaussian mixture")
