"""Datasets rendered from fonts: traceable, reproducible, families kept apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.letterforms import MATPLOTLIB_FONTS, dejavu, make_family

from glyphlab.data.dataset import Dataset, Skipped
from glyphlab.data.formats import save_dataset
from glyphlab.data.render import Style, render
from glyphlab.data.strokes import PLAIN, fill
from glyphlab.data.survey import Survey, read_exclusions, survey
from glyphlab.errors import InputError

CYRILLIC = "АБВГД"


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six faces of DejaVu, and of one file the same under another name."""
    folder = tmp_path_factory.mktemp("fonts")
    dejavu(folder, "Sans", "Sans-Bold", "Sans-Oblique", "SansMono", "Serif", "Serif-Bold")
    (folder / "Other.ttf").write_bytes((folder / "DejaVuSerif.ttf").read_bytes())
    return folder


@pytest.fixture(scope="module")
def cyrillic(fonts: Path) -> Survey:
    return survey([fonts], CYRILLIC)


@pytest.fixture
def families(tmp_path: Path) -> Survey:
    """Twenty families of two faces each."""
    for number in range(20):
        make_family(tmp_path, chr(97 + number) * 3, "AB", seed=number, faces=2)
    return survey([tmp_path], "AB")


def test_every_letter_of_every_face_is_drawn_once_by_default(cyrillic: Survey) -> None:
    dataset, test = render(cyrillic)
    assert test is None
    assert dataset.images.shape == (6 * 5, 28, 28, 1)
    assert dataset.classes == tuple(CYRILLIC)
    assert dataset.class_counts.tolist() == [6] * 5


def test_a_plain_letter_is_the_fonts_own_drawing(cyrillic: Survey) -> None:
    from PIL import Image, ImageDraw, ImageFont

    dataset, _ = render(cyrillic, style=Style(variation=PLAIN))
    canvas = Image.new("L", (400, 400))
    font = ImageFont.truetype(MATPLOTLIB_FONTS / "DejaVuSans-Bold.ttf", 300)
    ImageDraw.Draw(canvas).text((20, 20), "Д", fill=255, font=font)
    expected = fill(np.asarray(canvas), 28).astype(int)
    image = dataset.images[list(dataset.ids).index("Д/DejaVuSans-Bold.ttf#0"), :, :, 0]
    assert np.abs(image - expected).mean() < 5


def test_ids_name_letter_file_variant_and_changes(cyrillic: Survey) -> None:
    style = Style(variation=replace(PLAIN, slant=1.0))
    dataset, _ = render(cyrillic, count=60, style=style)
    assert dataset.ids[0] == "А/DejaVuSans-Bold.ttf#0"
    assert dataset.ids[1] == "А/DejaVuSans-Bold.ttf#1+slant"
    letters = [dataset.classes[label] for label in dataset.labels]
    assert [identity[0] for identity in dataset.ids] == letters
    assert len(set(dataset.ids)) == 60


def test_a_face_under_two_names_is_used_once_and_the_other_listed(cyrillic: Survey) -> None:
    assert len(cyrillic.faces) == 6
    assert cyrillic.skipped == [Skipped("Other.ttf", "draws the same as DejaVuSerif.ttf")] or (
        cyrillic.skipped == [Skipped("DejaVuSerif.ttf", "draws the same as Other.ttf")]
    )
    dataset, _ = render(cyrillic)
    assert list(dataset.skipped) == cyrillic.skipped


def test_the_count_is_exact_and_spread_over_letters_and_faces(cyrillic: Survey) -> None:
    dataset, _ = render(cyrillic, count=101)
    assert dataset.class_counts.tolist() == [21, 20, 20, 20, 20]
    faces = [identity.split("#")[0] for identity in dataset.ids]
    assert {faces.count(face) for face in faces} == {3, 4}


def test_no_family_is_on_both_sides(families: Survey) -> None:
    train, test = render(families, count=800, test_share=0.3)
    assert test is not None
    assert len(train) + len(test) == 800
    assert 0.2 <= len(test) / 800 <= 0.3
    names = [{i.split("/")[1].split("-")[0] for i in part.ids} for part in (train, test)]
    assert names[0] | names[1] == {face.family.removesuffix(" Bold") for face in families.faces}
    assert not names[0] & names[1]


def test_a_large_family_gets_no_more_than_its_limit(families: Survey) -> None:
    number = families.families.copy()
    number[:30] = 0
    dataset, _ = render(replace(families, families=number), count=120, family_limit=2)
    large = {face.key for face in families.faces[:30]}
    assert sum(identity.split("#")[0][2:] in large for identity in dataset.ids) == 120 * 2 // 12


def saved(dataset: Dataset, path: Path) -> bytes:
    save_dataset(dataset, path)
    return path.read_bytes()


def test_the_same_command_gives_the_same_bytes_in_one_or_two_processes(
    fonts: Path, tmp_path: Path
) -> None:
    files = []
    for jobs in (1, 2):
        found = survey([fonts], CYRILLIC, jobs=jobs)
        dataset, _ = render(found, count=100, jobs=jobs)
        files.append(saved(dataset, tmp_path / f"{jobs}.safetensors"))
    assert files[0] == files[1]


def test_another_seed_gives_other_images(cyrillic: Survey) -> None:
    first, second = (render(cyrillic, count=60, style=Style(seed=seed))[0] for seed in (0, 1))
    assert first.fingerprint != second.fingerprint


def test_size_and_grey_levels_are_as_asked(cyrillic: Survey) -> None:
    dataset, _ = render(cyrillic, style=Style(size=20, levels=16))
    assert dataset.image_shape == (20, 20, 1)
    assert set(np.unique(dataset.images).tolist()) <= {17 * step for step in range(16)}
    assert dataset.images.max() == 255


def test_excluded_faces_are_listed_with_the_reason(fonts: Path) -> None:
    found = survey([fonts], CYRILLIC, exclude=[Skipped("DejaVuSans*", "too plain")])
    assert [face.key.startswith("DejaVuSans") for face in found.faces] == [False, False]
    assert Skipped("DejaVuSansMono.ttf", "too plain") in found.skipped


def test_exclusions_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "exclude.tsv"
    path.write_text("# remark\n\na/*.ttf\tstars, no letters\n")
    assert read_exclusions(path) == [Skipped("a/*.ttf", "stars, no letters")]
    path.write_text("a.ttf\n")
    with pytest.raises(InputError, match=r"line 1: give a font, a tab, and the reason"):
        read_exclusions(path)
    with pytest.raises(InputError, match="Can't read"):
        read_exclusions(tmp_path / "none.tsv")
    path.write_bytes(b"#" * 10_000_001)
    with pytest.raises(InputError, match="above 10 MB, which no list of fonts is"):
        read_exclusions(path)


def test_progress_tells_files_and_faces(fonts: Path) -> None:
    files: list[tuple[int, int | None]] = []
    faces: list[tuple[int, int | None]] = []
    found = survey([fonts], CYRILLIC, progress=lambda done, total: files.append((done, total)))
    render(found, progress=lambda done, total: faces.append((done, total)))
    assert files == [(i, 7) for i in range(1, 8)]
    assert faces == [(i, 6) for i in range(1, 7)]


@pytest.mark.parametrize("letters", ["", "ABA", "A\n"])
def test_letters_must_be_given_once_each(fonts: Path, letters: str) -> None:
    with pytest.raises(InputError, match="give each letter once"):
        survey([fonts], letters)


def test_letters_that_no_font_has_are_refused_with_an_example(fonts: Path) -> None:
    with pytest.raises(InputError, match=r"No font draws all the letters, e\.g\..*lacks 漢"):
        survey([fonts], "漢")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"count": 4}, "at least one image for each letter"),
        ({"test_share": 0.6}, "give 0 to 0.5"),
        ({"family_limit": 0}, "give 1 or more"),
        ({"jobs": 0}, "give 1 or more"),
        ({"test_share": 0.5}, "too few families"),
    ],
)
def test_numbers_out_of_range_are_refused(
    cyrillic: Survey, words: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        render(cyrillic, **words)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [({"size": 7}, "8 to 256"), ({"levels": 1}, "2 to 256"), ({"seed": -1}, "0 or more")],
)
def test_styles_out_of_range_are_refused(words: dict[str, int], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Style(**words)
