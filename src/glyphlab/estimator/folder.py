"""Where a fit leaves its Run, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from glyphlab.errors import InputError
from glyphlab.files import safe_name


@contextmanager
def run_folder(parent: str | Path | None, model: str) -> Iterator[Path]:
    """Give a new folder in `parent`, or else a temporary one that is removed after the block.

    Raises
    ------
    InputError
        If no folder can be made there.
    """
    if parent is not None:
        yield _new_folder(Path(parent), safe_name(model))
        return
    with TemporaryDirectory(prefix="glyphlab-") as folder:
        yield Path(folder)


def _new_folder(parent: Path, name: str) -> Path:
    """Make the first of NAME-1, NAME-2, … that is not there; processes may do so side by side."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            folder = parent / f"{name}-{number}"
            if not folder.exists():
                with suppress(FileExistsError):
                    folder.mkdir()
                    break
    except OSError as error:
        raise InputError(
            f"Can't make a folder in {parent}: {error.strerror}; choose another run_dir."
        ) from error
    return folder
