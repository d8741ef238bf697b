"""A folder takes the place of another at once, so that the old one is whole until then."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glyphlab.errors import InputError
from glyphlab.files import is_there, part_beside


@contextmanager
def replaced_folder(target: Path, advice: str) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the place of `target` if the block succeeds.

    Parameters
    ----------
    target : Path
    advice : str
        What to do where it can't be written.

    Raises
    ------
    InputError
        If it can't be written.
    """
    new = part_beside(target)
    try:
        with writing(target, advice):
            new.mkdir(parents=True)
            yield new
            put_in_place(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        bring_back(target)


@contextmanager
def writing(target: Path, advice: str) -> Iterator[None]:
    """Turn errors of the system into a sentence.

    Raises
    ------
    InputError
        Naming the target, the reason, and what to do.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"Can't write {target}: {reason}; {advice}.") from error


def put_in_place(new: Path, target: Path) -> None:
    """Rename a folder to `target`; what was there before is removed."""
    aside = _set_aside(target)
    try:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
            target.rename(aside)
        new.rename(target)
    finally:
        bring_back(target)
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)


def bring_back(target: Path) -> None:
    """Undo a replacement that was killed between its two renamings."""
    aside = _set_aside(target)
    if is_there(aside) and not is_there(target):
        with suppress(OSError):
            aside.rename(target)


def _set_aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")
