"""Many strings, such as the ids of images, in one piece of memory."""

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
from jaxtyping import Int64, UInt8


class Ids(Sequence[str]):
    """Strings in one UTF-8 buffer, so that half a million of them open at once.

    Parameters
    ----------
    id_bytes : uint8 [total bytes]
        All strings, end to end.
    id_offsets : int64 [n + 1]
        String `i` is `id_bytes[id_offsets[i]:id_offsets[i + 1]]`.
    """

    def __init__(
        self, id_bytes: UInt8[np.ndarray, " bytes"], id_offsets: Int64[np.ndarray, " n_plus_1"]
    ) -> None:
        self.id_bytes = id_bytes
        self.id_offsets = id_offsets

    @classmethod
    def from_strings(cls, strings: Sequence[str]) -> "Ids":
        """Pack a sequence of strings; another `Ids` is returned as it is."""
        if isinstance(strings, Ids):
            return strings
        together = "".join(strings)
        encoded = together.encode("utf-8", "surrogateescape")
        sizes = map(len, strings) if together.isascii() else map(_utf8_length, strings)
        lengths = np.fromiter(sizes, np.int64, len(strings))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.frombuffer(encoded, np.uint8), offsets)

    @property
    def are_in_order(self) -> bool:
        """Whether each string begins where the one before ends, from the first byte to the last."""
        offsets = self.id_offsets
        return bool(
            len(offsets)
            and offsets[0] == 0
            and offsets[-1] == len(self.id_bytes)
            # Compared, not subtracted: steps of a damaged file can pass 64 bits.
            and (offsets[1:] >= offsets[:-1]).all()
        )

    def __len__(self) -> int:
        return len(self.id_offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        start, end = self.id_offsets[position], self.id_offsets[position + 1]
        return self.id_bytes[start:end].tobytes().decode("utf-8", "surrogateescape")

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    def take(self, indices: Int64[np.ndarray, " k"]) -> "Ids":
        """The strings at `indices`, in that order."""
        return Ids.from_strings([self[int(i)] for i in indices])


def _utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))
