"""What a trained model says of images of any kind."""

import io
import json
import shutil
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

import glyphlab
from glyphlab.data.archives import Member
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.exporting.importing import import_weights
from glyphlab.models import build
from glyphlab.prediction import reading
from glyphlab.prediction.predictor import Predictor, predict_chunks
from glyphlab.training.examples import save_logits
from glyphlab.training.run import Run

CLASSES = ("L", "T", "O")


def shape(name: str) -> np.ndarray:
    """A letter of 20×20, 1 where there is ink."""
    ink = np.zeros((20, 20), np.float32)
    match name:
        case "L":
            ink[:, :5] = ink[-5:, :] = 1
        case "T":
            ink[:5, :] = ink[:, 8:13] = 1
        case "O":
            ink[:, :5] = ink[:, -5:] = ink[:5, :] = ink[-5:, :] = 1
    return ink


def letters(n: int, seed: int = 0) -> Dataset:
    """Light letters in the middle of 28×28, with noise."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % len(CLASSES)
    images = random.integers(0, 20, (n, 28, 28, 1), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 4:24, 0] += np.rint(230 * shape(CLASSES[label])).astype(np.uint8)
    ids = [f"{CLASSES[label]}/{number}.png" for number, label in enumerate(labels)]
    return Dataset(images, labels.astype(np.int64), ids, list(CLASSES), "letters")


def photograph(name: str, seed: int = 0) -> np.ndarray:
    """A dark letter somewhere on a light page, unevenly lit: uint8 [height, width]."""
    random = np.random.default_rng(seed)
    side = int(random.integers(60, 140))
    ink = np.zeros((260, 340), np.float32)
    top, left = int(random.integers(5, 250 - side)), int(random.integers(5, 330 - side))
    ink[top : top + side, left : left + side] = cv2.resize(shape(name), (side, side))
    y, x = np.mgrid[-1:1:260j, -1:1:340j]
    picture = (190 + 40 * x - 30 * y) * (1 - 0.8 * ink) + random.normal(0, 4, ink.shape)
    return picture.clip(0, 255).astype(np.uint8)


def encoded(image: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe = glyphlab.default_recipe("logistic").replace(
        steps=60, batch_size=64, learning_rate=0.02, validation=0.25, precision="float32"
    )
    out = tmp_path_factory.mktemp("runs") / "run"
    return glyphlab.fit("logistic", letters(600), recipe, out=out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an image of each class, a file that is damaged, and one that is no image."""
    data = letters(3, seed=7)
    for name, image in zip(data.ids, data.images, strict=True):
        (tmp_path / "in" / name).parent.mkdir(parents=True)
        (tmp_path / "in" / name).write_bytes(encoded(image[:, :, 0]))
    (tmp_path / "in" / "L" / "broken.png").write_bytes(encoded(data.images[0][:, :, 0])[:60])
    (tmp_path / "in" / "notes.txt").write_text("no image")
    return tmp_path / "in"


def test_a_run_knows_the_form_of_its_images_and_its_threshold(run: Run) -> None:
    assert run.info.form is not None
    assert run.info.form["extent"] == pytest.approx(20 / 28)
    assert run.info.unlike_above is not None


def test_images_of_the_models_size_are_predicted_as_in_an_evaluation(
    run: Run, folder: Path
) -> None:
    data = letters(3, seed=7)
    found = glyphlab.predict(run, folder, precision="float32")
    expected = dict(zip(data.ids, run.classifier.probabilities(data.images), strict=True))
    assert found.names == sorted(f"{folder}/{name}" for name in data.ids)
    for name, probabilities in zip(found.names, found.probabilities, strict=True):
        own = name.removeprefix(f"{folder}/")
        assert probabilities == pytest.approx(expected[own], abs=1e-6)
    assert sorted(found.labels) == ["L", "O", "T"]
    assert [(Path(p.path).name, p.reason) for p in found.problems] == [("broken.png", "truncated")]


def test_photographs_are_brought_to_the_form_and_recognised(run: Run) -> None:
    names = [CLASSES[k % 3] for k in range(30)]
    pictures = [encoded(photograph(name, seed), "JPEG") for seed, name in enumerate(names)]
    found = glyphlab.predict(run, pictures)
    assert found.labels == names
    assert found.images[:, 4:24, 4:24].mean() > 100
    assert found.images[:, :2].max() == run.info.form["background"]
    raw = glyphlab.predict(run, pictures, raw=True)
    assert sum(a == b for a, b in zip(raw.labels, names, strict=True)) < 20


def test_what_is_no_letter_is_said_to_be_unlike(run: Run) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    grey = np.full((28, 28), 120, np.uint8)
    right = [encoded(image[:, :, 0]) for image in letters(3, seed=9).images]
    found = glyphlab.predict(run, [encoded(noise), encoded(grey), *right])
    assert found.unlike is not None
    assert found.unlike.tolist() == [True, True, False, False, False]


def test_a_page_without_ink_is_unlike(run: Run) -> None:
    paper = np.random.default_rng(0).normal(190, 3, (200, 260)).astype(np.uint8)
    found = glyphlab.predict(run, encoded(paper))
    assert found.unlike is not None
    assert found.unlike.tolist() == [True]


def test_what_the_network_says_of_no_example_is_unlike(run: Run) -> None:
    predictor = Predictor(run)
    right = letters(30, seed=9).images
    logits = run.classifier.logits(right)
    as_it_is, reversed_ = (predictor.judged(right, said).unlike for said in (logits, -logits))
    assert as_it_is is not None
    assert reversed_ is not None
    assert as_it_is.mean() < 0.1
    assert reversed_.all()


def test_runs_of_before_logits_were_kept_judge_by_pixels(run: Run, tmp_path: Path) -> None:
    old = copied(run, tmp_path, unlike_above={"distance": 0.2, "by_contrast": 1.5})
    (old / "example_logits.safetensors").unlink()
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    right = letters(1, seed=9).images[0][:, :, 0]
    found = glyphlab.predict(old, [encoded(noise), encoded(right)])
    assert found.unlike is not None
    assert found.unlike.tolist() == [True, False]


def test_examples_and_logits_that_do_not_belong_together_are_refused(
    run: Run, tmp_path: Path
) -> None:
    other = copied(run, tmp_path)
    save_logits(np.zeros((7, 3), np.float32), other / "example_logits.safetensors")
    with pytest.raises(InputError, match="don't belong together; delete"):
        Predictor(Run(other))


def test_a_network_of_one_class_is_refused(tmp_path: Path) -> None:
    module = build("logistic", (28, 28, 1), 1)
    save_file(module.state_dict(), tmp_path / "one.safetensors")
    words = {"model": "logistic", "classes": ["A"], "mean": [0.5], "std": [0.25]}
    imported = import_weights(tmp_path / "one.safetensors", tmp_path / "one", **words)
    with pytest.raises(InputError, match="one class only, 'A', and would name it for any image"):
        Predictor(imported)


def copied(run: Run, tmp_path: Path, **info: object) -> Path:
    """A copy of a run that says something else of itself."""
    shutil.copytree(run.path, tmp_path / "old")
    said = json.loads((run.path / "run.json").read_text("utf-8"))
    (tmp_path / "old" / "run.json").write_text(json.dumps(said | info))
    return tmp_path / "old"


@pytest.mark.parametrize("kept", ["an energy and no examples", "no examples", "no logits"])
def test_runs_of_before_do_not_judge(run: Run, tmp_path: Path, kept: str) -> None:
    shutil.copytree(run.path, tmp_path / "old")
    lost = "example_logits" if kept == "no logits" else "examples"
    (tmp_path / "old" / f"{lost}.safetensors").unlink()
    if kept.startswith("an energy"):
        said = json.loads((run.path / "run.json").read_text("utf-8"))
        (tmp_path / "old" / "run.json").write_text(json.dumps(said | {"unlike_above": -2.5}))
    found = glyphlab.predict(tmp_path / "old", [encoded(letters(1).images[0][:, :, 0])])
    assert found.unlike is None
    assert found.labels == ["L"]


def test_archives_give_what_the_folder_gives(run: Run, folder: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(folder, "in")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(tmp_path))
    expected = dict(zip(*said(run, folder), strict=True))
    for name in ("a.tar.gz", "a.zip"):
        names, labels = said(run, tmp_path / name)
        assert all(path.startswith(f"{tmp_path / name}:in/") for path in names)
        assert dict(zip([path.split(":in/")[1] for path in names], labels, strict=True)) == {
            path.removeprefix(f"{folder}/"): label for path, label in expected.items()
        }


def said(run: Run, source: Path) -> tuple[list[str], list[str]]:
    found = glyphlab.predict(run, source)
    return found.names, found.labels


def test_many_images_come_in_chunks_in_their_order(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 4)
    data = letters(30, seed=3)
    pictures = [encoded(image[:, :, 0]) for image in data.images]
    told: list[int] = []
    chunks = list(predict_chunks(run, pictures, progress=lambda done, _: told.append(done)))
    assert [len(chunk) for chunk in chunks] == [4] * 7 + [2]
    assert told == [4, 8, 12, 16, 20, 24, 28, 30]
    labels = [label for chunk in chunks for label in chunk.labels]
    assert labels == [CLASSES[k] for k in data.labels]


def test_of_large_files_chunks_are_small_so_that_every_core_has_its_share(run: Run) -> None:
    random = np.random.default_rng(0)
    pictures = [encoded(random.integers(0, 256, (400, 600), dtype=np.uint8)) for _ in range(6)]
    chunks = list(predict_chunks(run, pictures))
    assert [len(chunk) for chunk in chunks] == [3, 3]


def test_what_is_given_as_bytes_has_a_name(run: Run, tmp_path: Path) -> None:
    content = encoded(letters(1).images[0][:, :, 0])
    (tmp_path / "a.png").write_bytes(content)
    sources = [content, str(tmp_path / "a.png"), Member("from the camera", content), content]
    names = ["image 1", str(tmp_path / "a.png"), "from the camera", "image 4"]
    assert glyphlab.predict(run, sources).names == names
    assert glyphlab.predict(run, content).names == ["image 1"]
    assert glyphlab.predict(run, sources[2]).names == ["from the camera"]


def test_a_file_of_more_bytes_than_images_have_is_a_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(letters(1).images[0][:, :, 0]))
    with (tmp_path / "a.png").open("ab") as file:
        file.truncate((1 << 26) + 1)
    good = encoded(letters(1).images[0][:, :, 0])
    predictions = glyphlab.predict(run, [tmp_path / "a.png", good])
    assert [each.reason for each in predictions.problems] == ["larger than 67,108,864 bytes"]


def test_how_many_images_there_are_is_told_unless_a_tar_is_among_them(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (folder / ".hidden.png").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(tmp_path))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(folder, "in")
    assert told(run, [folder, tmp_path / "a.zip", folder / "T" / "1.png"])[-1] == (9, 9)
    assert told(run, [folder, tmp_path / "a.tar"])[-1] == (8, None)


def told(run: Run, sources: list[Path]) -> list[tuple[int, int | None]]:
    calls: list[tuple[int, int | None]] = []
    glyphlab.predict(run, sources, progress=lambda done, total: calls.append((done, total)))
    return calls


def test_a_place_without_anything_is_told_before_any_image_is_read(run: Run, folder: Path) -> None:
    with pytest.raises(InputError, match="There is no"):
        next(predict_chunks(run, [folder, folder / "nowhere"]))


def test_rows_have_the_runner_up(run: Run) -> None:
    (row,) = glyphlab.predict(run, [encoded(letters(1).images[0][:, :, 0])]).rows()
    assert row["class"] == "L"
    assert row["second"] in ("T", "O")
    assert row["probability"] > row["second_probability"] > 0


def test_they_show_themselves_in_a_notebook(run: Run) -> None:
    html = glyphlab.predict(run, [encoded(letters(1).images[0][:, :, 0])])._repr_html_()
    assert "Predictions of logistic for 1 image" in html
    assert "data:image/png;base64" in html


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "nowhere", "There is no"),
        (lambda folder: folder / "notes.txt", "is no image and no archive that can be read"),
        (lambda folder: folder / "L" / "broken.png", r"broken\.png \(truncated\)"),
    ],
)
def test_what_gives_no_image_is_refused(
    run: Run, folder: Path, make: object, sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        glyphlab.predict(run, make(folder))


def test_an_empty_folder_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No image can be read: there is none"):
        glyphlab.predict(run, tmp_path)
