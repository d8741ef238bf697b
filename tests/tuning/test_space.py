"""The default search space of each optimizer, and the user's own."""

import pytest
from tests.toys import bars

from glyphlab.errors import InputError
from glyphlab.models import names
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.tuning.ranges import Choices, Floats
from glyphlab.tuning.space import base_settings, choose_space, default_space, dropout_rates

NONE: frozenset[float] = frozenset()


@pytest.mark.parametrize("model", names())
def test_every_models_own_recipe_lies_in_its_default_space(model: str) -> None:
    base = default_recipe(model)
    rates = dropout_rates(model, bars(6), {})
    space = default_space(base, rates)
    settings = base_settings(base, space, rates)
    assert settings is not None
    for key, values in space.items():
        for end in values.ends:
            base.replace(**{key: end})
    tried = base.replace(**settings)
    assert tried.model_dump(exclude={"dropout"}) == base.model_dump(exclude={"dropout"})


def test_the_space_of_an_adaptive_optimizer() -> None:
    base = Recipe(optimizer="adamw", learning_rate=0.002, weight_decay=0.05, rotation=8, weight=0.6)
    space = default_space(base, frozenset({0.5}))
    assert space == {
        "learning_rate": Floats(0.0002, 0.02, log=True),
        "weight_decay": Floats(0.005, 0.5, log=True),
        "schedule": Choices(("cosine", "onecycle")),
        "average": Choices((0.0, 0.98, 0.995)),
        "label_smoothing": Floats(0.0, 0.2),
        "dropout": Floats(0.0, 0.6),
        "rotation": Floats(0.0, 16.0),
        "weight": Floats(0.0, 0.95),
    }


def test_sgd_has_its_momentum_searched_and_no_rates_far_above_its_own() -> None:
    space = default_space(Recipe(optimizer="sgd", learning_rate=0.6, momentum=0.9), NONE)
    assert space["learning_rate"] == Floats(0.06, 1.8, log=True)
    assert space["momentum"] == Floats(0.8, 0.97)
    assert space["weight_decay"] == Floats(0.0, 1e-3)


def test_another_loss_has_no_label_smoothing_and_a_model_without_dropout_no_dropout() -> None:
    space = default_space(Recipe(loss="generalised_cross_entropy"), NONE)
    assert not space.keys() & {"label_smoothing", "dropout"}


def test_a_recipe_of_other_words_is_in_its_space_too() -> None:
    base = Recipe(schedule="constant", average=0.9, momentum=0.5, optimizer="sgd")
    space = default_space(base, NONE)
    assert space["schedule"] == Choices(("cosine", "onecycle", "constant"))
    assert base_settings(base, space, NONE) is not None


def test_what_is_fixed_is_not_searched() -> None:
    base = Recipe(rotation=5, shift=1)
    space = choose_space(base, {}, {"rotation": 5, "schedule": "cosine"}, NONE)
    assert "shift" in space
    assert not space.keys() & {"rotation", "schedule"}


def test_the_users_own_keys_are_the_only_ones() -> None:
    space = choose_space(Recipe(), {"batch_size": "64,128"}, {"epochs": 3}, NONE)
    assert space == {"batch_size": Choices((64, 128))}


@pytest.mark.parametrize(
    ("search", "fixed", "said"),
    [
        ({"seed": "0..9"}, {}, "seed can't be searched"),
        ({"validation": "0.1..0.2"}, {}, "validation can't be searched"),
        ({"device": "cpu,cuda"}, {}, "device can't be searched"),
        ({"epochs": "3..9"}, {"epochs": 3}, "both set and searched"),
        ({"learning_rate": "-1..1"}, {}, "learning_rate = -1.0 can't be"),
        ({"label_smoothing": "0..1"}, {}, "label_smoothing = 1.0 can't be"),
        ({"schedule": "cosine,lunar"}, {}, "schedule = 'lunar' can't be"),
        ({"batch_size": "64,many"}, {}, "batch_size = 'many' can't be"),
        ({"dropout": "0..0.5"}, {}, "no dropout layer"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    search: dict[str, str], fixed: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        choose_space(Recipe(), search, fixed, NONE)
    assert said in str(refused.value)


def test_a_space_without_keys_is_refused() -> None:
    every = default_space(Recipe(), NONE)
    with pytest.raises(InputError, match="nothing is left to search"):
        choose_space(Recipe(), {}, dict.fromkeys(every), NONE)


def test_a_recipe_outside_the_space_is_not_its_first_trial() -> None:
    space = {"learning_rate": Floats(0.1, 1.0)}
    assert base_settings(Recipe(learning_rate=0.001), space, NONE) is None


def test_the_models_own_dropout_stands_for_a_recipe_without() -> None:
    rates = dropout_rates("lenet5", bars(6), {"dropout": 0.25})
    assert rates == {0.25}
    assert dropout_rates("logistic", bars(6), {}) == set()
    space = {"dropout": Floats(0.0, 0.6)}
    assert base_settings(Recipe(), space, rates) == {"dropout": 0.25}
    assert base_settings(Recipe(dropout=0.5), space, rates) == {"dropout": 0.5}
    assert base_settings(Recipe(), space, frozenset({0.1, 0.2})) is None
