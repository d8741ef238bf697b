"""Memory that is freed in one batch and wanted again in the next."""

import ctypes
import gc
import platform

# Numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_decided: list[tuple[int, int]] = []


def keep_freed_memory() -> None:
    """Let the process keep the memory that it frees, where the C library is glibc.

    By default glibc hands large blocks back to the system, which must clear every page again for
    the next step: a third of the time of steps of 512 images. Peak memory is the same. In a process
    that was told to `hand_back_freed_memory` nothing changes.
    """
    _decide(kept=1 << 30, largest_kept=32 << 20)  # the most that glibc takes for the second


def hand_back_freed_memory() -> None:
    """Let the process hand large blocks back when it frees them, where the C library is glibc.

    By default glibc takes the first large block that is freed as a sign that more will come: it
    keeps those of up to 32 MB from then on, for each thread its own. A process that serves
    strangers would grow by the largest images that each of its threads ever read.
    """
    _decide(kept=8 << 20, largest_kept=1 << 20)


def _decide(kept: int, largest_kept: int) -> None:
    """Tell glibc once; who comes first decides for the process."""
    if not _decided:
        _decided.append((kept, largest_kept))
        if platform.libc_ver()[0] == "glibc":
            libc = ctypes.CDLL(None)
            libc.mallopt(_MMAP_THRESHOLD, largest_kept)
            libc.mallopt(_TRIM_THRESHOLD, kept)


def keep_from_collector() -> None:
    """Let Python's garbage collector no longer look through what lives now.

    Looking through PyTorch's hundreds of thousands of objects stops all threads for more than a
    tenth of a second, each time. What was kept from it before and is needed no more is collected.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
