"""The folder of a search: what was searched, all trials, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glyphlab.errors import InputError
from glyphlab.files import parse_json, read_limited, write_json

SEARCH, TRIALS, BEST, SUMMARY, RESULT, ASKED = (
    "search.json",
    "trials.jsonl",
    "best.toml",
    "tune.md",
    "tune.json",
    "trial.json",
)
FORMAT = "glyphlab.search"
_MOST_BYTES = 10_000_000
_IN_WORDS = {
    "model": "model",
    "arguments": "list of model arguments",
    "fingerprint": "Dataset",
    "recipe": "Recipe to start from",
    "space": "search space",
    "seed": "seed",
    "prune": "choice of pruning",
    "confirmed": "choice whether images are set aside to confirm on",
}


@dataclass(frozen=True)
class SearchFolder:
    """Where a search is kept."""

    path: Path

    def trial(self, number: int) -> Path:
        """The folder of a trial's Run."""
        return self.path / "trials" / f"{number:04d}"

    def write_asked(self, number: int, settings: Mapping[str, Any]) -> None:
        """Note what a trial is about to try, so that it is tried again after a pause."""
        write_json(self.trial(number) / ASKED, dict(settings))

    def asked(self) -> dict[int, dict[str, Any]]:
        """The settings of every trial that was begun, by its number.

        Raises
        ------
        InputError
            If a file is damaged.
        """
        files = sorted(self.path.glob(f"trials/[0-9]*/{ASKED}"))
        return {int(file.parent.name): _read(file, "trial") for file in files}


def open_folder(path: Path, search: Mapping[str, Any], names: Mapping[str, Any]) -> SearchFolder:
    """Make the folder of a search, or find that of the same search.

    Parameters
    ----------
    path : Path
    search : mapping
        All that decides which trials there are, under the keys of `_IN_WORDS`, as JSON.
    names : mapping
        What else shall be written down.

    Raises
    ------
    InputError
        If it holds another search, or something else.
    """
    file = path / SEARCH
    if file.exists():
        held = _read(file, "search")
        if held.get("format") != FORMAT:
            raise InputError(f"{file} is no search of glyphlab's; choose another --out.")
        asked = json.loads(json.dumps(search))
        differs = [words for key, words in _IN_WORDS.items() if held.get(key) != asked[key]]
        if differs:
            raise InputError(
                f"The search in {path} has another {' and another '.join(differs)}; repeat its "
                "own command to go on with it, or choose another --out."
            )
        return SearchFolder(path)
    head = {"format": FORMAT, "format_version": 1}
    write_json(file, head | dict(names) | dict(search))
    return SearchFolder(path)


def _read(file: Path, what: str) -> dict[str, Any]:
    text = read_limited(file, what, _MOST_BYTES)
    try:
        content = parse_json(text)
        if not isinstance(content, dict):
            raise ValueError("it is no table")
    except ValueError as error:
        raise InputError(
            f"{file} is damaged ({error}); remove it, or choose another --out."
        ) from error
    return content
