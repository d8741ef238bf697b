"""Weights from elsewhere become a run that is used like any other."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.command import status
from tests.exporting.networks import run_of
from tests.toys import bars

import glyphlab
from glyphlab.data.formats import save_dataset
from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.training.run import Run

CLASSES = ["bar0", "bar1", "bar2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_of(tmp_path_factory.mktemp("runs") / "first", "lenet5")


@pytest.fixture(scope="module")
def exported(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "out"
    glyphlab.export(run, "safetensors", folder)
    return folder / "lenet5.safetensors"


def test_an_export_is_a_plain_state_dict(run: Run, exported: Path) -> None:
    module = build("lenet5", (28, 28, 1), 3)
    module.load_state_dict(load_file(exported))
    trained = run.classifier.module.state_dict()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, trained[name])


def test_an_export_comes_back_without_further_words_and_says_the_same(
    run: Run, exported: Path, tmp_path: Path
) -> None:
    again = glyphlab.import_weights(exported, tmp_path / "run")
    images = bars(20, seed=5).images
    assert np.array_equal(again.classifier.logits(images), run.classifier.logits(images))
    assert again.classifier.classes == run.classifier.classes
    assert (again.info.dataset, again.info.form) == ("bars", run.info.form)
    assert (again.info.protocol, again.info.seconds, again.seed) == ("imported", None, None)
    assert again.history == []
    assert "imported" in repr(again)
    assert "weights imported" in again._repr_html_()
    with pytest.raises(InputError, match="Recipe is unknown"):
        _ = again.recipe


def test_every_command_takes_an_imported_run(run: Run, exported: Path, tmp_path: Path) -> None:
    again, test = str(tmp_path / "run"), str(tmp_path / "test.safetensors")
    save_dataset(bars(45, seed=1), Path(test))
    assert status("import", str(exported), "--out", again) == 0
    found = tmp_path / "found.json"
    assert status("evaluate", again, "--data", test, "--json", str(found)) == 0
    accuracy = glyphlab.evaluate(run, bars(45, seed=1)).accuracy
    assert json.loads(found.read_text())["accuracy"] == accuracy
    words = ("compare", again, str(run.path), "--test", test, "--out", str(tmp_path / "page"))
    assert status(*words, "--json", str(found)) == 0
    compared = json.loads(found.read_text())["models"]
    assert [each["accuracy"] for each in compared] == [accuracy, accuracy]
    words = ("export", again, "--format", "card", "--check", test, "--out", str(tmp_path / "card"))
    assert status(*words) == 0
    image = tmp_path / "image.png"
    from PIL import Image

    Image.fromarray(bars(1).images[0, :, :, 0]).save(image)
    assert status("predict", again, str(image)) == 0


@pytest.fixture
def theirs(tmp_path: Path) -> str:
    """A run of weights of which nothing is known but what they compute."""
    module = build("conv-pool", (28, 28, 1), 3, pooling="mean")
    save_file(module.state_dict(), tmp_path / "theirs.safetensors")
    glyphlab.import_weights(
        tmp_path / "theirs.safetensors",
        tmp_path / "theirs",
        model="conv-pool",
        classes=CLASSES,
        arguments={"pooling": "mean"},
    )
    return str(tmp_path / "theirs")


def test_an_imported_run_is_tested_like_any_other(theirs: str, tmp_path: Path) -> None:
    test, found = bars(45, seed=1), tmp_path / "found.json"
    save_dataset(test, tmp_path / "test.safetensors")
    words = ("--data", str(tmp_path / "test.safetensors"), "--json", str(found))
    assert status("evaluate", theirs, *words) == 0
    said = json.loads(found.read_text())
    right = Run(theirs).classifier.logits(test.images).argmax(axis=1) == test.labels
    assert said["accuracy"] == right.mean()
    assert (said["model"], said["seed"], said["train_seconds"]) == ("conv-pool", None, None)
    assert sum(map(sum, said["confusion"])) == 45


@pytest.mark.parametrize(("lang", "word"), [("en", "imported"), ("ru", "импортировано")])
def test_an_imported_run_is_compared_with_others(
    theirs: str, run: Run, tmp_path: Path, lang: str, word: str
) -> None:
    test, found = bars(45, seed=1), tmp_path / "found.json"
    save_dataset(test, tmp_path / "test.safetensors")
    words = ("--test", str(tmp_path / "test.safetensors"), "--out", str(tmp_path / "page"))
    assert (
        status("compare", str(run.path), theirs, *words, "--lang", lang, "--json", str(found)) == 0
    )
    ours, other = (
        each.classifier.logits(test.images).argmax(axis=1) == test.labels
        for each in (run, Run(theirs))
    )
    pair = json.loads(found.read_text())["pairs"][0]
    assert abs(pair["difference"]) == pytest.approx(abs(ours.mean() - other.mean()))
    page = (tmp_path / "page" / "comparison.html").read_text("utf-8")
    assert f"conv-pool ({word}, " in page
    assert "None" not in page


def test_a_state_dict_from_elsewhere_needs_words(tmp_path: Path) -> None:
    module = build("mlp", (8, 9, 3), 3, hidden=[5])
    file, out = tmp_path / "theirs.safetensors", str(tmp_path / "run")
    save_file(module.state_dict(), file)
    with pytest.raises(InputError, match="does not say its model; give it by --model"):
        glyphlab.import_weights(file, out)
    words = ["import", str(file), "--out", out, "--model", "mlp", "--classes", ",".join(CLASSES)]
    words += ["--image-shape", "8,9,3", "--mean", "0.1,0.2,0.3", "--std", "0.5,0.5,0.25"]
    assert status(*words, "--arg", "hidden=[5]") == 0
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 9, 3), np.uint8)
    seen = (images / 255 - [0.1, 0.2, 0.3]) / [0.5, 0.5, 0.25]
    theirs = module.eval()(torch.from_numpy(seen).permute(0, 3, 1, 2).float()).detach().numpy()
    np.testing.assert_allclose(Run(out).classifier.logits(images), theirs, atol=1e-5)


def test_the_first_tensor_of_another_model_is_named(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dense3\.bias is \[3\] there, but \[2\] in the model"):
        glyphlab.import_weights(exported, tmp_path / "run", classes=["a", "b"])
    with pytest.raises(InputError, match=r"conv1\.bias is \[32\] there, but missing in the model"):
        glyphlab.import_weights(exported, tmp_path / "run", model="logistic")
    tensors = load_file(exported)
    tensors["conv2.bias"][0] = float("nan")
    save_file(tensors, tmp_path / "nan.safetensors", {"model": "lenet5"})
    with pytest.raises(InputError, match=r"conv2\.bias that are not finite"):
        glyphlab.import_weights(tmp_path / "nan.safetensors", tmp_path / "run", classes=CLASSES)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"classes": "[" * 100_000}, "does not say its classes"),
        ({"classes": json.dumps([1, 2])}, "can't be imported with classes"),
        ({"image_shape": "[1000000, 1000000, 1]"}, "can't be imported with image_shape"),
        ({"arguments": json.dumps({"hidden": [10**9]})}, "hidden"),
        ({"model": "os:system"}, "no model 'os:system' to import weights for"),
        ({"std": "[0]"}, "can't be imported with std"),
        ({"head": "exec"}, "can't be imported with head"),
    ],
)
def test_a_hostile_header_is_refused_in_a_sentence(
    metadata: dict[str, str], words: str, tmp_path: Path
) -> None:
    file = tmp_path / "hostile.safetensors"
    told = {"model": "mlp", "classes": json.dumps(CLASSES), **metadata}
    save_file({"dense.weight": torch.zeros(3, 4)}, file, told)
    with pytest.raises(InputError, match=words):
        glyphlab.import_weights(file, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_is_no_whole_file_is_refused(exported: Path, tmp_path: Path) -> None:
    for content in (b"", b"\xff" * 20, exported.read_bytes()[:-10]):
        (tmp_path / "broken.safetensors").write_bytes(content)
        with pytest.raises(InputError, match="no whole safetensors file"):
            glyphlab.import_weights(tmp_path / "broken.safetensors", tmp_path / "run")
    with pytest.raises(InputError, match="There is no file"):
        glyphlab.import_weights(tmp_path / "missing", tmp_path / "run")
