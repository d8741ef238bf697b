"""The command, called as a user calls it."""

import pytest

from glyphlab.cli import main


def status(*words: str) -> int:
    """Run it in this process, and give its exit status."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)
