"""How the user wants images as shards."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from glyphlab.data.resize import channels_of, check_size
from glyphlab.data.sharding.order import check_shard_size
from glyphlab.data.sharding.work import Work
from glyphlab.errors import InputError
from glyphlab.progress import Bar, no_bar

_BYTES_BESIDE_PIXELS = 80
"""Of an image in a shard: its label, and an id of usual length."""


@dataclass(frozen=True)
class ShardWish:
    """What a sharded Dataset shall be.

    Parameters
    ----------
    name : str
        What to call it; two parts are called `name:train` and `name:test`.
    shard_size : int
        Images of a shard, at most.
    size : int
        Side of the images in pixels.
    mode : str
        `grey` or `rgb`.
    allow_unreadable : bool
        Go on if over 5 % of the files named as images can't be read.
    bar : Bar
        Makes progress bars.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    name: str
    shard_size: int
    size: int = 28
    mode: str = "grey"
    allow_unreadable: bool = False
    bar: Bar = no_bar

    def __post_init__(self) -> None:
        check_size(self.size)
        check_shard_size(self.shard_size, self.image_bytes)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.size, self.size, channels_of(self.mode)

    @property
    def image_bytes(self) -> int:
        """Bytes of an image's pixels."""
        return self.size * self.size * channels_of(self.mode)

    @property
    def facts(self) -> dict[str, Any]:
        """All that the bytes of the shards depend on beside the source, for JSON."""
        return {
            "name": self.name,
            "shard_size": self.shard_size,
            "size": self.size,
            "mode": self.mode,
        }

    def check_room(self, work: Work, n: int) -> None:
        """Refuse to begin what the disk can't hold.

        Raises
        ------
        InputError
            Naming what there is, and what it takes.
        """
        there = sum(made.info.size for made in work.done.values() if made.info is not None)
        needed = n * (self.image_bytes + _BYTES_BESIDE_PIXELS) - there
        free = shutil.disk_usage(work.folder).free
        if needed > free:
            raise InputError(
                f"The shards of {self.name} take about {needed / 1e9:,.1f} GB more, and the disk "
                f"of {work.folder.parent} has {free / 1e9:,.1f} GB left; {work.advice}."
            )


def fingerprint(request: Mapping[str, Any], *parts: Any) -> str:
    """Tell one plan from another: SHA-256 of a request, and of arrays or bytes."""
    digest = sha256(json.dumps(request, sort_keys=True, ensure_ascii=True).encode())
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
