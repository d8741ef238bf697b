"""Files written beside their place and renamed into it, so that a reader never sees a half."""

import hashlib
import json
import logging
import os
import platform
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glyphlab.errors import InputError

_log = logging.getLogger(__name__)

_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
"""Tells machines apart that write to the same folder."""
_cleaned: set[Path] = set()
_LONGEST_NUMBER = 20
_DEEPEST = 100
_TOO_DEEP = "it is nested too deeply"


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; rename it into place if the block succeeds.

    Parameters
    ----------
    target : Path
        Where the file shall be. Its folder is made if need be.

    Yields
    ------
    Path
        A path in the same folder. What the block wrote there is removed if it raises.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    part = part_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        usual = _usual_mode(part)
        yield part
        part.chmod(usual)  # what a browser writes, nobody else may read
        bring_to_disk(part)
        part.replace(target)
        _log.info("Wrote %s.", target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        _remove(part)


def bring_to_disk(path: Path) -> None:
    """Wait until what was written to a file is on the disk, where a loss of power leaves it.

    Raises
    ------
    OSError
        If it can't be brought there.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def part_beside(target: Path) -> Path:
    """Where something is written before it is renamed to `target`.

    What processes of this machine that were killed have left in the folder is removed, the first
    time that this process writes there.
    """
    if target.parent not in _cleaned:
        _cleaned.add(target.parent)
        _remove_leftovers(target.parent)
    return target.with_name(f".{target.name}.{_MACHINE}-{os.getpid()}.part")


def _remove_leftovers(folder: Path) -> None:
    # Elsewhere than on Posix nobody can be asked whether it is alive without harm.
    if os.name != "posix" or not is_there(folder):
        return
    for path in folder.glob(f".*.{_MACHINE}-*.part"):
        number = path.name.removesuffix(".part").rpartition("-")[2]
        if number.isdigit() and not _is_alive(int(number)):
            _log.info("Removing %s, which a process that was ended has left.", path)
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                _remove(path)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's; no number of a process
        return True
    return True


def _usual_mode(path: Path) -> int:
    """Who may read and write a file that is made here, as the user's umask has it."""
    path.touch()
    mode = stat.S_IMODE(path.stat().st_mode)
    path.unlink()
    return mode


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Give a folder beside `target` to write to; rename it into place if the block succeeds.

    Parameters
    ----------
    target : Path
        Where the folder shall be; nothing but an empty folder may be there.

    Yields
    ------
    Path
        A folder beside it. It is removed with all that is in it if the block raises.

    Raises
    ------
    InputError
        If there is something at that place, it can't be written to, or the disk is full.
    """
    refuse_taken(target)
    place = target.resolve()
    part = part_beside(place)
    try:
        part.mkdir(parents=True)
        yield part
        part.replace(place)
        _log.info("Wrote %s.", target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def refuse_taken(target: Path) -> None:
    """Refuse a place for a new folder where there is something already.

    Raises
    ------
    InputError
        Naming it.
    """
    try:
        taken = any(target.iterdir()) if target.is_dir() else os.path.lexists(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    if taken:
        raise InputError(
            f"There is something at {target} already; remove it or choose another place."
        )


def write_bytes(target: Path, content: bytes) -> None:
    """Write `content` to `target` atomically."""
    with atomic_path(target) as path:
        path.write_bytes(content)


def write_text(target: Path, text: str) -> None:
    """Write `text` to `target` as UTF-8, atomically."""
    write_bytes(target, text.encode())


def write_json(target: Path, value: object) -> None:
    """Write `value` to `target` as indented JSON, atomically; NaN is refused."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_limited(path: Path, what: str, limit: int) -> bytes:
    """Read a whole file that a user names.

    Parameters
    ----------
    path : Path
    what : str
        What it should be, as "audit", for the message.
    limit : int
        The most bytes that such a file can have.

    Raises
    ------
    InputError
        If it can't be read, or is larger.
    """
    try:
        if path.stat().st_size > limit:
            raise InputError(
                f"{path} is above {limit / 1e6:,.0f} MB, which no {what} is; give another file."
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"Can't read the {what} {path}: {reason}; check the path.") from error


def is_there(path: Path) -> bool:
    """Whether something is at a path; no where nobody may look, as in another user's home."""
    try:
        path.stat()
    except (OSError, ValueError):  # a zero byte in a path is none of the system's errors
        return False
    return True


def parse_json(text: bytes | str) -> Any:
    """Read JSON that anybody may have written.

    Raises
    ------
    ValueError
        If it is none, is nested more than 100 deep, or holds a whole number that has no room in 64
        bits, which neither arrays nor figures could take.
    """
    try:
        value = json.loads(text, parse_int=_whole_number)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    _check_depth(value)
    return value


def parse_toml(content: bytes) -> dict[str, Any]:
    """Read TOML that anybody may have written.

    Raises
    ------
    ValueError
        If it is none, or is nested more than 100 deep, as dots in keys can make it.
    """
    import tomllib

    try:
        table = tomllib.loads(content.decode())
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    _check_depth(table)
    return table


def safe_name(name: str) -> str:
    """The name as part of a path: letters, digits and -_.+ stay, all else becomes a dash."""
    return "".join(sign if sign.isalnum() or sign in "-_.+" else "-" for sign in name)


def _whole_number(digits: str) -> int:
    number = int(digits) if len(digits) <= _LONGEST_NUMBER else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError("a whole number is too large")
    return number


def _check_depth(value: Any) -> None:
    """Refuse what is nested so deeply that other code, which recurses, would fail on it."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _within(value: Any) -> Iterable[Any]:
    """What a table or a list holds; nothing for anything else."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _unwritable(target: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(f"Can't write {target}: {reason}; free some space or choose another place.")
