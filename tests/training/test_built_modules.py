"""A training of a module that `build` made is read again by name, with the module's arguments."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.toys import bars
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.models.conv_pool import ConvPool
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import INFO, WEIGHTS, Run

SHAPE = (28, 28, 1)
QUICK = Recipe(steps=4, batch_size=32, learning_rate=1e-3, device="cpu", precision="float32")
IMAGES = bars(30, seed=9).images
BUILT: list[tuple[str, dict[str, Any]]] = [
    ("logistic", {}),
    ("mlp", {"hidden": (20, 10), "activation": "tanh", "dropout": 0.25}),
    ("conv2", {"maps": 4}),
    ("conv-pool", {"pooling": "mean"}),
    ("lenet5", {"dropout": 0.5}),
    ("lenet5-classic", {}),
    ("glyphnet-small", {"width": 8, "views": 1}),
    ("glyphnet", {"width": 8, "views": 9}),
]


@pytest.mark.parametrize(("model", "arguments"), BUILT)
def test_its_files_alone_say_what_the_module_says(
    model: str, arguments: dict[str, Any], tmp_path: Path
) -> None:
    module = build(model, SHAPE, 3, **arguments)
    run = fit(module, bars(90), QUICK, out=tmp_path / "run")
    told = json.loads((tmp_path / "run" / INFO).read_text("utf-8"))
    assert (told["model"], told["arguments"]) == (model, json.loads(json.dumps(arguments)))
    assert run.classifier.module is module
    ours = run.classifier.logits(IMAGES)
    for again in (Run(run.path).classifier, Classifier.load(run.path / WEIGHTS)):
        assert again.module is not module
        np.testing.assert_allclose(again.logits(IMAGES), ours, atol=1e-5)


def test_it_is_the_run_that_name_and_arguments_give(tmp_path: Path) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(QUICK.seed)
        module = build("conv-pool", SHAPE, 3, pooling="mean")
    by_module = fit(module, bars(90), QUICK, out=tmp_path / "a")
    words = {"pooling": "mean"}
    by_name = fit("conv-pool", bars(90), QUICK, arguments=words, out=tmp_path / "b")
    a, b = (load_file(run.path / WEIGHTS) for run in (by_module, by_name))
    assert all(torch.equal(a[key], b[key]) for key in a.keys() | b.keys())
    assert by_module.info.arguments == by_name.info.arguments
    assert by_module.recipe == by_name.recipe


def test_it_is_gone_on_with_by_the_module_or_by_its_name(tmp_path: Path) -> None:
    words = {"hidden": (20, 10)}
    module = build("mlp", SHAPE, 3, **words)
    done = fit(module, bars(90), QUICK, out=tmp_path / "run")
    built = build("mlp", SHAPE, 3, **words)
    assert fit(built, bars(90), QUICK, out=done.path, resume=True).info == done.info
    by_name = fit("mlp", bars(90), QUICK, arguments=words, out=done.path, resume=True)
    assert by_name.info == done.info
    other = build("mlp", SHAPE, 3, hidden=(20, 11))
    with pytest.raises(InputError, match="another arguments"):
        fit(other, bars(90), QUICK, out=done.path, resume=True)


def test_its_recipe_is_the_models_own(tmp_path: Path) -> None:
    recipe = default_recipe("logistic").replace(steps=2)
    assert default_recipe("logistic") != default_recipe("torch.nn:Linear")
    module = build("logistic", SHAPE, 3)
    run = fit(module, bars(90), out=tmp_path / "run")
    assert run.recipe.replace(steps=2) == recipe


def test_a_module_of_the_users_own_stays_one(tmp_path: Path) -> None:
    own = nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 3))
    run = fit(own, bars(90), QUICK, out=tmp_path / "run")
    assert (run.info.model, run.info.arguments) == ("torch.nn.modules.container:Sequential", {})
    with pytest.raises(InputError, match=r"no name that glyphlab builds a model by.*module="):
        _ = Run(run.path).classifier
    again = Run(run.path, own).classifier
    assert np.array_equal(again.logits(IMAGES), run.classifier.logits(IMAGES))


def other_pooling() -> nn.Module:
    module = build("conv-pool", SHAPE, 3)
    module.pool = nn.AvgPool2d(2)
    return module


@pytest.mark.parametrize(
    "make", [other_pooling, lambda: ConvPool(SHAPE, 3, pooling="mean")], ids=["changed", "direct"]
)
def test_what_no_name_builds_again_is_not_taken_for_what_one_does(
    make: Any, tmp_path: Path
) -> None:
    run = fit(make(), bars(90), QUICK, out=tmp_path / "run")
    assert (run.info.model, run.info.arguments) == ("glyphlab.models.conv_pool:ConvPool", {})
    with pytest.raises(InputError, match="build the module yourself and pass it as module="):
        Classifier.load(run.path / WEIGHTS)
    again = Classifier.load(run.path / WEIGHTS, make())
    np.testing.assert_allclose(again.logits(IMAGES), run.classifier.logits(IMAGES), atol=1e-5)
