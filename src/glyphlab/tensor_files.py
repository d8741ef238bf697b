"""The metadata of `.safetensors` files in order, so that equal content is equal bytes.

safetensors writes tensors in an order of its own that is always the same, yet the texts of the
metadata in another one each time.
"""

import json
from pathlib import Path

_METADATA = "__metadata__"


def sort_metadata(path: Path) -> None:
    """Put the metadata of a file in the order of their names, where they stand.

    Parameters
    ----------
    path : Path
        What safetensors has just written. Its tensors stay untouched.
    """
    with path.open("r+b") as file:
        header = file.read(int.from_bytes(file.read(8), "little"))
        file.seek(8)
        file.write(_sorted(header))


def with_sorted_metadata(content: bytes) -> bytes:
    """The bytes of such a file with its metadata in the order of their names."""
    end = 8 + int.from_bytes(content[:8], "little")
    return content[:8] + _sorted(content[8:end]) + content[end:]


def _sorted(header: bytes) -> bytes:
    """The same header in as many bytes: Rust and Python write JSON texts alike."""
    entries = json.loads(header)
    entries[_METADATA] = dict(sorted(entries[_METADATA].items()))
    ordered = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    # A header of another length would move the tensors: rather no order than a damaged file.
    return ordered.ljust(len(header)) if len(ordered) <= len(header) else header
