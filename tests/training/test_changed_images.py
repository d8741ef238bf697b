"""A Dataset file that another program changes while it is learned from."""

from pathlib import Path

import pytest
from tests.toys import bars

import glyphlab
from glyphlab.data.formats import open_file, save_dataset
from glyphlab.errors import InputError
from glyphlab.training.run import WEIGHTS
from glyphlab.training.status import Status


def test_a_training_on_images_that_were_changed_meanwhile_gives_no_weights(tmp_path: Path) -> None:
    path = tmp_path / "bars.safetensors"
    save_dataset(bars(), path)
    size = path.stat().st_size

    def spoil(status: Status) -> None:
        with path.open("r+b") as file:
            file.seek(size // 2)
            file.write(bytes(range(200)))

    recipe = glyphlab.default_recipe("logistic").replace(epochs=2, device="cpu")
    sentence = "The images of .* were changed while they were in use"
    with pytest.raises(InputError, match=sentence):
        glyphlab.fit("logistic", open_file(path), recipe, out=tmp_path / "run", report=spoil)
    assert not (tmp_path / "run" / WEIGHTS).exists()


def test_a_file_that_is_replaced_or_removed_meanwhile_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bars.safetensors"
    save_dataset(bars(), path)
    recipe = glyphlab.default_recipe("logistic").replace(epochs=2, device="cpu")
    undisturbed = glyphlab.fit("logistic", open_file(path), recipe, out=tmp_path / "undisturbed")

    def replace(status: Status) -> None:
        save_dataset(bars(7), path)
        path.unlink()

    run = glyphlab.fit("logistic", open_file(path), recipe, out=tmp_path / "run", report=replace)
    assert run.info.fingerprint == undisturbed.info.fingerprint
    assert run.info.train_accuracy == undisturbed.info.train_accuracy
