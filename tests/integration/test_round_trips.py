"""What is written is read again as it was, whatever it holds."""

import io
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.data.builders import idx
from tests.serving.running import form

from glyphlab.auditing.decisions import Decision, Decisions, load_decisions, save_decisions
from glyphlab.data.archives import Bounds
from glyphlab.data.dataset import Skipped
from glyphlab.data.form import ImageForm
from glyphlab.data.idx import read_idx
from glyphlab.data.npz import read_npz
from glyphlab.data.shards import ShardIndex, ShardInfo, read_index, write_index
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.serving.bodies import sent_images
from glyphlab.training.recipe import Recipe, load_recipe
from glyphlab.tuning.record import Trial, read_trials, write_trials

ROUND_TRIP = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SHARES = st.floats(0, 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(max_size=12)
SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
CLASSES = st.lists(WORDS, min_size=2, max_size=4, unique=True)


@ROUND_TRIP
@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "optimizer": st.sampled_from(["sgd", "adam", "adamw"]),
            "learning_rate": st.floats(1e-12, 1e6),
            "momentum": st.floats(0, 0.999),
            "nesterov": st.booleans(),
            "schedule": st.sampled_from(["constant", "cosine", "onecycle"]),
            "epochs": st.integers(1, 100_000),
            "steps": st.none() | st.integers(1, 2**40),
            "l2": st.floats(0, 1e9),
            "dropout": st.none() | st.floats(0, 0.999),
            "device": st.sampled_from(["auto", "cpu", "cuda:3"]),
            "seed": st.integers(0, 2**31 - 1),
        },
    )
)
def test_a_recipe(tmp_path: Path, values: dict[str, Any]) -> None:
    recipe = Recipe(**values)
    (tmp_path / "r.toml").write_text(recipe.to_toml())
    assert load_recipe(tmp_path / "r.toml") == recipe


@st.composite
def trials(draw: st.DrawFn) -> list[Trial]:
    made = []
    for number in range(draw(st.integers(0, 4))):
        state = draw(st.sampled_from(["complete", "pruned", "failed"]))
        made.append(
            Trial(
                number,
                state,
                draw(st.dictionaries(WORDS, FINITE | st.integers(-(2**63), 2**63 - 1) | WORDS)),
                draw(FINITE) if state == "complete" else None,
                draw(st.none() | SHARES),
                values=draw(st.dictionaries(st.integers(1, 10), FINITE, max_size=3)),
                epochs=draw(st.integers(0, 10**9)),
                seconds=draw(st.floats(0, 1e9)),
                reason=draw(st.none() | WORDS),
            )
        )
    return made


@ROUND_TRIP
@given(made=trials())
def test_the_trials_of_a_search(tmp_path: Path, made: list[Trial]) -> None:
    write_trials(tmp_path / "t.jsonl", made)
    assert read_trials(tmp_path / "t.jsonl") == made


@st.composite
def decisions(draw: st.DrawFn) -> Decisions:
    made = []
    for index in draw(st.lists(st.integers(0, 10**9), max_size=4)):
        action = draw(st.sampled_from(["keep", "drop", "relabel"]))
        label = draw(WORDS) if action == "relabel" else None
        part = draw(st.sampled_from(["train", "test"]))
        made.append(Decision(part=part, index=index, id=draw(WORDS), action=action, label=label))
    return Decisions(train=draw(SHA), test=draw(st.none() | SHA), decisions=made)


@ROUND_TRIP
@given(made=decisions())
def test_decisions(tmp_path: Path, made: Decisions) -> None:
    save_decisions(tmp_path / "d.json", made)
    assert load_decisions(tmp_path / "d.json") == made


@st.composite
def indices(draw: st.DrawFn) -> ShardIndex:
    classes = draw(CLASSES)
    counts = st.lists(st.integers(1, 1_000), min_size=len(classes), max_size=len(classes))
    shape = draw(st.tuples(st.integers(1, 64), st.integers(1, 64), st.sampled_from([1, 3])))
    shards = []
    for number in range(draw(st.integers(1, 4))):
        held = draw(counts)
        size = sum(held) * int(np.prod(shape)) + draw(st.integers(8, 10**6))
        shards.append(ShardInfo(f"{number}.safetensors", sum(held), tuple(held), size, draw(SHA)))
    skipped = tuple(Skipped(*each) for each in draw(st.lists(st.tuples(WORDS, WORDS), max_size=3)))
    sha = draw(st.none() | SHA)
    return ShardIndex(draw(WORDS), tuple(classes), shape, tuple(shards), draw(WORDS), sha, skipped)


@ROUND_TRIP
@given(made=indices())
def test_the_index_of_shards(tmp_path: Path, made: ShardIndex) -> None:
    write_index(made, tmp_path)
    assert read_index(tmp_path / "index.json") == made


@ROUND_TRIP
@given(data=st.data())
def test_an_evaluation(tmp_path: Path, data: st.DataObject) -> None:
    classes, n = data.draw(CLASSES), data.draw(st.integers(1, 6))
    shares = st.floats(0, 1, width=32)
    made = Evaluation(
        data.draw(arrays.arrays(np.float32, (n, len(classes)), elements=shares)),
        data.draw(arrays.arrays(np.int64, n, elements=st.integers(0, len(classes) - 1))),
        classes,
        data.draw(st.none() | st.lists(WORDS, min_size=n, max_size=n)),
        *(data.draw(WORDS) for _ in range(3)),
        seed=data.draw(st.none() | st.integers(0, 2**31)),
        parameters=data.draw(st.integers(0, 2**62)),
        seconds=data.draw(st.floats(1e-9, 1e9)),
        operations=data.draw(st.none() | st.integers(0, 2**62)),
    )
    made.save(tmp_path / "e.safetensors")
    read = Evaluation.load(tmp_path / "e.safetensors")
    assert np.array_equal(read.probabilities, made.probabilities)
    assert np.array_equal(read.labels, made.labels)
    assert list(read.ids or ()) == list(made.ids or ())
    for name in ("classes", "model", "dataset", "dataset_fingerprint", "seed", "operations"):
        assert getattr(read, name) == getattr(made, name)
    assert read.to_json() == made.to_json()


@ROUND_TRIP
@given(classes=CLASSES, data=st.data())
def test_the_weights_of_a_classifier(classes: list[str], data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3])))
    numbers = st.lists(st.floats(0.01, 9), min_size=shape[2], max_size=shape[2])
    mean, std = data.draw(numbers), data.draw(numbers)
    made = Classifier(build("logistic", shape, len(classes)), "logistic", classes, shape, mean, std)
    read = Classifier.from_bytes(made.to_bytes())
    facts = ("model", "classes", "image_shape", "mean", "std", "arguments", "head")
    assert [getattr(read, name) for name in facts] == [getattr(made, name) for name in facts]
    images = np.full((1, *shape), 200, np.uint8)
    assert np.array_equal(read.logits(images), made.logits(images))


@ROUND_TRIP
@given(
    made=st.builds(
        ImageForm,
        size=st.integers(1, 1_024),
        channels=st.sampled_from([1, 3]),
        background=st.floats(0, 255),
        ink=st.floats(0, 255),
        extent=st.floats(0.001, 1),
        centring=st.sampled_from(["box", "mass"]),
    )
)
def test_the_form_of_images(made: ImageForm) -> None:
    assert ImageForm.from_json(json.loads(json.dumps(made.to_json()))) == made


IMAGES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)))


@ROUND_TRIP
@given(images=IMAGES)
def test_idx(tmp_path: Path, images: np.ndarray) -> None:
    (tmp_path / "images").write_bytes(idx(images))
    assert np.array_equal(read_idx(tmp_path / "images", Bounds()), images)


@ROUND_TRIP
@given(images=IMAGES, labels=st.data())
def test_npz(tmp_path: Path, images: np.ndarray, labels: st.DataObject) -> None:
    given_labels = labels.draw(arrays.arrays(np.int64, len(images)))
    made = io.BytesIO()
    np.savez_compressed(made, images=images, labels=given_labels)
    (tmp_path / "a.npz").write_bytes(made.getvalue())
    (part,) = read_npz(tmp_path / "a.npz", Bounds()).parts
    assert np.array_equal(part.images, images)
    assert np.array_equal(part.labels, given_labels)


NAMES = st.text(st.characters(exclude_characters='"\\', exclude_categories=("C", "Z")), min_size=1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@ROUND_TRIP
@given(files=st.dictionaries(NAMES, st.binary(max_size=90), min_size=1, max_size=4))
def test_the_files_of_a_form(files: dict[str, bytes]) -> None:
    body, kind = form(files, "b0undary-of-this-form")
    assert dict(sent_images(kind, body, 9)) == files


@ROUND_TRIP
@given(contents=st.lists(st.binary(max_size=90), min_size=1, max_size=4))
def test_the_images_of_json(contents: list[bytes]) -> None:
    body = json.dumps({"images": [b64encode(each).decode() for each in contents]}).encode()
    sent = sent_images("application/json", body, 9)
    assert [each.content for each in sent] == contents
