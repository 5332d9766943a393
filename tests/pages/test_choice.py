"""The address holds the choice, and whatever is wrong in it costs that part alone, with a line that says so."""

import pytest

from genmodels import datasets, models
from genmodels.config import BUDGETS, Budget, UserError
from genmodels.runs import RunSpec
from pages.parts.choice import LAST_FRAME, Choice


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
    choice = Choice().with_settings("vae", {"beta": 4.0}).with_budget(budget)
    assert choice.spec("vae").key == RunSpec.make("digits", "vae", budget=budget).key
    choice = choice.with_settings("vae", {"beta": 4.0})
    assert Choice.from_query(choice.to_query()) == (choice, [])
    assert choice.spec("vae").key == RunSpec.make("digits", "vae", {"beta": 4.0}, budget=budget).key


def test_settings_equal_to_the_preset_are_not_in_the_address() -> None:
    spec = RunSpec.make("ring", "vae")
    choice = Choice(dataset="ring").with_settings("vae", spec.settings.model_dump())
    assert choice.to_query() == {"data": "ring"}
    assert choice.models == models.OPENING
    assert choice.frame == LAST_FRAME
