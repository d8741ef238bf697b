"""What a review reads and writes: the page of an audit, the audit, and a person's decisions."""

from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from glyphlab.auditing.audit_file import AUDIT_FILE, load_audit
from glyphlab.auditing.decisions import (
    Decisions,
    check_decisions,
    load_decisions,
    no_decisions,
    parse_decisions,
    save_decisions,
)
from glyphlab.errors import InputError
from glyphlab.report.audit_page import PAGE_FILE, is_current

DECISIONS_FILE = "decisions.json"
NOTHING = "none"


class Saved(NamedTuple):
    """Decisions, and the version of the file that holds them."""

    decisions: Decisions
    version: str


class ChangedElsewhereError(Exception):
    """The decisions are no longer those that the sender last saw."""


class ReviewFolder:
    """A folder that `glyphlab data audit` wrote.

    Parameters
    ----------
    folder : Path
        It holds `audit.html` and `audit.json`, which are read now, and later `decisions.json`.

    Raises
    ------
    InputError
        If a file is missing, of another version of glyphlab, or if the decisions are not about
        this audit.
    """

    def __init__(self, folder: Path) -> None:
        self.decisions_file = folder / DECISIONS_FILE
        self.page = _read_page(folder / PAGE_FILE)
        self.audit = load_audit(folder / AUDIT_FILE)
        self._lock = Lock()
        self.read()

    def read(self) -> Saved:
        """The decisions as they are in the file now; none if there is no file.

        Raises
        ------
        InputError
            If they can't be read, or are not about this audit.
        """
        version = self._version()
        if version == NOTHING:
            return Saved(no_decisions(self.audit), version)
        decisions = load_decisions(self.decisions_file)
        check_decisions(decisions, self.audit, str(self.decisions_file))
        return Saved(decisions, version)

    def accept(self, content: bytes) -> Decisions:
        """Read decisions that somebody sends as JSON.

        Raises
        ------
        InputError
            If they can't be used, or are not about this audit.
        """
        decisions = parse_decisions(content, "The request")
        check_decisions(decisions, self.audit, "The request")
        return decisions

    def save(self, decisions: Decisions, seen: str) -> Saved:
        """Put decisions in place of those whose version was seen.

        Raises
        ------
        ChangedElsewhereError
            If the file has another version by now.
        InputError
            If it can't be written.
        """
        with self._lock:
            if seen != self._version():
                raise ChangedElsewhereError
            save_decisions(self.decisions_file, decisions)
            return Saved(decisions, self._version())

    def _version(self) -> str:
        try:
            return sha256(self.decisions_file.read_bytes()).hexdigest()
        except FileNotFoundError:
            return NOTHING
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(
                f"Can't read the decisions {self.decisions_file}: {reason}; move it away."
            ) from error


def _read_page(path: Path) -> bytes:
    try:
        page = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"Can't read the audit's page {path}: {reason}; give a folder that glyphlab data audit "
            "wrote."
        ) from error
    if not is_current(page):
        raise InputError(
            f"{path} was not written by this version of glyphlab; run glyphlab data audit again."
        )
    return page
