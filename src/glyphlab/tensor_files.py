"""The metadata of `.safetensors` files in order, so that equal content is equal bytes.

safetensors writes tensors in an order of its own that is always the same, yet the texts of the
metadata in another one each time.
"""

import json
from pathlib import Path

from glyphlab.files import atomic_path

_METADATA = "__metadata__"


def write_tensors(content: bytes, path: Path) -> None:
    """Write the bytes of such a file with its metadata in the order of their names, atomically.

    safetensors' own functions for files write to a file of another name first, which nobody would
    remove if the process were killed.

    Raises
    ------
    InputError
        If the place can't be written to.
    """
    end = _end_of_header(content)
    with atomic_path(path) as part, part.open("wb") as file:
        file.write(content[:8] + _sorted(content[8:end]))
        file.write(memoryview(content)[end:])


def with_sorted_metadata(content: bytes) -> bytes:
    """The bytes of such a file with its metadata in the order of their names."""
    end = _end_of_header(content)
    return content[:8] + _sorted(content[8:end]) + content[end:]


def _end_of_header(content: bytes) -> int:
    return 8 + int.from_bytes(content[:8], "little")


def _sorted(header: bytes) -> bytes:
    """The same header in as many bytes: Rust and Python write JSON texts alike."""
    entries = json.loads(header)
    entries[_METADATA] = dict(sorted(entries[_METADATA].items()))
    ordered = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    # A header of another length would move the tensors: rather no order than a damaged file.
    return ordered.ljust(len(header)) if len(ordered) <= len(header) else header
