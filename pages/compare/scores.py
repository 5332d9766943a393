"""4. Scores: every measure of every model, between what other real examples and what noise read."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.studies.scores import reference
from genmodels.studies.scores import study as scores
from genmodels.studies.scores.finding import BinShares, NearestPairs, OverTraining, ReferenceScores, ScoreTable
from genmodels.views.scores import charts, pictures
from genmodels.views.scores.lines import ScoredRun
from genmodels.views.scores.spreadsheet import csv_text
from genmodels.views.scores.table import legend, table
from pages.parts import cards, controls, jobs, pinning, state, view_controls, waiting
from pages.parts.scores_style import framed
from pages.parts.session import session
from pages.parts.views.scores import View

TITLE = "Scores"


choice, own = state.compare("scores", View)
cards.notices(session().address.notices)
columns = own.columns(choice)
specs = [spec for column in columns for spec in column]
controls.draw(TITLE, [jobs.look(spec) for spec in specs], nearest=False)
pinning.note_left_out()
view_controls.draw("scores", own, "seeds", width=260)
try:
    source = datasets.load(choice.dataset, charts.CPU).source
except UserError as error:
    controls.unavailable(error)
faults = waiting.failures(specs)
floors = waiting.finding(reference.spec(choice.dataset))
studies = {spec.key: scores.spec(spec) for spec in specs}
unscored = waiting.failures([studies[spec.key] for spec in specs if spec.key not in faults])
waiting.draw([spec for spec in specs if spec.key in faults] + [study for study in studies.values() if study.key in unscored])
faults |= {spec.key: unscored[studies[spec.key].key] for spec in specs if studies[spec.key].key in unscored}
scored = [spec.key for spec in specs if spec.key not in faults]
recordings = dict(zip(scored, waiting.recordings([studies[key] for key in scored]), strict=True))
scored_runs = [
    [
        ScoredRun(spec, ScoreTable.read(recordings[spec.key]))
        if spec.key in recordings
        else ScoredRun(spec, None, faults[spec.key])
        for spec in column
    ]
    for column in columns
]
of_models = [(column[0].model, [recordings[spec.key] for spec in column if spec.key in recordings]) for column in columns]
sampled = [(model, runs[0]) for model, runs in of_models if runs and BinShares.written(runs[0])]  # pictures are of one seed
dark, ink = st.context.theme.type == "dark", "ink" if source.ink else ""

with cards.guard():
    brief = state.presenting()
    words, rows = legend(scored_runs), table(scored_runs, brief)
    st.html(framed(rows + words if brief else words + rows, dark))
    st.download_button("Download as CSV", csv_text(scored_runs), f"scores-{choice.dataset}.csv", "text/csv", on_click="ignore")
with cards.guard():
    st.subheader("What is missing, and what is overdone", anchor=False)
    bins = [(model, BinShares.read(recording)) for model, recording in sampled]
    if source.is_image:
        st.html(framed(pictures.bins_html(bins, ink), dark))
    else:
        st.html(framed(pictures.BINS_OF_POINTS, dark))
        for place, (model, finding), (_, recording) in zip(st.columns(max(2, len(bins))), bins, sampled, strict=False):
            figure = charts.regions(model, finding.regions)
            place.plotly_chart(figure, width="stretch", config=charts.STILL, alt=charts.alt(figure), key=f"bins-{recording.key}")
with cards.guard():
    if source.is_image:
        st.subheader("Nearest to the training set", anchor=False)
        nearest = [(model, NearestPairs.read(recording)) for model, recording in sampled]
        st.html(framed(pictures.nearest_html(nearest, ReferenceScores.read(floors).nearest, ink), dark))
with cards.guard():
    st.subheader("Over training", anchor=False)
    curves = [(model, [OverTraining.read(recording) for recording in runs]) for model, runs in of_models]
    st.html(framed(charts.legend(curves, own.seeds), dark))
    figures = [figure for name in charts.CURVES if (figure := charts.curve(name, curves, dark))]
    for place, figure in zip(st.columns(max(1, len(figures))), figures, strict=False):
        place.plotly_chart(figure, width="stretch", config=charts.STILL, alt=charts.alt(figure))
