"""Exporters tell their own developers what nobody else can act on."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_silence() -> Iterator[None]:
    """Meanwhile nothing is logged but errors."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
