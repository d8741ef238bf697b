"""What a pickled ImageClassifier holds, and that it comes back whole."""

import copy
import io
import pickle
import pickletools
import sys
from pathlib import Path
from types import ModuleType

import joblib
import numpy as np
import pytest
from tests.toys import bars
from torch import nn

from glyphlab import ImageClassifier, Recipe
from glyphlab.models import ladder

X, Y = bars(30).images.reshape(30, 784).astype(np.float64), np.array(["a", "b", "c"] * 10)
IMPORTED = {
    "glyphlab.estimator.classifier ImageClassifier",
    "numpy dtype",
    "numpy ndarray",
    "numpy._core.multiarray _reconstruct",
    "numpy._core.multiarray scalar",
    "numpy._core.numeric _frombuffer",
}


def imported_by(pickled: bytes) -> set[str]:
    """Every name that unpickling would import."""
    strings: list[str] = []
    found = set()
    memo: dict[int, str] = {}
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name == "GLOBAL":
            found.add(str(argument))
        elif opcode.name == "STACK_GLOBAL":
            found.add(" ".join(strings[-2:]))
        elif opcode.name == "MEMOIZE":
            memo[len(memo)] = strings[-1] if strings else ""
        elif opcode.name in ("BINGET", "LONG_BINGET"):
            strings.append(memo.get(int(str(argument)), ""))
        elif isinstance(argument, str):
            strings.append(argument)
    return found


@pytest.fixture(scope="module")
def fitted() -> ImageClassifier:
    recipe = Recipe(batch_size=16, epochs=2)
    return ImageClassifier("mlp", arguments={"hidden": (8,)}, recipe=recipe).fit(X - 100.5, Y)


def assert_same(first: ImageClassifier, second: ImageClassifier) -> None:
    assert first.get_params() == second.get_params()
    assert vars(first).keys() == vars(second).keys()
    assert np.array_equal(first.predict_proba(X), second.predict_proba(X))
    assert first.predict(X).tolist() == second.predict(X).tolist()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_it_comes_back_whole_from_a_pickle(fitted: ImageClassifier, protocol: int) -> None:
    assert_same(pickle.loads(pickle.dumps(fitted, protocol)), fitted)


def test_it_comes_back_whole_from_joblib_and_from_copies(
    fitted: ImageClassifier, tmp_path: Path
) -> None:
    joblib.dump(fitted, tmp_path / "model.joblib", compress=3)
    for copied in (
        joblib.load(tmp_path / "model.joblib"),
        copy.copy(fitted),
        copy.deepcopy(fitted),
    ):
        assert_same(copied, fitted)
        assert copied.module_ is not fitted.module_


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_imports_the_class_and_numpys_arrays_and_nothing_else(
    fitted: ImageClassifier, protocol: int
) -> None:
    names = imported_by(pickle.dumps(fitted, protocol))
    assert "glyphlab.estimator.classifier ImageClassifier" in names
    allowed = IMPORTED | {"copyreg __newobj__", "_codecs encode"}
    assert names <= allowed


def test_the_names_are_those_that_unpickling_really_asks_for(fitted: ImageClassifier) -> None:
    asked = set()

    class Watching(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> object:
            asked.add(f"{module} {name}")
            return super().find_class(module, name)

    pickled = pickle.dumps(fitted)
    Watching(io.BytesIO(pickled)).load()
    assert imported_by(pickled) == asked


def test_the_state_is_plain_values_arrays_and_the_bytes_of_a_weights_file(
    fitted: ImageClassifier,
) -> None:
    state = fitted.__getstate__()
    assert isinstance(state["classifier_"], bytes)
    assert b"glyphlab.weights" in state["classifier_"][:1000]

    def types(value: object) -> set[type]:
        inside = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list | tuple):
            return set().union(*map(types, inside))
        return {type(value)}

    assert types(state) <= {bytes, str, int, float, bool, type(None), np.ndarray}
    assert not isinstance(fitted.classifier_, bytes)


def test_one_that_is_not_fitted_is_pickled_too() -> None:
    model = ImageClassifier(recipe=Recipe(seed=3), image_shape=(4, 4))
    assert pickle.loads(pickle.dumps(model)).get_params() == model.get_params()


@pytest.mark.parametrize("model", ladder())
def test_every_model_comes_back(model: str) -> None:
    fitted = ImageClassifier(model, recipe={"steps": 1, "batch_size": 30}).fit(X, Y)
    restored = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(restored.predict_proba(X), fitted.predict_proba(X))


def test_a_model_of_the_users_is_built_by_its_factory(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ModuleType("mine")
    mine.plain = lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 3))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mine", mine)
    fitted = ImageClassifier("mine:plain", epochs=1).fit(X, Y)
    pickled = pickle.dumps(fitted)
    assert_same(pickle.loads(pickled), fitted)
    monkeypatch.delitem(sys.modules, "mine")
    with pytest.raises(ValueError, match="mine"):
        pickle.loads(pickled)
