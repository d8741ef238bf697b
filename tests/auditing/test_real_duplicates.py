"""Exact duplicates among the real images, counted a second time without glyphlab."""

import hashlib
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

import glyphlab
from glyphlab.auditing.copies import Pixels, duplicates
from glyphlab.auditing.duplicates import first_among

SETS = ("notMNIST_small_half.tar.gz", "notMNIST_large_sample.tar.gz")


def hashes(archive: Path) -> list[str]:
    """SHA-256 of the pixels of each picture that can be read."""
    found = []
    with tarfile.open(archive) as files:
        for member in files:
            file = files.extractfile(member) if member.name.endswith(".png") else None
            if file is None:
                continue
            try:
                pixels = np.asarray(Image.open(file).convert("L"))
            except (UnidentifiedImageError, OSError):
                continue
            found.append(hashlib.sha256(pixels.tobytes()).hexdigest())
    return found


@pytest.mark.parametrize("name", SETS)
def test_as_many_duplicates_are_found_as_there_are_repeated_hashes(
    shared_data: Path, name: str
) -> None:
    counted = hashes(shared_data / name)
    pixels = Pixels.of(glyphlab.load(shared_data / name))
    assert len(pixels.dataset) == len(counted)
    assert len(duplicates(pixels)) == len(counted) - len(set(counted)) > 0


def test_as_many_exact_leaks_are_found_as_there_are_common_hashes(shared_data: Path) -> None:
    test, train = (hashes(shared_data / name) for name in SETS)
    own, other = (Pixels.of(glyphlab.load(shared_data / name)) for name in SETS)
    trained = set(train)
    found = (first_among(own.keys, other.keys) >= 0).sum()
    assert found == sum(value in trained for value in test) > 0
