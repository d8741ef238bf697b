"""Memory that is freed in one batch and wanted again in the next."""

import ctypes
import gc
import platform
from functools import cache

# Numbers of glibc's malloc.h; 32 MB is the most that it takes for the second.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT, LARGEST_KEPT = 1 << 30, 32 << 20


@cache
def keep_freed_memory() -> None:
    """Let the process keep the memory that it frees, where the C library is glibc.

    By default glibc hands large blocks back to the system, which must clear every page again for
    the next step: a third of the time of steps of 512 images. Peak memory is the same.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT)


def keep_from_collector() -> None:
    """Let Python's garbage collector no longer look through what lives now.

    Looking through PyTorch's hundreds of thousands of objects stops all threads for more than a
    tenth of a second, each time. What was kept from it before and is needed no more is collected.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
