"""The images behind the cells of confusion matrices."""

import numpy as np
import pytest
from tests.evaluated import evaluated

from glyphlab.report import gallery as module
from glyphlab.report.gallery import gallery

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 1), dtype=np.uint8)


def test_each_cell_has_its_images_and_each_image_is_kept_once() -> None:
    right = np.arange(40) >= 3
    found = gallery({"m1": evaluated("a", right), "m2": evaluated("b", ~right)}, IMAGES)
    assert found["cells"]["m1"]["0-1"] == [0, 1, 2]
    assert found["cells"]["m1"]["0-0"] == list(range(3, 15))
    assert found["cells"]["m2"]["0-0"] == [0, 1, 2]
    assert sorted(found["images"]) == list(range(15))
    assert found["images"][0][1] == "image 0"
    assert found["images"][0][0].startswith("data:image/png;base64,")


def test_mistakes_come_surest_first_and_hits_least_sure_first() -> None:
    evaluation = evaluated("a", [1, 1, 0, 0])
    sure = np.array([[0.9, 0.1], [0.6, 0.4], [0.4, 0.6], [0.2, 0.8]], np.float32)
    found = gallery({"m": evaluated("a", [1] * 4, probabilities=sure)}, IMAGES)
    assert evaluation.n == 4
    assert found["cells"]["m"] == {"0-0": [1, 0], "0-1": [3, 2]}


def test_every_cell_gets_an_image_before_any_gets_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 3 * len(module.data_uri(module.png(IMAGES[0]))) + 40)
    found = gallery({"m": evaluated("a", np.arange(40) >= 20)}, IMAGES)
    assert {cell: len(images) for cell, images in found["cells"]["m"].items()} == {
        "0-0": 2,
        "0-1": 1,
    }
