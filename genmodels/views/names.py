"""What specs are called where several are listed: equal names mean equal specs."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from genmodels.runs import RunSpec, Spec
from genmodels.runs.spec import described

NAMES = 512  # of runs that are kept: one takes a millisecond, for presets are validated


def names(specs: Sequence[Spec]) -> list[str]:
    """Return a name for each; specs of equal titles are named in full."""
    counts = Counter(spec.title for spec in specs)
    return [spec.full_title if counts[spec.title] > 1 else spec.title for spec in specs]


def inline(title: str) -> str:
    """Return a title within a sentence: a common word at its beginning loses its capital, a name or an abbreviation does not."""
    first = title.split(maxsplit=1)[0]
    return title if first == "Gaussian" or not (first[1:].isalpha() and first[1:].islower()) else title[0].lower() + title[1:]


@lru_cache(NAMES)
def unusual(spec: RunSpec) -> str:
    """Return what of a run is not as usual: budget, settings that differ from its preset, seed; "" if nothing is."""
    budget = spec.budget
    settings = described(spec.settings, spec.changed_from(budget))
    return ", ".join([*[budget] * (budget != "quick"), *settings, *[f"seed {spec.seed}"] * bool(spec.seed)])


@lru_cache(NAMES)
def distinctions(specs: tuple[RunSpec, ...]) -> list[str]:
    """Return, for each run of one model, in what it differs from the others: budget, settings, seed."""
    budgets, seeds, settings = ({spec.budget for spec in specs}, {spec.seed for spec in specs}, differing(specs))
    texts = []
    for spec in specs:
        values = {name: getattr(spec.settings, name) for name in settings}
        budget, seed = [spec.budget] * (len(budgets) > 1), [f"seed {spec.seed}"] * (len(seeds) > 1)
        texts.append(", ".join([*budget, *described(spec.settings, values), *seed]))
    return texts


def differing(specs: Sequence[RunSpec]) -> list[str]:
    """Return the settings in which runs of one model differ, without those that differ with the budget alone."""
    changed = {name for spec in specs for name in spec.changed}
    values = {name: {getattr(spec.settings, name) for spec in specs} for name in specs[0].settings.knobs()}
    return [name for name in values if name in changed and len(values[name]) > 1]
