"""The Recipe and its TOML."""

from pathlib import Path

import pytest

from glyphlab.errors import InputError
from glyphlab.models import names
from glyphlab.training.recipe import Recipe, default_recipe, load_recipe, parse_settings


def test_a_recipe_written_as_toml_is_read_back_the_same(tmp_path: Path) -> None:
    recipe = Recipe(epochs=3, dropout=0.25, schedule="step", nesterov=False, steps=77)
    (tmp_path / "recipe.toml").write_text(recipe.to_toml())
    assert load_recipe(tmp_path / "recipe.toml") == recipe
    assert load_recipe(f"{tmp_path}/recipe.toml") == recipe


@pytest.mark.parametrize("model", [*names(), "package.module:factory"])
def test_every_model_has_a_default_recipe(model: str) -> None:
    assert default_recipe(model).learning_rate > 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rat = 0.1", ["learning_rat is no key", "learning_rate"]),
        ("learning_rate = -0.1", ["learning_rate", "-0.1", "greater than 0"]),
        ("learning_rate = nan", ["learning_rate", "nan"]),
        ("learning_rate = inf", ["learning_rate", "inf"]),
        ('optimizer = "lion"', ["optimizer", "lion", "sgd"]),
        ("epochs = 0", ["epochs", "0"]),
        ("validation = 0.9", ["validation", "0.9", "0.5"]),
        ("validation = 0\nearly_stopping = 3", ["validation must be above 0"]),
        ('device = "tpu"', ["device", "tpu"]),
        ("epochs = = 3", ["no TOML"]),
        ("epochs = " + "9" * 5_000, ["no TOML"]),
        ("epochs = " + "[" * 3_000, ["no TOML", "too deeply"]),
        ("epochs" + ".a" * 3_000 + " = 1", ["no TOML", "too deeply"]),
    ],
)
def test_a_wrong_recipe_is_refused_by_name_of_the_key(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(text)
    with pytest.raises(InputError) as raised:
        load_recipe(file)
    message = str(raised.value)
    assert str(file) in message
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_missing_recipe_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        load_recipe(tmp_path / "nowhere.toml")


def test_settings_are_toml_values_or_text() -> None:
    words = ["epochs=3", "hidden=[300, 100]", "optimizer=sgd", "nesterov=false", "rate = 1e-3"]
    assert parse_settings(words) == {
        "epochs": 3,
        "hidden": [300, 100],
        "optimizer": "sgd",
        "nesterov": False,
        "rate": 1e-3,
    }


def test_a_setting_without_an_equals_sign_is_refused() -> None:
    with pytest.raises(InputError, match="epochs 3"):
        parse_settings(["epochs 3"])


def test_setting_epochs_makes_them_count_instead_of_steps() -> None:
    assert Recipe(steps=500).replace(epochs=7).steps is None
    assert Recipe(steps=500).replace(epochs=7, steps=9).steps == 9
    assert Recipe(steps=500).replace(seed=7).steps == 500
    assert Recipe(min_steps=500).replace(epochs=7).min_steps == 0
    assert Recipe(max_steps=500).replace(epochs=7).max_steps is None


@pytest.mark.parametrize(
    ("steps_per_epoch", "steps"), [(1, 40), (4, 40), (5, 50), (10, 90), (1000, 90)]
)
def test_a_training_takes_its_epochs_between_the_least_and_the_most_steps(
    steps_per_epoch: int, steps: int
) -> None:
    recipe = Recipe(epochs=10, min_steps=40, max_steps=90)
    assert recipe.total_steps(steps_per_epoch) == steps
    assert recipe.replace(steps=7).total_steps(steps_per_epoch) == 7


def test_a_least_above_the_most_is_refused() -> None:
    with pytest.raises(InputError, match="min_steps must not be above max_steps"):
        Recipe().replace(min_steps=20, max_steps=10)


def test_changing_a_recipe_validates_again() -> None:
    assert Recipe().replace(epochs=7).epochs == 7
    with pytest.raises(InputError, match="momentum"):
        Recipe().replace(momentum=1.5)
