"""How every way of training is timed: the first step apart, some to warm up, then whole seconds."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

IMAGES, CLASSES, WARM_UP = 8192, 10, 8


@dataclass(frozen=True)
class Task:
    """What is to be trained, and for how long it is timed."""

    model: str
    batch_size: int
    seconds: float


def random_images() -> tuple[np.ndarray, np.ndarray]:
    """Random grey images uint8 [n, 28, 28, 1] and labels int64 [n]; their values cost no time."""
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (IMAGES, 28, 28, 1), np.uint8)
    return images, draw.integers(0, CLASSES, IMAGES)


def random_floats() -> tuple[np.ndarray, np.ndarray]:
    """The same images as float32 of mean 0 and spread 1, ready to be trained on."""
    images, labels = random_images()
    floats = images.astype(np.float32)
    return (floats - floats.mean()) / floats.std(), labels


def batches(batch_size: int) -> Iterator[np.ndarray]:
    """Indices of batches, epoch by epoch in another order, without an end."""
    for epoch in count():
        order = np.random.default_rng([0, epoch]).permutation(IMAGES)
        for start in range(0, IMAGES - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def time_steps(
    task: Task, step: Callable[[], Any], wait: Callable[[], Any], warm_up: int = WARM_UP
) -> dict[str, float]:
    """Images per second of `step`; `wait` returns when all steps that were begun have ended.

    Seconds of all cores together are told, too: they suffer less from other work on the machine.
    """
    first = _seconds(step, wait, 1)
    warm = _seconds(step, wait, warm_up) / warm_up
    steps, processor = max(1, round(task.seconds / warm)), time.process_time()
    images, seconds = steps * task.batch_size, _seconds(step, wait, steps)
    return {
        "images_per_second": images / seconds,
        "processor_seconds_per_image": (time.process_time() - processor) / images,
        "first_step_seconds": first,
        "steps": steps,
    }


def _seconds(step: Callable[[], Any], wait: Callable[[], Any], steps: int) -> float:
    started = time.perf_counter()
    for _ in range(steps):
        step()
    wait()
    return time.perf_counter() - started
