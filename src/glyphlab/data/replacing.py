"""A folder takes the place of another at once, so that the old one is whole until then."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glyphlab.errors import InputError
from glyphlab.files import is_there, part_beside
from glyphlab.locking import in_turn


def _refuse_nothing() -> None:
    """Whatever is at a place may be replaced."""


@contextmanager
def replaced_folder(
    target: Path, advice: str, refuse_taken: Callable[[], None] = _refuse_nothing
) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the place of `target` if the block succeeds.

    Parameters
    ----------
    target : Path
    advice : str
        What to do where it can't be written.
    refuse_taken : callable
        Raises if the place is taken, maybe by another process in the meantime.

    Raises
    ------
    InputError
        If it can't be written, or as `refuse_taken`.
    """
    new = part_beside(target)
    try:
        with writing(target, advice):
            new.mkdir(parents=True)
            yield new
            put_in_place(new, target, refuse_taken)
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


def put_in_place(
    new: Path, target: Path, refuse_taken: Callable[[], None] = _refuse_nothing
) -> None:
    """Rename a folder to `target`; what was there before is removed.

    Of several processes each does so in its turn.
    """
    aside = _set_aside(target)
    with in_turn(target.parent):
        _bring_back(target)
        refuse_taken()
        try:
            if target.exists():
                shutil.rmtree(aside, ignore_errors=True)
                target.rename(aside)
            new.rename(target)
        finally:
            _bring_back(target)
            if target.exists():
                shutil.rmtree(aside, ignore_errors=True)


def bring_back(target: Path) -> None:
    """Undo a replacement that was killed between its two renamings."""
    if _is_set_aside(target):
        with in_turn(target.parent):  # It may be under way.
            _bring_back(target)


def _bring_back(target: Path) -> None:
    if _is_set_aside(target):
        with suppress(OSError):
            _set_aside(target).rename(target)


def _is_set_aside(target: Path) -> bool:
    return is_there(_set_aside(target)) and not is_there(target)


def _set_aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")
