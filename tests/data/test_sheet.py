"""A Dataset is shown truly, whatever its names hold."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.sheet import balance, dataset_html, describe, thumbnail_sheet
from glyphlab.errors import InputError


def _dataset(
    counts: dict[str, int], shape: tuple[int, int, int] = (28, 28, 1), skipped: int = 0
) -> Dataset:
    labels = np.repeat(np.arange(len(counts)), list(counts.values()))
    images = np.zeros((len(labels), *shape), np.uint8)
    images[:] = (40 * labels)[:, None, None, None]
    return Dataset(
        images=images,
        labels=labels,
        ids=[str(i) for i in range(len(labels))],
        classes=list(counts),
        name="toy",
        skipped=[Skipped(f"bad{i}.png", "it is empty") for i in range(skipped)],
    )


def test_counts_and_values_are_described() -> None:
    described = describe(_dataset({"A": 3, "B": 1}, skipped=2))
    assert described.n == 4
    assert described.counts == {"A": 3, "B": 1}
    assert described.image_shape == (28, 28, 1)
    assert (described.minimum, described.maximum, described.mean) == (0, 40, 10.0)
    assert [entry.path for entry in described.skipped] == ["bad0.png", "bad1.png"]


def test_a_dataset_without_images_is_refused() -> None:
    with pytest.raises(InputError, match="no images"):
        describe(_dataset({"A": 0, "B": 0}))


def test_the_balance_test_is_pearsons() -> None:
    # 10, 20 and 30 against 20 each: (100 + 0 + 100) / 20; with 2 degrees of freedom exp(-x / 2).
    found = balance({"A": 10, "B": 20, "C": 30})
    assert found.chi_square == pytest.approx(10.0)
    assert found.p_value == pytest.approx(np.exp(-5.0))
    assert (found.smallest, found.largest, found.ratio) == ("A", "C", 3.0)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"A": 50, "B": 50}, "The classes are balanced: each has 50 images."),
        ({"A": 50}, "The classes are balanced: each has 50 images."),
        ({"A": 50, "B": 52}, "The classes are balanced, as far as chance goes: B has 52"),
        ({"A": 5421, "B": 6742}, "The classes are nearly balanced, though .* 1.24 times"),
        ({"A": 800, "B": 280}, "The classes are not balanced: A has 800 images and B 280, 2.86"),
        ({"A": 5, "B": 0}, "The classes are not balanced: B has no images."),
    ],
)
def test_a_sentence_says_whether_classes_are_balanced(
    counts: dict[str, int], sentence: str
) -> None:
    assert re.match(sentence, balance(counts).sentence)


def test_each_class_is_a_row_of_its_images() -> None:
    sheet = thumbnail_sheet(_dataset({"A": 20, "B": 20, "C": 3}), per_class=5)
    pixels = np.asarray(sheet)
    height = pixels.shape[0] / 3
    for row, value in enumerate((0, 40, 80)):
        band = pixels[int(row * height) + 6 : int((row + 1) * height) - 6, -300:]
        assert (band == value).all(axis=2).any()
    assert sheet.mode == "RGB"
    drawn = round((pixels == 80).all(axis=2)[:, -300:].sum() / 56**2)
    assert drawn == 3, "a class of three images shows three"


def test_a_sheet_depends_on_its_seed_only() -> None:
    rng = np.random.default_rng(0)
    dataset = Dataset(
        images=rng.integers(0, 256, (50, 8, 8, 3), dtype=np.uint8),
        labels=np.zeros(50, np.int64),
        ids=[str(i) for i in range(50)],
        classes=["A"],
    )
    first, again = thumbnail_sheet(dataset, seed=1), thumbnail_sheet(dataset, seed=1)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != thumbnail_sheet(dataset, seed=2).tobytes()


@pytest.mark.parametrize("shape", [(1, 1, 1), (8, 32, 3), (200, 100, 1)])
def test_images_of_any_size_fit(shape: tuple[int, int, int]) -> None:
    sheet = thumbnail_sheet(_dataset({"A": 2, "B": 2}, shape), per_class=2)
    assert max(sheet.size) < 200


def test_many_and_long_class_names_stay_bounded() -> None:
    counts = {f"{number:03} {'long ' * 20}": 1 for number in range(150)}
    sheet = thumbnail_sheet(_dataset(counts, (2, 2, 1)), per_class=1)
    assert sheet.height < 101 * 61 + 10
    assert sheet.width < 500


def test_html_escapes_the_names_of_strangers() -> None:
    shown = dataset_html(_dataset({"<script>alert(1)</script>": 1, "B&'\"": 2}))
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "B&amp;&#x27;&quot;" in shown


def test_html_holds_the_sheet_as_a_picture() -> None:
    dataset = _dataset({"A": 1, "B": 2000})
    shown = dataset._repr_html_()
    encoded = re.search("data:image/png;base64,([^']+)'", shown)
    assert encoded is not None
    picture = Image.open(io.BytesIO(base64.b64decode(encoded[1])))
    assert picture.size == thumbnail_sheet(dataset).size
    assert "<td>B</td><td style='text-align:right'>2,000</td>" in shown
