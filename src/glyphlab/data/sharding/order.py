"""In what order images are cut into shards: as good as random, and yet a function of their ids."""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice, pairwise

import numpy as np
from jaxtyping import Bool, Int64

from glyphlab.errors import InputError

MOST_SHARDS = 100_000
MOST_SHARD_BYTES = 1 << 32
"""Pixels of one shard, which a process holds in memory."""

DIGEST_BYTES = 16


def digest(text: bytes) -> bytes:
    """Give the hash that decides where an image goes, of its id in UTF-8."""
    return blake2b(text, digest_size=DIGEST_BYTES).digest()


def hash_order(digests: bytes | bytearray) -> Int64[np.ndarray, " n"]:
    """Give the order of n digests, end to end; equal ones stay in theirs."""
    numbers = np.frombuffer(digests, ">u8").reshape(-1, 2)
    return np.lexsort((numbers[:, 1], numbers[:, 0]))


def order_of_ids(ids: Iterable[str]) -> Int64[np.ndarray, " n"]:
    """Give the order of images by the hashes of their ids."""
    digests = bytearray()
    remaining = iter(ids)
    while some := list(islice(remaining, 10_000)):
        digests += b"".join([digest(text.encode("utf-8", "surrogateescape")) for text in some])
    return hash_order(digests)


def repeats(digests: bytes | bytearray, order: Int64[np.ndarray, " n"]) -> Bool[np.ndarray, " n"]:
    """Say of each place in an order whether the digest there is that of the place before."""
    numbers = np.frombuffer(digests, "V16")[order]
    same = np.zeros(len(order), bool)
    same[1:] = numbers[1:] == numbers[:-1]
    return same


def cuts(
    n: int, shard_size: int, together: Bool[np.ndarray, " n"] | None = None
) -> list[tuple[int, int]]:
    """Cut n images into shards of sizes as equal as possible, none of more than `shard_size`.

    Parameters
    ----------
    n : int
        1 or more.
    shard_size : int
    together : bool [n], optional
        Where not to cut: images that must be in the same shard as those before them.

    Returns
    -------
    list of (int, int)
        The first image of each shard, and the first after it.
    """
    count = -(-n // shard_size)
    edges = [n * number // count for number in range(count + 1)]
    if together is not None:
        for number in range(1, count):
            while edges[number] > edges[number - 1] and together[edges[number]]:
                edges[number] -= 1
    return list(pairwise(edges))


def check_shard_size(shard_size: int, image_bytes: int) -> None:
    """Refuse shards of no images, and those that fit no memory.

    Raises
    ------
    InputError
        Naming what is allowed.
    """
    if shard_size < 1:
        raise InputError(
            f"A shard of {shard_size:,} images can't be; give --shard-size of 1 or more."
        )
    most = MOST_SHARD_BYTES // image_bytes
    if shard_size > most:
        raise InputError(
            f"A shard of {shard_size:,} images is held in memory, in "
            f"{shard_size * image_bytes / 1e9:,.1f} GB; give --shard-size of {most:,} at most."
        )


def check_count(n: int, shard_size: int, source: object) -> None:
    """Refuse to make more files than a folder takes well.

    Raises
    ------
    InputError
        Naming the least size that will do.
    """
    if -(-n // shard_size) > MOST_SHARDS:
        raise InputError(
            f"{source} would become {-(-n // shard_size):,} shards, and {MOST_SHARDS:,} is the "
            f"most; give --shard-size of {-(-n // MOST_SHARDS):,} or more."
        )
