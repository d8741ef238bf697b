"""What freed memory a process keeps, in a process of its own for each."""

import platform
import subprocess
import sys

import pytest

READ_BY_TWO_THREADS = """
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from glyphlab import memory

def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

def read(megabytes):
    together.wait()
    return len(bytes(b"x") * (megabytes << 20))

{before}
together, before = Barrier(2), resident()
with ThreadPoolExecutor(2) as threads:
    for megabytes in (20, 15, 12, 20):
        list(threads.map(read, [megabytes] * 2))
    print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="tells glibc only")
@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("memory.hand_back_freed_memory()", 0, 10),
        ("memory.hand_back_freed_memory(); memory.keep_freed_memory()", 0, 10),
        ("memory.keep_freed_memory()", 20, 100),
    ],
)
def test_freed_blocks_go_back_to_the_system_or_are_kept_as_who_asked_first_wanted(
    asked: str, least: int, most: int
) -> None:
    code = READ_BY_TWO_THREADS.replace("{before}", asked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert least <= float(done.stdout) <= most
