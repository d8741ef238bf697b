"""The audit file: an Audit as JSON, which can be read back to clean by."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from glyphlab.auditing.findings import Audit
from glyphlab.errors import InputError
from glyphlab.files import parse_json, read_limited, write_json

FORMAT = "glyphlab.audit"
FORMAT_VERSION = 1
AUDIT_FILE = "audit.json"
"""Its name in the folder that `glyphlab data audit` writes."""
_MAXIMUM_BYTES = 1_000_000_000


def audit_json(audit: Audit) -> dict[str, Any]:
    """The Audit as JSON: its format, and its fields under their names."""
    return {"format": FORMAT, "format_version": FORMAT_VERSION, **audit.model_dump()}


def save_audit(audit: Audit, path: Path) -> None:
    """Write an Audit as JSON, atomically.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    write_json(path, audit_json(audit))


def load_audit(path: Path) -> Audit:
    """Read a file that `save_audit` wrote.

    Raises
    ------
    InputError
        If there is no such file, or it is no audit file.
    """
    encoded = read_limited(path, "audit", _MAXIMUM_BYTES)
    try:
        content = parse_json(encoded)
    except ValueError as error:
        raise InputError(f"{path} is no JSON; give the audit.json of an audit.") from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise InputError(f"{path} is no audit file; give the audit.json of an audit.")
    if content.pop("format_version", None) != FORMAT_VERSION:
        raise InputError(
            f"{path} was written by another version of glyphlab; audit again with this one."
        )
    try:
        return Audit.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise InputError(f"{path} is damaged at {where}; audit again.") from error
