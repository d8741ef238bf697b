"""The folder in which a sharded Dataset grows, and the journal by which it goes on when killed.

It lies beside the place of the Dataset, as `.NAME.shards`. A shard is written first and noted
second, so that what the journal names is whole.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glyphlab.data.dataset import Skipped
from glyphlab.data.replacing import bring_back, put_in_place, writing
from glyphlab.data.sharding.share import Made, Target, shard_name
from glyphlab.data.shards import ShardInfo
from glyphlab.errors import InputError, Interrupted
from glyphlab.files import is_there, parse_json, read_limited, write_bytes, write_json
from glyphlab.locking import held

Key = tuple[str, int]
"""Part and number of a shard."""

_MOST_BYTES = 1 << 30
_SHORTEST = 12


class Work:
    """A sharded Dataset that is being made.

    Parameters
    ----------
    target : Path
        Where it shall be; absolute.
    advice : str
        What to do where that can't be written.

    Attributes
    ----------
    done : dict of (str, int) to Made
        The shards that are whole.
    is_ours : bool
        Whether nothing of an earlier run is left.
    """

    def __init__(self, target: Path, advice: str) -> None:
        self.target, self.advice = target, advice
        self.folder = target.with_name(f".{target.name}.shards")
        self.done: dict[Key, Made] = {}
        self.is_ours = not is_there(self.folder)
        self._plan, self._journal = self.folder / "plan.json", self.folder / "journal.jsonl"
        self._fingerprint = ""

    @property
    def made(self) -> Path:
        """What will be renamed to the target; another plan has another folder."""
        return self.folder / f"made-{self._fingerprint[:_SHORTEST]}"

    def is_finished(self, request: Mapping[str, Any]) -> bool:
        """Whether the same request was killed after its Dataset took its place."""
        plan = _read_plan(self._plan)
        self._fingerprint = plan.get("fingerprint", "")
        same = plan.get("request") == request
        return same and self.target.is_dir() and not self.made.exists()

    def begin(self, request: Mapping[str, Any], fingerprint: str) -> None:
        """Take up what an earlier run of the same plan made; remove what is of another."""
        self._fingerprint, self.is_ours = fingerprint, True
        same = _read_plan(self._plan).get("fingerprint") == fingerprint
        self.done = _read_journal(self._journal, self.made) if same else {}
        for folder in self.folder.glob("made-*"):
            if folder != self.made or not same:
                shutil.rmtree(folder, ignore_errors=True)
        self._remove_halves()
        self.made.mkdir(parents=True, exist_ok=True)
        lines = [_line(key, made) for key, made in self.done.items()]
        write_bytes(self._journal, b"".join(lines))
        write_json(self._plan, {"fingerprint": fingerprint, "request": request})

    def target_of(self, part: str, number: int) -> Target:
        """Where a shard goes."""
        folder = self.made / part
        return Target(folder, part, number, self._fingerprint, self._plan)

    def note(self, target: Target, made: Made) -> None:
        """Take in a shard that is made."""
        if made.info is not None and made.content is not None:
            write_bytes(target.folder / target.file, made.content)
        key = (target.part, target.number)
        self.done[key] = made._replace(content=None)
        with writing(self.target, self.advice), self._journal.open("ab") as file:
            file.write(_line(key, made))
            file.flush()
            os.fsync(file.fileno())

    def put_in_place(self) -> None:
        """Let the Dataset take its place, and remove all else."""
        with writing(self.target, self.advice):
            put_in_place(self.made, self.target)
        self.discard()

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remove_halves(self) -> None:
        whole = {self.made / part / shard_name(number) for part, number in self.done}
        for path in list(self.made.rglob("*")):
            if path.is_file() and path not in whole:
                path.unlink()


@contextmanager
def open_work(target: Path, advice: str) -> Iterator[Work]:
    """Open the folder in which a Dataset is made; only one process at a time can.

    It stays if the work is stopped or fails after a shard was made, and is removed else.

    Raises
    ------
    InputError
        If another process is at it, or it can't be written.
    Interrupted
        On Ctrl-C.
    """
    work = Work(target.absolute(), advice)
    with writing(work.target, advice):
        bring_back(work.target)
        work.folder.mkdir(parents=True, exist_ok=True)
    with held(work.folder) as alone:
        if not alone:
            raise InputError(
                f"Another process makes {work.target} at this moment; wait for it, or choose "
                "another place."
            )
        try:
            with writing(work.target, advice):
                yield work
        except (KeyboardInterrupt, Interrupted):
            raise Interrupted(
                f"Stopped; {len(work.done):,} whole shards are kept in {work.folder}: the same "
                "command goes on from there, and to give it up, remove that folder.",
                work.folder,
            ) from None
        except BaseException:
            if work.is_ours and not work.done:
                work.discard()
            raise


def _read_plan(path: Path) -> dict[str, Any]:
    """What was begun; nothing if that can't be read, as after a loss of power."""
    if not path.exists():
        return {}
    try:
        plan = parse_json(read_limited(path, "plan", _MOST_BYTES))
    except ValueError:
        return {}
    return plan if isinstance(plan, dict) else {}


def _line(key: Key, made: Made) -> bytes:
    info = None if made.info is None else made.info._asdict()
    entry = [*key, info, made.unreadable, made.replaced]
    return json.dumps(entry, ensure_ascii=True).encode() + b"\n"


def _read_journal(path: Path, folder: Path) -> dict[Key, Made]:
    """The shards that are noted and there, up to a line that is cut off or damaged."""
    if not path.exists():
        return {}
    done = {}
    for line in read_limited(path, "journal", _MOST_BYTES).split(b"\n")[:-1]:
        try:
            (part, number), made = _noted(line)
        except (ValueError, TypeError, KeyError):
            break
        file = folder / part / shard_name(number)
        if made.info is None or (file.is_file() and file.stat().st_size == made.info.size):
            done[part, number] = made
    return done


def _noted(line: bytes) -> tuple[Key, Made]:
    part, number, shard, unreadable, replaced = parse_json(line)
    info = None if shard is None else _info(shard)
    return (part, number), Made(info, _skipped(unreadable), _skipped(replaced))


def _skipped(entries: list[list[str]]) -> list[Skipped]:
    return [Skipped(path, reason) for path, reason in entries]


def _info(shard: dict[str, Any]) -> ShardInfo:
    return ShardInfo(**{**shard, "class_counts": tuple(shard["class_counts"])})
