"""The blocks of code in a document."""

import re
from typing import NamedTuple

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    """One block: its language, whether it is to be left alone, its line and its text."""

    language: str
    skipped: bool
    line: int
    text: str


def fences(document: str) -> list[Fence]:
    """Give the blocks in order; "```python" or "```{ .python .skip }" opens one."""
    found = []
    for match in _FENCE.finditer(document):
        words = match["info"].replace(".", " ").strip("{ }").split()
        line = document.count("\n", 0, match.start()) + 2
        found.append(Fence(words[0] if words else "", "skip" in words, line, match["text"]))
    return found
