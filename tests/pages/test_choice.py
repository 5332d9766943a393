"""The address holds the choice, and whatever is wrong in it costs that part alone, with a line that says so."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genmodels import datasets, models
from genmodels.config import BUDGETS, Budget, UserError
from genmodels.runs import MAX_SEED, RunSpec
from pages.parts.choice import LAST_FRAME, MAX_COLUMNS, MIN_COLUMNS, Choice


def test_the_usual_choice_has_an_empty_address() -> None:
    assert Choice().to_query() == {}
    assert Choice.from_query({}) == (Choice(), [])


@pytest.mark.parametrize("dataset", list(datasets.sources()))
@pytest.mark.parametrize("model", list(models.models()))
def test_every_knob_survives_the_way_through_the_address(dataset: str, model: str) -> None:
    partner = next(m for m in models.models() if m != model)
    for name, knob in models.model(model).Settings.knobs().items():
        try:
            choice = Choice(
                dataset=dataset, models=tuple(sorted((model, partner), key=list(models.models()).index)), seed=3, frame=5
            )
            choice = choice.with_settings(model, {name: knob.other_value()})
        except UserError:
            continue  # not allowed on this dataset
        back, notices = Choice.from_query(choice.to_query())
        assert notices == []
        assert back.spec(model).key == choice.spec(model).key
        assert (back.seed, back.frame, back.models) == (3, 5, choice.models)


def test_a_float_keeps_its_last_digit() -> None:
    choice = Choice().with_settings("gmm", {"reg_covar": 0.1 + 0.2})
    assert Choice.from_query(choice.to_query())[0].spec("gmm").key == choice.spec("gmm").key


HOSTILE = {
    "unknown dataset": ({"data": "imagenet"}, "dataset"),
    "path as dataset": ({"data": "../../etc/passwd"}, "dataset"),
    "script as dataset": ({"data": "<script>alert(1)</script>"}, "dataset"),
    "unknown budget": ({"budget": "endless"}, "endless"),
    "unknown model": ({"models": "vae,gan,transformer"}, "transformer"),
    "one model": ({"models": "vae"}, "2 to 4"),
    "no model": ({"models": ""}, "2 to 4"),
    "unknown knob": ({"vae.speed": "9"}, "speed"),
    "out of range": ({"vae.beta": "-3"}, "beta"),
    "not a number": ({"vae.beta": "nan"}, "beta"),
    "infinite": ({"gan.gamma": "inf"}, "gamma"),
    "words": ({"gmm.n_components": "many"}, "n_components"),
    "negative seed": ({"seed": "-1"}, "seed"),
    "huge seed": ({"seed": "9" * 400}, "seed"),
    "step past the end": ({"step": "99"}, "step"),
    "other digits": ({"step": "٣"}, "step"),
    "unknown parameter": ({"utm_source": "mail"}, "utm_source"),
    "model not compared": ({"autoencoder.steps": "10"}, "autoencoder"),
    "long value": ({"vae.steps": "1" * 100_000}, "steps"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_bad_part_of_the_address_is_named_and_the_rest_is_kept(name: str) -> None:
    query, word = HOSTILE[name]
    choice, notices = Choice.from_query({"nearest": "1"} | query)
    assert len(notices) == 1
    assert word in notices[0]
    assert "\n" not in notices[0]
    assert len(notices[0]) < 400
    assert choice.nearest
    for model in choice.models:
        assert choice.spec(model).key


def test_each_fault_of_an_address_has_its_words() -> None:
    query = {
        "data": "moons",
        "budget": "endless",
        "models": "gmm,vae,gpt",
        "seed": "x",
        "step": "99",
        "nearest": "yes",
        "auto": "0",
    }
    choice, notices = Choice.from_query({**query, "gan.gamma": "1", "vae.beta": "-3", "colour": "red", "vae.steps": "7"})
    assert choice == Choice(dataset="moons", models=("gmm", "vae"), changed={"vae": {"steps": 7}}, auto=False)
    assert notices[0].startswith("The link asks for no model named 'gpt': there are ")
    assert notices[1:-1] == [
        "The link's budget='endless' is none of quick, standard, thorough: taking quick.",
        "The link's seed='x' is not a whole number from 0 to 2147483647: taking 0.",
        "The link's step='99' is not a whole number from 0 to 23: taking 23.",
        "The link's nearest='yes' is not a whole number from 0 to 1: taking 0.",
        "The link's 'colour' means nothing here: left out.",
        "The link sets 'gan', which is not compared here: left out.",
    ]
    assert notices[-1].startswith("The link's vae.beta was left out. vae on moons: beta = '-3' is not allowed; give numbers from ")


def test_a_fifth_model_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    names = list(models.models())
    assert len(names) >= 4
    choice, _ = Choice.from_query({"models": ",".join([*names, *names])})
    assert len(choice.models) == min(4, len(names))


def test_one_wrong_setting_costs_that_setting_only() -> None:
    choice, notices = Choice.from_query({"vae.beta": "2", "vae.latent_dim": "0", "gan.gamma": "3"})
    assert choice.changed == {"vae": {"beta": 2.0}, "gan": {"gamma": 3.0}}
    assert len(notices) == 1


def test_another_dataset_brings_its_own_presets() -> None:
    choice = Choice().with_settings("vae", {"beta": 4.0}).with_dataset("ring")
    assert choice.spec("vae").key == RunSpec.make("ring", "vae").key


@pytest.mark.parametrize("budget", BUDGETS)
def test_the_budget_brings_its_presets_and_survives_the_way_through_the_address(budget: Budget) -> None:
    choice = Choice().with_budget(budget)
    assert choice.spec("vae").key == RunSpec.make("digits", "vae", budget=budget).key
    choice = choice.with_settings("vae", {"beta": 4.0})
    assert Choice.from_query(choice.to_query()) == (choice, [])
    assert choice.spec("vae").key == RunSpec.make("digits", "vae", {"beta": 4.0}, budget=budget).key


def test_a_change_of_budget_keeps_the_changed_settings_but_the_updates_which_are_the_budgets_own() -> None:
    choice = Choice().with_settings("vae", {"beta": 4.0, "steps": 7}).with_settings("gmm", {"n_components": 3})
    later = choice.with_budget("standard")
    assert later.changed == {"vae": {"beta": 4.0}, "gmm": {"n_components": 3}}
    assert later.with_budget("quick") == choice.with_settings("vae", {"beta": 4.0})


def test_settings_equal_to_the_preset_are_not_in_the_address() -> None:
    spec = RunSpec.make("ring", "vae")
    choice = Choice(dataset="ring").with_settings("vae", spec.settings.model_dump())
    assert choice.to_query() == {"data": "ring"}
    assert choice.models == models.OPENING
    assert choice.frame == LAST_FRAME


VAE = RunSpec.make("digits", "vae", {"beta": 0.1})


def pinned_runs() -> st.SearchStrategy[RunSpec]:
    """Runs on the digits with any seed, any budget and one hyperparameter that is not its default."""

    def run(model: str, budget: Budget, seed: int, which: int) -> RunSpec:
        knobs = list(models.model(model).Settings.knobs().values())
        knob = knobs[which % len(knobs)]
        try:
            return RunSpec.make("digits", model, {knob.name: knob.other_value()}, seed, budget)
        except UserError:  # not allowed together with the others
            return RunSpec.make("digits", model, None, seed, budget)

    models_, budgets = st.sampled_from(list(models.models())), st.sampled_from(list(BUDGETS))
    return st.builds(run, models_, budgets, st.integers(0, MAX_SEED), st.integers(0, 30))


@given(
    names=st.lists(st.sampled_from(list(models.models())), min_size=1, max_size=4, unique=True),
    runs=st.lists(pinned_runs(), max_size=3, unique_by=lambda run: run.key),
    budget=st.sampled_from(list(BUDGETS)),
)
def test_pinned_runs_survive_the_way_through_the_address_in_their_order(
    names: list[str], runs: list[RunSpec], budget: Budget
) -> None:
    assume(MIN_COLUMNS <= len(names) + len(runs) <= MAX_COLUMNS)
    choice = Choice(models=names[:1], pins=runs, budget=budget).with_models(names)
    assert Choice.from_query(choice.to_query()) == (choice, [])
    assert [run.key for run in choice.specs()] == list(dict.fromkeys(run.key for run in choice.specs()))
    assert set(choice.specs()) == {*runs, *(choice.spec(name) for name in names)}


def test_a_pinned_run_stays_as_the_knob_and_the_budget_move() -> None:
    choice = Choice(models=("gmm", "vae")).with_settings("vae", {"beta": 0.1})
    choice = choice.with_pin(choice.spec("vae"))
    assert [run.title for run in choice.specs()] == ["Gaussian mixture on Digits, seed 0", "VAE on Digits, β 0.1, seed 0"]
    choice = choice.with_settings("vae", {"beta": 10})
    assert [run.title for run in choice.specs()][1:] == ["VAE on Digits, β 10, seed 0", "VAE on Digits, β 0.1, seed 0"]
    assert choice.to_query() == {"models": "gmm,vae", "vae.beta": "10.0", "pin1": "vae", "pin1.beta": "0.1"}
    assert choice.with_budget("standard").pins == (VAE,)
    assert choice.without_pin(VAE).pins == choice.with_dataset("ring").pins == ()


def test_the_columns_are_two_to_four_with_one_model_at_least() -> None:
    runs = [RunSpec.make("digits", "vae", {"beta": beta}) for beta in (0.1, 1, 10)]
    choice = Choice().with_pin(runs[0])
    with pytest.raises(UserError, match="At most 4 columns"):
        choice.with_pin(runs[1])
    assert choice.with_pin(runs[0]) == choice
    alone = choice.with_models(["gan"])
    assert alone.with_pin(runs[1]).with_pin(runs[2]).pins == tuple(runs)
    with pytest.raises(UserError, match="2 to 4 models or pinned runs"):
        alone.without_pin(runs[0])
    with pytest.raises(UserError, match="needs a model"):
        choice.with_models([])
    with pytest.raises(UserError, match="This run is on Ring: choose that dataset first"):
        choice.with_pin(RunSpec.make("ring", "vae"))


def test_each_wrong_part_of_a_pinned_run_costs_that_part_and_one_notice() -> None:
    query = {"pin1": "vae", "pin1.beta": "-3", "pin1.k": "5", "pin1.seed": "x", "pin1.budget": "endless"}
    choice, notices = Choice.from_query({**query, "pin2": "<b>", "pin2.beta": "1", "pin3.beta": "1", "pin9": "vae"})
    assert choice.pins == (RunSpec.make("digits", "vae", {"k": 5}),)
    assert [line[:40] for line in notices] == [
        "The link's pin1.budget='endless' is none",
        "The link's pin1.seed='x' is not a whole ",
        "The link's pin1.beta was left out. vae o",
        "The link's pin2 was left out: no model n",
        "The link's 'pin9' means nothing here: le",
        "The link sets 'pin3', which is not compa",
    ]


def test_pins_of_a_link_that_are_too_many_or_twice_the_same_are_left_out() -> None:
    query = {"pin1": "vae", "pin1.beta": "0.1", "pin2": "vae", "pin2.beta": "0.10"}
    assert Choice.from_query(query) == (Choice(pins=(VAE,)), [])
    choice, notices = Choice.from_query({**query, "pin3": "vae", "pin3.beta": "9"})
    assert choice.pins == (VAE,)
    assert notices == ["A comparison shows at most 4 columns: 1 of the link's pinned runs left out."]


def test_a_run_comes_back_into_its_models_column_or_pinned_where_its_seed_is_another() -> None:
    choice = Choice(models=("gmm", "gan"))
    back = choice.with_run(VAE)
    assert (back.models, back.changed, back.pins) == (("gmm", "vae", "gan"), {"vae": {"beta": 0.1}}, ())
    assert back.with_settings("vae", {"beta": 9}).with_run(VAE) == back
    other = RunSpec.make("digits", "vae", seed=1)
    assert choice.with_run(other) == choice.with_pin(other)
    longer = RunSpec.make("digits", "vae", budget="standard")
    assert choice.with_run(longer).spec("vae") == longer
    with pytest.raises(UserError, match="At most 4 columns"):
        Choice(models=("gmm", "mfa", "autoencoder", "gan")).with_run(VAE)
    with pytest.raises(UserError, match="This run is on Ring"):
        choice.with_run(RunSpec.make("ring", "vae"))
