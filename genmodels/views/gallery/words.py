"""The plane's sentences: whether error predicts realism, what breaks the rule most, and how all was measured."""

from genmodels.studies.gallery.finding import Plane
from genmodels.studies.gallery.sources import Source
from genmodels.views.gallery.axes import heights, realism_text, signed

WEAK = 0.3  # a rank correlation nearer to zero than this says little


def sentence(plane: Plane, error: str, realism: str) -> str:
    """Return what the numbers say of the lecture's claim: does the models' error predict their realism, and what breaks it most."""
    of_models = plane.correlation(error, realism).models
    models, rho, breach = plane.correlated(), of_models.rho, _breach(plane, error, realism)
    if rho is None:
        why = "no model here but what rebuilds anything" if not models else "error or realism is the same for all that models made"
        return f"There is no correlation to speak of: {why}.{breach}"
    over = f"rank correlation of error and realism over what models made, {plane.n * len(models):,} pictures"
    interval = f"{signed(of_models.low)} to {signed(of_models.high)}"
    return f"**ρ = {signed(rho)} ({interval})**: {over}. Here {_verdict(rho)}.{_invertible(plane)}{breach}"


def _verdict(rho: float) -> str:
    if abs(rho) < WEAK:
        return "error hardly tells realism"
    if rho < 0:
        return "what is nearer mostly looks more real, but not always" if rho > -0.8 else "what is nearer looks more real"
    return "what is nearer looks *less* real"


def _invertible(plane: Plane) -> str:
    titles = [source.title.partition(",")[0] for source in plane.sources if source.code == "invertible"]
    return f" *{', '.join(titles)}* takes no part: it inverts its own map, so it rebuilds anything, noise too." if titles else ""


def _breach(plane: Plane, error: str, realism: str) -> str:
    """Return the pair of sources that breaks the rule most, one nearer to the original and yet less real; models go first."""
    e, raw = plane.table[error].double().mean(1), plane.table[realism].double()
    y = heights(raw, realism).median(1).values
    sources, models = plane.sources, plane.correlated()
    edits = [i for i, source in enumerate(sources) if source.kind == "edit"]
    pairs = [
        (float((y[b] - y[a]) * (e[b] - e[a])), a, b)
        for rows in (models, edits)
        for a in rows
        for b in rows
        if e[a] < e[b] and y[a] < y[b] and (rows is edits or comparable(sources[a], sources[b]))
    ]
    pairs = [pair for pair in pairs if pair[1] in models] or pairs  # edits were chosen by hand
    if not pairs:
        return ""
    _, a, b = max(pairs)
    errors = [f"{float(e[i]):.2f}" for i in (a, b)]
    realisms = [realism_text(float(raw.median(1).values[i]), realism) for i in (a, b)]
    return (
        f" *{sources[a].title}* is nearer to the original than *{sources[b].title}* (error {errors[0]} against {errors[1]}) and "
        f"looks less real ({realisms[0]} against {realisms[1]})."
    )


def comparable(a: Source, b: Source) -> bool:
    """Return whether two models' sources compare: both by a search for the code, or neither."""
    return (a.code == "searched") == (b.code == "searched")


def rho_text(rho: float | None) -> str:
    """Return a rank correlation as text, a dash where there is none."""
    return "—" if rho is None else signed(rho)


def realism_words(value: float, realism: str) -> str:
    """Return the realism of one picture in words."""
    text = realism_text(value, realism)
    if realism == "judge":
        return f"the judge gives it {text} to be real"
    return f"realism score {text}" if realism == "neighbours" else f"D says {text}, real pictures 0 on average"


def correlation_words(plane: Plane, error: str, realism: str) -> str:
    """Return what the rank correlations were measured on, and the one over edits too."""
    chance = f"the {plane.n} test pictures" + (" and the judges" if realism == "judge" else "")
    pooled = f"over all {plane.n * len(plane.sources):,} dots, edits chosen by hand among them"
    return (
        f"ρ is Spearman's; {pooled}, {rho_text(plane.correlation(error, realism).all)}; the models' 95 % interval by resampling "
        f"{chance}; in the list that of each source by itself."
    )


def method_words(plane: Plane, error: str, realism: str) -> str:
    """Return how everything was measured, and how each model rebuilds."""
    how = "; ".join(f"{source.title}: {source.how}" for source in plane.sources if source.kind == "model")
    codes = "Encoded: with the code that an encoder reads off; searched (outlined): with that of the nearest picture found."
    lines = "Shaded: as real as three in four real pictures. Dashed line: half the error of the training mean."
    return f"{_realism_words(plane, realism)} {correlation_words(plane, error, realism)} {codes} {lines} {how}."


def _realism_words(plane: Plane, realism: str) -> str:
    """Return how the realism was measured."""
    if realism == "judge":
        return (
            "Realism: the chance, to small nets, that of this and a typical real picture this is the real one: one half is as "
            "real as real pictures are. They learnt training pictures from what models here make and from random damage, all moved "
            f"by up to 2 px; each from a third of {plane.n_judged} test pictures as models rebuild them, and judges the others."
        )
    if realism == "neighbours":
        return (
            f"Realism: the score of Kynkäänniemi 2019 against {plane.n_reference:,} training pictures, k = 3, in the "
            f"{plane.features}; a copy of one of them leaves that one out."
        )
    return f"Realism: {plane.measures[realism].label}, partial to itself: it was trained against one of these models alone."
