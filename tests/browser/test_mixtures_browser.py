"""EM in a real browser: stepped, played and sampled from; the address follows, and a reload comes back to it."""

import re
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect

from genmodels import device
from genmodels.models.gmm import GMM, GMMConfig
from genmodels.runs import record
from genmodels.store import Recording, Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import study as mixtures
from genmodels.studies.mixtures import uses
from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]
K = 3


@pytest.fixture(scope="module")
def prepared(dashboard: Server) -> tuple[Server, Recording]:
    """A server whose cache has what the page opens with, for few components and steps."""
    store, patch = Store(dashboard.cache), pytest.MonkeyPatch()
    patch.setattr(mixtures, "MAX_K", 5)
    patch.setattr(mixtures, "STEPS", 12)
    finding = record(StudySpec.make("mixtures", [], {"toy": "pinwheel"}), store)
    for toy in ("pinwheel", "gaussians-8"):
        record(StudySpec.make("mixtures", [], {"toy": toy, "start": "k-means"}), store)
    record(StudySpec.make("mixture-uses", uses.specs("digits", 10)), store)
    patch.undo()
    return dashboard, finding


def opened(server: Server, page: Page, query: str) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/mixtures?{query}")
    settled(page)
    expect(page.locator(".em canvas")).to_be_visible()
    return errors


def test_em_is_stepped_and_the_address_brings_back_the_step(prepared: tuple[Server, Recording], window: Window) -> None:
    server, finding = prepared
    page = window()
    errors = opened(server, page, f"k={K}&frame=0")
    expect(page.locator(".curve svg")).to_have_count(2)
    expect(page.get_by_role("button", name="Help for Largest fall in an EM step", exact=True)).to_be_visible()
    step, likelihood = page.locator(".em .bar output"), mixtures.Fit.read(finding, mixtures.part(K)).log_likelihood
    expect(step).to_have_text("start")
    expect(page.locator(".em .value")).to_have_text(f"{likelihood[0]:.3f}".replace("-", "−"))
    for words in ("E-step 1", "M-step 1", "E-step 2"):
        page.locator(".em .on").click()
        expect(step).to_contain_text(words)
    page.wait_for_url(re.compile("frame=3"))
    expect(page.locator(".em .value")).to_have_text(f"{likelihood[1]:.3f}".replace("-", "−"))
    page.reload()
    settled(page)
    expect(step).to_contain_text("E-step 2")
    page.locator(".em .play").click()
    last = f"M-step {len(likelihood) - 1} of {len(likelihood) - 1}"
    expect(step).to_have_text(last, timeout=15_000)
    page.wait_for_url(lambda url: "frame" not in url)  # the last is as usual
    expect(page.locator(".em .value")).to_have_text(f"{likelihood[-1]:.3f}".replace("-", "−"))
    assert errors == []


def test_samples_are_of_the_mixture_that_is_shown(prepared: tuple[Server, Recording], window: Window) -> None:
    server, finding = prepared
    page = window(PHONE)
    errors = opened(server, page, f"k={K}")
    words = page.locator(".em .drawn")
    page.locator(".em .one").click()
    expect(words).to_contain_text("from p(x | z =")
    page.set_viewport_size(DESK)  # drawn anew, as after a rerun of the script: it says the same
    page.wait_for_timeout(300)
    expect(words).to_contain_text("from p(x | z =")
    expect(page.locator(".em .weights .lit")).to_have_count(1)
    page.locator(".em .clear").click()
    expect(page.locator(".em .weights .lit")).to_have_count(0)
    for _ in range(30):
        page.locator(".em .many").click()
    text = words.text_content() or ""
    fit = mixtures.Fit.read(finding, mixtures.part(K))
    counts = torch.tensor([int(n) for n in re.findall(r"(\d+) of z", text)]).double()
    expected = 3000 * fit.weights[-1]
    assert counts.sum() == 3000
    assert ((counts - expected).square() / expected).sum() < 18  # chi squared with 2 degrees of freedom: one in 8,000 is more
    model = GMM(GMMConfig(n_components=K), (2,))
    model.weights.copy_(fit.weights[-1])
    model.means.copy_(fit.means[-1])
    model.covariances.copy_(fit.covariances[-1])
    model.precisions_cholesky.copy_(model._whitener())
    rng = device.generator(torch.device("cpu"), 0, "tests")
    log_p = model.log_prob(model.sample(100_000, rng))
    mean = float(re.search(r"mean log p\(x\) is (−?[\d.]+)", text)[1].replace("−", "-"))  # type: ignore[index]
    assert abs(mean - float(log_p.mean())) < 4 * float(log_p.std()) / 3000**0.5
    assert errors == []
