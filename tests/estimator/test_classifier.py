"""ImageClassifier among scikit-learn's tools."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.toys import bars

import glyphlab
from glyphlab import ImageClassifier, InputError, Recipe, Run
from glyphlab.estimator import classifier as classifier_module

QUICK = {"batch_size": 32, "learning_rate": 3e-3, "rotation": 0.0, "shear": 0.0, "weight": 0.0}
X, Y = bars(90).images, np.array(["top", "middle", "bottom"])[bars(90).labels]
UNSEEN, TRUTH = bars(60, seed=5).images, Y[:60]


def quick(model: str = "logistic", **params: Any) -> ImageClassifier:
    return ImageClassifier(model, **{"epochs": 8, "recipe": QUICK} | params)


def same(first: ImageClassifier, second: ImageClassifier) -> bool:
    return np.array_equal(first.predict_proba(UNSEEN), second.predict_proba(UNSEEN))


@pytest.fixture(scope="module")
def fitted() -> ImageClassifier:
    return quick().fit(X, Y)


def test_it_learns_what_can_be_learned_and_knows_what_it_learned(fitted: ImageClassifier) -> None:
    assert fitted.predict(UNSEEN).tolist() == TRUTH.tolist()
    assert fitted.score(UNSEEN, TRUTH) == 1.0
    assert fitted.classes_.tolist() == ["bottom", "middle", "top"]
    assert (fitted.n_features_in_, fitted.image_shape_) == (784, (28, 28, 1))
    assert [entry["epoch"] for entry in fitted.history_] == list(range(1, 9))
    assert fitted.n_iter_ == 8
    assert isinstance(fitted.classifier_, glyphlab.Classifier)
    assert fitted.module_ is fitted.classifier_.module


def test_it_trains_as_fit_does_with_the_same_recipe(
    fitted: ImageClassifier, tmp_path: Path
) -> None:
    recipe = glyphlab.default_recipe("logistic").replace(epochs=8, validation=0, **QUICK)
    labels = np.searchsorted(fitted.classes_, Y)
    dataset = glyphlab.Dataset(X, labels, [str(i) for i in range(90)], ["bottom", "middle", "top"])
    run = glyphlab.fit("logistic", dataset, recipe, out=tmp_path / "run")
    ours = fitted.predict_proba(UNSEEN)
    assert np.allclose(run.classifier.probabilities(UNSEEN), ours, rtol=1e-5)
    assert all(map(torch.equal, run.classifier.module.parameters(), fitted.module_.parameters()))


def test_rows_images_and_images_with_channels_are_the_same(fitted: ImageClassifier) -> None:
    for given in (X.reshape(90, 784), X[:, :, :, 0], X.tolist(), X.astype(np.float32)):
        assert same(quick().fit(given, Y), fitted)
    expected = fitted.predict_proba(UNSEEN)
    assert np.array_equal(fitted.predict_proba(UNSEEN.reshape(60, 784)), expected)
    assert np.array_equal(quick().fit(X / 255, Y).predict_proba(UNSEEN / 255), expected)


def test_images_of_colour_and_of_any_size_are_learned() -> None:
    colour = np.repeat(bars(60, size=32).images, 3, axis=3)[:, :, :30]
    model = quick("lenet5", epochs=2).fit(colour, Y[:60])
    assert model.image_shape_ == model.classifier_.image_shape == (32, 30, 3)
    flat = quick("lenet5", epochs=2, image_shape=(32, 30, 3)).fit(colour.reshape(60, -1), Y[:60])
    assert np.array_equal(flat.predict_proba(colour.reshape(60, -1)), model.predict_proba(colour))


def test_probabilities_are_the_softmax_of_the_decision_function(fitted: ImageClassifier) -> None:
    logits = fitted.decision_function(UNSEEN).astype(np.float64)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(fitted.predict_proba(UNSEEN), expected, atol=1e-6)


@pytest.mark.parametrize("model", ["lenet5-classic", "glyphnet-small"])
def test_what_is_said_of_an_image_does_not_depend_on_those_beside_it(model: str) -> None:
    fitted, images = quick(model, epochs=1).fit(X, Y), bars(70, seed=5).images
    together = fitted.decision_function(images)
    for some in (slice(0, 1), slice(3, 34), slice(None, None, -1)):
        assert np.array_equal(fitted.decision_function(images[some]), together[some])


def test_of_two_classes_the_decision_is_how_far_the_second_is_before_the_first() -> None:
    two = Y != "middle"
    model = quick(epochs=3).fit(X[two], Y[two])
    decision, probabilities = model.decision_function(UNSEEN), model.predict_proba(UNSEEN)
    assert decision.shape == (60,)
    assert np.allclose(decision, np.log(probabilities[:, 1] / probabilities[:, 0]), atol=1e-4)


@pytest.mark.parametrize(
    "names", [[10, -3, 7], [True, False], [2.0, 1.0, 0.0], np.array(["b", "a"], object)]
)
def test_labels_of_any_type_come_back_as_they_were(names: Any) -> None:
    names = np.asarray(names)
    y = names[np.arange(60) % len(names)]
    model = quick().fit(bars(60, len(names)).images, y)
    predicted = model.predict(bars(60, len(names), seed=5).images)
    assert predicted.dtype == names.dtype
    assert predicted.tolist() == y.tolist()


def test_the_same_random_state_gives_the_same_and_another_something_else() -> None:
    first = quick("mlp", epochs=2, random_state=3).fit(X, Y)
    assert same(quick("mlp", epochs=2, random_state=3).fit(X, Y), first)
    assert same(first.fit(X, Y), quick("mlp", epochs=2, recipe=QUICK | {"seed": 3}).fit(X, Y))
    assert not same(quick("mlp", epochs=2, random_state=4).fit(X, Y), first)


def test_without_a_random_state_a_fit_repeats_and_a_generator_gives_another_each_time() -> None:
    assert same(quick(epochs=1).fit(X, Y), quick(epochs=1).fit(X, Y))
    generator = np.random.RandomState(0)
    drawing = quick(epochs=1, random_state=generator)
    first = drawing.fit(X, Y).predict_proba(UNSEEN)
    assert not np.array_equal(drawing.fit(X, Y).predict_proba(UNSEEN), first)


def test_fits_in_threads_of_one_process_are_as_alone(fitted: ImageClassifier) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: quick().fit(X, Y), range(2)))
    assert all(same(model, fitted) for model in both)


def test_every_image_is_learned_from_unless_the_recipe_asks_to_hold_some_out(
    tmp_path: Path,
) -> None:
    def held_out(recipe: Any) -> int:
        model = ImageClassifier("logistic", epochs=1, recipe=recipe, run_dir=tmp_path).fit(X, Y)
        return Run(model.run_path_).info.n_validation

    assert held_out(None) == held_out(QUICK) == 0
    assert held_out({"validation": 0.2}) == 18
    assert held_out({"early_stopping": 3}) == held_out({"schedule": "plateau"}) == 9
    assert held_out(Recipe()) == 9


def test_early_stopping_shows_in_the_number_of_epochs() -> None:
    stopping = quick(epochs=50, recipe=QUICK | {"early_stopping": 2}).fit(X, Y)
    assert stopping.n_iter_ == len(stopping.history_) < 50


def test_cross_validation_scores_each_fold() -> None:
    scores = cross_val_score(quick(epochs=10), X, Y, cv=3)
    assert scores.shape == (3,)
    assert scores.min() > 0.9


def test_a_grid_searches_arguments_and_keys_of_the_recipe() -> None:
    grid = {
        "arguments__hidden": [[8]],
        "recipe__learning_rate": [1e-9, 1e-2],
        "epochs": np.array([15]),
    }
    search = GridSearchCV(quick("mlp"), grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_["recipe__learning_rate"] == 1e-2
    assert search.best_score_ > 0.8
    best = search.best_estimator_
    assert best.recipe == QUICK | {"learning_rate": 1e-2}
    assert [layer.out_features for layer in best.module_.modules() if hasattr(layer, "weight")] == [
        8,
        3,
    ]


def test_in_a_pipeline_standardised_features_are_learned_and_found_by_name() -> None:
    rows = X.reshape(90, 784).astype(np.float64) * np.linspace(1, 50, 784)
    pipeline = make_pipeline(StandardScaler(), quick(epochs=12))
    assert cross_val_score(pipeline, rows, Y, cv=3).min() > 0.9
    pipeline.set_params(imageclassifier__recipe__learning_rate=0.5)
    assert pipeline[-1].recipe == QUICK | {"learning_rate": 0.5}


def test_a_frame_gives_its_names_and_is_held_to_them() -> None:
    frame = pd.DataFrame(X.reshape(90, 784)).add_prefix("pixel")
    model = quick(epochs=1).fit(frame, Y)
    assert model.feature_names_in_[-1] == "pixel783"
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.add_suffix("!"))


def test_keys_of_a_dict_or_a_recipe_are_parameters_and_what_was_given_stays() -> None:
    given = {"dropout": 0.1}
    model = ImageClassifier("mlp", arguments=given, recipe=Recipe(seed=4))
    assert model.get_params()["arguments__dropout"] == 0.1
    assert model.get_params()["recipe__seed"] == 4
    assert "recipe__seed" not in model.get_params(deep=False)
    model.set_params(arguments__hidden=[9], recipe__seed=np.int64(5), epochs=2)
    assert given == {"dropout": 0.1}
    assert model.arguments == {"dropout": 0.1, "hidden": [9]}
    assert (model.recipe, model.epochs) == (Recipe(seed=5), 2)
    assert clone(model).get_params() == model.get_params()
    assert ImageClassifier().set_params(recipe__epochs=3).recipe == {"epochs": 3}


def test_nothing_is_printed_or_left_unless_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    model = quick(epochs=1).fit(X, Y)
    assert model.run_path_ is None
    assert list(tmp_path.iterdir()) == []
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_a_line_an_epoch_is_printed_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    quick(epochs=2, verbose=True).fit(X, Y)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Epoch 1 of 2: loss ")
    assert second.startswith("Epoch 2 of 2: loss ")


def test_each_fit_leaves_a_run_of_its_own_where_asked_for(tmp_path: Path) -> None:
    model = quick(epochs=1, run_dir=tmp_path / "runs")
    paths = [Path(model.fit(X, Y).run_path_).name for _ in range(2)]
    assert paths == ["logistic-1", "logistic-2"]
    run = Run(model.run_path_)
    assert run.info.finished
    assert np.array_equal(run.classifier.logits(UNSEEN), model.classifier_.logits(UNSEEN))


def test_ctrl_c_ends_a_search_not_only_a_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    fits, fit = [], classifier_module.fit

    def interrupted(*args: Any, **options: Any) -> Run:
        fits.append(args)
        return fit(*args, **options | {"report": lambda _: signal.raise_signal(signal.SIGINT)})

    monkeypatch.setattr(classifier_module, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cross_val_score(quick(), X, Y, cv=3)
    assert len(fits) == 1


def test_what_is_not_fitted_says_so() -> None:
    with pytest.raises(NotFittedError):
        quick().predict_proba(UNSEEN)
    assert not hasattr(quick(), "module_")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"model": "lenet6"}, "There is no model 'lenet6'"),
        ({"model": 5}, "model = 5 is no name"),
        ({"arguments": {"hiden": [3]}}, "takes no argument 'hiden'"),
        ({"arguments": 3}, "arguments = 3 can't be; give a dict"),
        ({"recipe": "my.toml"}, "recipe = 'my.toml' can't be; give a dict"),
        ({"recipe": {"rate": 3}}, "rate is no key of a Recipe"),
        ({"epochs": 0}, "epochs = 0 can't be"),
        ({"random_state": -1}, "seed = -1 can't be"),
        ({"image_shape": (28, 29)}, "image_shape says 28×29×1, but X has images of 28×28×1"),
        ({"run_dir": os.devnull}, "choose another run_dir"),
    ],
)
def test_a_wrong_parameter_is_told_in_a_sentence(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        quick(**params).fit(X, Y)


def test_images_of_one_class_or_of_another_shape_are_refused(fitted: ImageClassifier) -> None:
    with pytest.raises(InputError, match="y has one class only, top; give"):
        quick().fit(X, np.full(90, "top"))
    with pytest.raises(InputError, match="X has images of 14×56×1, but ImageClassifier was fitted"):
        fitted.predict(UNSEEN.reshape(60, 14, 56))
