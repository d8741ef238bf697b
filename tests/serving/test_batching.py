"""What comes while something is computed is computed together next."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from glyphlab.serving.batching import Batcher


class Gate:
    """Doubles numbers, a batch whenever it is let through, and notes the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self._through = threading.Semaphore(0)

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        assert self._through.acquire(timeout=10)
        if 0 in numbers:
            raise ZeroDivisionError
        return [2 * number for number in numbers]

    def open(self) -> None:
        self._through.release()


def run(
    work: Callable[[Batcher[int, int], Gate], Coroutine[Any, Any, None]], most: int = 4
) -> Gate:
    gate = Gate()
    with ThreadPoolExecutor(1) as executor:

        async def main() -> None:
            await work(Batcher(gate, executor, 1, most), gate)

        asyncio.run(main())
    return gate


async def ask(batcher: Batcher[int, int], *requests: list[int]) -> list[asyncio.Task[Any]]:
    """Requests that have all begun to wait, in this order."""
    tasks = [asyncio.ensure_future(batcher(numbers)) for numbers in requests]
    await asyncio.sleep(0.01)
    return tasks


def test_the_first_does_not_wait_and_the_rest_go_together_each_with_its_own_answers() -> None:
    async def work(batcher: Batcher[int, int], gate: Gate) -> None:
        tasks = await ask(batcher, [1], [2], [3, 4])
        assert batcher.waiting == 3
        gate.open()
        gate.open()
        assert [await task for task in tasks] == [[2], [4], [6, 8]]
        assert batcher.waiting == 0

    assert run(work).batches == [[1], [2, 3, 4]]


def test_a_batch_is_bounded_and_no_request_is_torn_apart() -> None:
    async def work(batcher: Batcher[int, int], gate: Gate) -> None:
        tasks = await ask(batcher, [1], [2, 3, 4], [5, 6], [7] * 6, [8])
        for _ in range(5):
            gate.open()
        await asyncio.gather(*tasks)

    assert run(work).batches == [[1], [2, 3, 4], [5, 6], [7] * 6, [8]]


def test_a_request_that_is_given_up_is_not_computed() -> None:
    async def work(batcher: Batcher[int, int], gate: Gate) -> None:
        first, given_up, third = await ask(batcher, [1], [2], [3])
        given_up.cancel()
        await asyncio.sleep(0.01)
        gate.open()
        gate.open()
        assert [await first, await third] == [[2], [6]]

    assert run(work).batches == [[1], [3]]


def test_a_failure_is_told_to_those_of_its_batch_only() -> None:
    async def work(batcher: Batcher[int, int], gate: Gate) -> None:
        tasks = await ask(batcher, [0], [1])
        gate.open()
        gate.open()
        with pytest.raises(ZeroDivisionError):
            await tasks[0]
        assert await tasks[1] == [2]

    run(work)
