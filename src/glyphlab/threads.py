"""The same work on many items, side by side."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Work on each item on a thread of its own, on as many at once as PyTorch has threads.

    Many small operations gain little from threads of their own, and lose much to them where other
    programs run.

    Yields
    ------
    Result
        In the order of the items.
    """
    threads = torch.get_num_threads()
    with (
        one_thread(),
        ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool,
    ):
        yield from pool.map(work, items)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch compute on one thread for the statements of a `with` block."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
