"""From the words behind --data and --test to Datasets."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from glyphlab.cli.console import console, progress_bar

if TYPE_CHECKING:
    from glyphlab.data.dataset import Dataset

DEFAULT_DATA = ["glyphs"]
TEST_SHARE = 0.2
HELD_OUT = "(held out)"
"""How the name of test images ends that were held out here."""


def given(options: Mapping[str, tuple[object, object]]) -> list[str]:
    """The words for those options whose value, named first, is not the default, named second.

    Of a list the option is repeated for each; a flag has no word but itself. Of an address what
    gives access is left out.
    """
    from glyphlab.data.stores import shown

    words: list[str] = []
    for option, (value, default) in options.items():
        if value == default:
            continue
        values = value if isinstance(value, list) else [value]
        words += [w for v in values for w in ([option] if v is True else [option, shown(str(v))])]
    return words


def read(
    source: str, size: int, mode: Literal["grey", "rgb"], allow_unreadable: bool
) -> "tuple[Dataset, Dataset | None]":
    """Read a name or path: the training part, and the test part where there is one."""
    from glyphlab.data.ingest import TrainTest, load
    from glyphlab.data.stores import bring, shown

    bring(source, progress_bar)
    with progress_bar(f"Reading {shown(source)}", "files") as progress:
        loaded = load(
            source, size=size, mode=mode, allow_unreadable=allow_unreadable, progress=progress
        )
    train, test = loaded if isinstance(loaded, TrainTest) else (loaded, None)
    for part in (train, test):
        if part is not None and part.skipped:
            first = part.skipped[0]
            console.print(
                f"{part.name}: {len(part.skipped)} files left out, the first {first.path} "
                f"({first.reason}); glyphlab data show {shown(source)} lists them."
            )
    return train, test


def read_test(
    source: str, size: int, mode: Literal["grey", "rgb"], allow_unreadable: bool
) -> "Dataset":
    """Read images to test on: the test part of a source that has one, else all of it."""
    whole, part = read(source, size, mode, allow_unreadable)
    return part if part is not None else whole


def read_train(
    sources: Sequence[str], size: int, mode: Literal["grey", "rgb"], allow_unreadable: bool
) -> "tuple[Dataset, Dataset | None]":
    """Read sources to train on, put together; and their test parts, if they have any."""
    from glyphlab.data.joining import concatenate

    parts = [read(source, size, mode, allow_unreadable) for source in sources]
    tests = [test for _, test in parts if test is not None]
    return concatenate([train for train, _ in parts]), concatenate(tests) if tests else None


def read_train_and_test(
    sources: Sequence[str],
    test_source: str | None,
    size: int,
    mode: Literal["grey", "rgb"],
    allow_unreadable: bool,
) -> "tuple[Dataset, Dataset]":
    """Read training and test images; without a test part, hold out a fifth of the images."""
    from glyphlab.data.splits import split

    train, test = read_train(sources, size, mode, allow_unreadable)
    if test_source is not None:
        return train, read_test(test_source, size, mode, allow_unreadable)
    if test is not None:
        return train, test
    rest, held_out = split(train, TEST_SHARE, seed=0)
    console.print(
        f"{train.name} has no test part, so {len(held_out):,} of its {len(train):,} images, drawn "
        "class by class, are held out to test on; name others by --test."
    )
    return rest, held_out.renamed(f"{train.name} {HELD_OUT}")


def loading_code(
    sources: Sequence[str],
    test_source: str | None,
    size: int,
    mode: Literal["grey", "rgb"],
    *,
    held_out: bool,
    folder: Path,
) -> str:
    """Lines of Python that read the same images, run in a folder.

    Of an address what gives access is left out, for notebooks are passed on.
    """
    names = [_from(folder, source) for source in sources]
    tests = [_from(folder, test_source)] if test_source is not None else names
    lines = [
        "def part(source, name):",
        '    """One part of a source, or all of it where it has no parts."""',
        f"    loaded = glyphlab.load(source, size={size}, mode={mode!r})",
        "    has_parts = isinstance(loaded, glyphlab.TrainTest)",
        "    return getattr(loaded, name) if has_parts else loaded",
        "",
        f'train = glyphlab.concatenate([part(source, "train") for source in {names!r}])',
    ]
    if held_out:
        return "\n".join([*lines, f"train, test = glyphlab.split(train, {TEST_SHARE}, seed=0)"])
    last = f'test = glyphlab.concatenate([part(source, "test") for source in {tests!r}])'
    return "\n".join([*lines, last])


def _from(folder: Path, source: str) -> str:
    """A path as it is called in a folder; a name stays as it is."""
    from glyphlab.data.stores import shown

    path, colon, part = source.rpartition(":")
    for place, rest in ((source, ""), (path, f"{colon}{part}")):
        if place and Path(place).exists():
            return os.path.relpath(place, folder) + rest
    return shown(source)
