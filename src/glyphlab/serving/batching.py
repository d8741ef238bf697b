"""Requests that are in flight at the same time, computed together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Waiting(NamedTuple, Generic[Item, Answer]):
    """Images of one request, and where their answers go."""

    images: Sequence[Item]
    answers: asyncio.Future[Sequence[Answer]]


class Batcher(Generic[Item, Answer]):
    """Gathers the images that come while others are computed, and computes them as one batch.

    An image that comes when nothing is computed does not wait for others. All is called from one
    event loop.

    Parameters
    ----------
    compute : callable
        From n images to n answers; it runs in the executor.
    executor : Executor
    side_by_side : int
        Batches that are computed at a time.
    most : int
        Images of a batch; those of one request are never torn apart.
    """

    def __init__(
        self,
        compute: Callable[[Sequence[Item]], Sequence[Answer]],
        executor: Executor,
        side_by_side: int,
        most: int,
    ) -> None:
        self._compute, self._executor = compute, executor
        self._free, self._most = side_by_side, most
        self._queue: deque[_Waiting[Item, Answer]] = deque()

    @property
    def waiting(self) -> int:
        """Images that no computation has begun with."""
        return sum(len(request.images) for request in self._queue)

    async def __call__(self, images: Sequence[Item]) -> Sequence[Answer]:
        """The answers for these images, when their batch is computed.

        A request that is given up is forgotten, if its computation has not begun.
        """
        answers: asyncio.Future[Sequence[Answer]] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(images, answers))
        self._start()
        return await answers

    def _start(self) -> None:
        while self._free and (batch := self._next_batch()):
            self._free -= 1
            images = [image for request in batch for image in request.images]
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._executor, self._compute, images)
            running.add_done_callback(partial(self._deliver, batch))

    def _next_batch(self) -> list[_Waiting[Item, Answer]]:
        batch: list[_Waiting[Item, Answer]] = []
        count = 0
        while self._queue:
            request = self._queue[0]
            if batch and count + len(request.images) > self._most:
                break
            self._queue.popleft()
            if not request.answers.done():
                batch.append(request)
                count += len(request.images)
        return batch

    def _deliver(
        self, batch: Sequence[_Waiting[Item, Answer]], done: asyncio.Future[Sequence[Answer]]
    ) -> None:
        self._free += 1
        problem, start = done.exception(), 0
        for images, answers in batch:
            if not answers.done():
                if problem is None:
                    answers.set_result(done.result()[start : start + len(images)])
                else:
                    answers.set_exception(problem)
            start += len(images)
        self._start()
