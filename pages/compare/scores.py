"""4. Scores: every measure of every model, between what other real examples and what noise read."""

import streamlit as st

from genmodels import datasets
from genmodels.config import Config, UserError, knob
from genmodels.runs import MAX_SEED
from genmodels.studies.scores import reference
from genmodels.studies.scores import study as scores
from genmodels.views import score_charts as charts
from genmodels.views import scores as view
from pages.parts import cards, controls, jobs, state, view_controls, waiting
from pages.parts.scores_style import framed
from pages.parts.session import session

TITLE = "Scores"


class View(Config):
    """The page's own controls."""

    seeds: int = knob(1, "Trainings of each model, with this seed and the following ones: how much is chance?", ge=1, le=5)


choice, own = state.compare("scores", View)
cards.notices(session().address.notices)
seeds = [min(choice.seed, MAX_SEED - own.seeds + 1) + i for i in range(own.seeds)]
specs = [[choice.with_values(seed=seed).spec(model) for seed in seeds] for model in choice.models]
every = [spec for of_model in specs for spec in of_model]
controls.draw(TITLE, [jobs.look(spec) for spec in every], nearest=False)
view_controls.draw("scores", own, "seeds", width=260)
try:
    source = datasets.load(choice.dataset, charts.CPU).source
except UserError as error:
    controls.unavailable(error)
faults = waiting.settled(every)
between = waiting.finding(reference.spec(choice.dataset))
score = {spec.key: scores.spec(spec) for spec in every}
unscored = waiting.settled([score[spec.key] for spec in every if spec.key not in faults])
waiting.again([spec for spec in every if spec.key in faults] + [work for work in score.values() if work.key in unscored])
faults |= {spec.key: unscored[score[spec.key].key] for spec in every if score[spec.key].key in unscored}
whole = [spec.key for spec in every if spec.key not in faults]
finding = dict(zip(whole, waiting.findings([score[key] for key in whole]), strict=True))
findings = [[finding[spec.key] for spec in of_model if spec.key in finding] for of_model in specs]
sheets = [
    [finding[one.key].json("scores.json") if one.key in finding else view.absent(one, faults[one.key]) for one in of_model]
    for of_model in specs
]
first = [of_model[0] for of_model in findings if of_model]  # pictures are of the first seed that has scores
sampled = [finding for finding in first if finding.has("bins.json")]
dark, ink = st.context.theme.type == "dark", "ink" if source.ink else ""

with cards.guard():
    st.html(framed(view.legend(sheets) + view.table(sheets), dark))
    st.download_button("Download as CSV", view.csv_text(sheets), f"scores-{choice.dataset}.csv", "text/csv", on_click="ignore")
with cards.guard():
    st.subheader("What is missing, and what is overdone", anchor=False)
    if source.is_image:
        st.html(framed(view.bins_html(sampled, ink), dark))
    else:
        st.html(framed(view.BINS_OF_POINTS, dark))
        for place, finding in zip(st.columns(max(2, len(sampled))), sampled, strict=False):
            figure = charts.bins(finding)
            place.plotly_chart(figure, width="stretch", config=charts.STILL, alt=charts.alt(figure), key=f"bins-{finding.key}")
with cards.guard():
    if source.is_image:
        st.subheader("Nearest to the training set", anchor=False)
        st.html(framed(view.nearest_html(sampled, between, ink), dark))
with cards.guard():
    st.subheader("Over training", anchor=False)
    told = [
        (spec[0].model, [f.json("over_training.json") for f in of_model]) for spec, of_model in zip(specs, findings, strict=True)
    ]
    st.html(framed(view.curves_legend(told, own.seeds), dark))
    shown = [figure for name in charts.CURVES if (figure := charts.curve(name, told, dark))]
    for place, figure in zip(st.columns(max(1, len(shown))), shown, strict=False):
        place.plotly_chart(figure, width="stretch", config=charts.STILL, alt=charts.alt(figure))
