"""7. Failures: twelve ways to go wrong; predict, run, reveal, and the setting that mends it."""

import streamlit as st

from genmodels.studies.failures import FailureFinding
from genmodels.studies.failures.cases import CASES
from genmodels.studies.failures.study import indicator_specs, run_specs
from genmodels.views import failures as drawing
from pages.parts import board, cards, heading, prose, state, view_controls, waiting
from pages.parts.session import session, set_widget, widget_value
from pages.parts.views.failures import View

PAGE = "failures"
CLAIM = (
    "A model fails in one of a few ways, and each shows in one number. Choose a patient, **predict** what will be seen, run it, "
    "and see which single setting mends it."
)


def choose() -> None:
    state.save_view(PAGE, case=widget_value(PAGE, "patient"), guess="", stage="predict", frame=99)


def predict() -> None:
    state.save_view(PAGE, guess=str(case.answers.index(widget_value(PAGE, "prediction"))))


def go_on(**values: str | int) -> None:
    state.save_view(PAGE, **values)


view = state.view(PAGE, View)
case = CASES[view.case]
heading.draw("Failures on demand", CLAIM)
if not state.presenting():
    st.pills(
        "Patient",
        list(CASES),
        format_func=lambda name: CASES[name].patient,
        key=set_widget(PAGE, "patient", view.case),
        required=True,
        on_change=choose,
        label_visibility="collapsed",
    )
if view.stage == "predict":
    question, settings = st.columns([2, 1], gap="medium")
    with question:
        st.header(f"{case.patient} {case.epithet}", anchor=False)
        prose.markdown(case.question)
        key = set_widget(PAGE, "prediction", case.answers[int(view.guess)] if view.guess else None)
        st.radio("Your prediction", case.answers, index=None, key=key, on_change=predict)
        st.button("Run it", key="run", disabled=not view.guess, on_click=go_on, kwargs={"stage": "run"})
        prose.caption("Predict first; then it runs." if not view.guess else "Two short trainings, from equal seeds.")
    with settings:
        prose.caption(drawing.settings_text(case))
    raise cards.End

runs = waiting.runs(run_specs(case, view.chance))
findings = [FailureFinding.read(recording) for recording in waiting.recordings(indicator_specs(case, view.chance))]
revealed = view.stage == "reveal"
words, pictures = st.columns([1, 2], gap="medium")
with pictures:
    stamp = f"{session().address.version}/{view.case}/{view.chance}"
    payload = drawing.scene(case, runs, findings, revealed, view.frame) | {"version": stamp}
    board.draw(payload, lambda frame: state.save_view(PAGE, frame=frame), lambda model: None)
with words:
    st.header(case.name if revealed else f"{case.patient} {case.epithet}", anchor=False)
    if view.guess:
        right = int(view.guess) == case.right_answer
        prose.markdown(f"You said: {case.answers[int(view.guess)]}. " + ("**You are right.**" if right else "**It is not so.**"))
    if not (revealed and state.presenting()):  # said one step before; on a projector the remedy must be in view
        prose.markdown(f"*{case.answers[case.right_answer]}.* {case.symptom}")
    measure, values = case.measure(), [finding.value for finding in findings[: 1 + revealed]]
    heading.settle(measure.title, measure.text(*values), measure.note)
    if revealed:
        prose.markdown(f"**Why.** {case.why}")
        prose.markdown(f"**What mends it.** {case.remedy}  \n{drawing.cure_text(case)}")
        names = list(CASES)
        following = names[(names.index(view.case) + 1) % len(names)]
        if not state.presenting():
            start = {"case": following, "guess": "", "stage": "predict", "frame": 99}
            st.button("Next patient", key="next", on_click=go_on, kwargs=start)
            view_controls.draw(PAGE, view, "chance")
    else:
        st.button("Reveal: why, and what mends it", key="reveal", on_click=go_on, kwargs={"stage": "reveal"})
        prose.caption(f"As set: {drawing.settings_text(case)}.")
