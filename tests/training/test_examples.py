"""Training images that a finished Run keeps."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save
from tests.toys import bars

from glyphlab.data.formats import save_dataset
from glyphlab.errors import InputError
from glyphlab.training import examples
from glyphlab.training.examples import choose_examples, draw_evenly, open_examples, open_logits
from glyphlab.training.fit import fit
from glyphlab.training.preparation import hold_out
from glyphlab.training.recipe import Recipe

QUICK = Recipe(steps=3, batch_size=32, validation=0.25, device="cpu")


def test_a_run_keeps_images_that_it_was_trained_on_and_none_that_was_held_out(
    tmp_path: Path,
) -> None:
    data = bars(120)
    run = fit("logistic", data, QUICK, out=tmp_path / "run")
    trained_on, _ = hold_out(data, QUICK)
    kept = run.examples
    assert kept is not None
    assert list(kept.ids) == [data.ids[k] for k in trained_on]
    assert (kept.images == data.images[trained_on]).all()
    assert kept.labels.tolist() == data.labels[trained_on].tolist()
    assert (kept.classes, kept.name, kept.source) == (data.classes, "bars", "")


def test_a_run_of_before_has_none(tmp_path: Path) -> None:
    run = fit("logistic", bars(60), QUICK, out=tmp_path / "run")
    (run.path / "examples.safetensors").unlink()
    assert run.examples is None


def test_a_run_keeps_what_it_says_of_them(tmp_path: Path) -> None:
    run = fit("logistic", bars(600), QUICK, out=tmp_path / "run")
    assert run.examples is not None
    expected = run.classifier.logits(run.examples.images)
    assert run.example_logits == pytest.approx(expected, abs=0.05)
    assert run.info.unlike_above is not None
    assert run.info.unlike_above["by_logits"] is not None


def test_without_a_hundred_held_out_there_is_nothing_to_compare(tmp_path: Path) -> None:
    run = fit("logistic", bars(60), QUICK, out=tmp_path / "run")
    assert run.example_logits is None
    assert run.info.unlike_above is None


@pytest.mark.parametrize("content", [b"", b"rubbish", save({"other": np.zeros((2, 2))})])
def test_a_damaged_file_of_logits_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "l.safetensors").write_bytes(content)
    with pytest.raises(InputError, match=r"l\.safetensors is no whole file of logits; delete it"):
        open_logits(tmp_path / "l.safetensors")


def test_they_are_spread_over_the_classes_and_drawn_by_the_seed() -> None:
    labels = np.repeat([0, 1, 2], [1_000, 3, 500])
    drawn = draw_evenly(labels, 203, seed=1)
    assert np.bincount(labels[drawn]).tolist() == [100, 3, 100]
    assert (np.diff(drawn) > 0).all()
    assert drawn.tolist() == draw_evenly(labels, 203, seed=1).tolist()
    assert drawn.tolist() != draw_evenly(labels, 203, seed=2).tolist()
    assert draw_evenly(labels, 9_999, seed=0).tolist() == list(range(1_503))


def test_large_images_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "MOST_BYTES", 10 * 28 * 28 + 1)
    kept = choose_examples(bars(60), np.arange(60), 0)
    assert sorted(kept.class_counts.tolist()) == [3, 3, 4]
    monkeypatch.setattr(examples, "MOST_BYTES", 100)
    assert len(choose_examples(bars(60), np.arange(60), 0)) == 0


@pytest.mark.parametrize("damage", ["truncated", "hostile", "foreign", "huge"])
def test_a_damaged_file_is_refused(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "e.safetensors"
    save_dataset(bars(6), path)
    content = path.read_bytes()
    header = int.from_bytes(content[:8], "little")
    match damage:
        case "truncated":
            path.write_bytes(content[:-1])
        case "hostile":
            said = json.loads(content[8 : 8 + header])
            said["images"]["shape"] = [6_000_000_000_000, 28, 28, 1]
            lie = json.dumps(said).encode()
            path.write_bytes(len(lie).to_bytes(8, "little") + lie + content[8 + header :])
        case "foreign":
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        case "huge":
            monkeypatch.setattr(examples, "_LARGEST_FILE", 1_000)
    with pytest.raises(InputError, match=r"e\.safetensors is no whole file of examples; delete it"):
        open_examples(path)


def test_a_run_of_images_too_large_for_any_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "MOST_BYTES", 100)
    run = fit("logistic", bars(600), QUICK, out=tmp_path / "run")
    assert run.examples is None
    assert run.info.unlike_above is None
