"""How every way of predicting is timed: whole passes over many images, and one image at a time."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Predict = Callable[[np.ndarray], Any]
WARM_UP, SINGLES_SECONDS = 20, 5.0


@dataclass(frozen=True)
class Task:
    """What is predicted: so many images for so many seconds, and single ones so many times.

    Single ones end after `SINGLES_SECONDS`, too: by then a slow way has shown its median.
    """

    model: str
    images: int
    seconds: float
    singles: int


def read_task() -> tuple[Task, dict[str, Any]]:
    """The task in the JSON argument, and what else is in it."""
    options = json.loads(sys.argv[1])
    task = Task(*(options.pop(name) for name in ("model", "images", "seconds", "singles")))
    return task, options


def random_images(count: int) -> np.ndarray:
    """Random grey images uint8 [n, 28, 28, 1]; their values cost no time."""
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28, 1), np.uint8)


def random_floats(count: int) -> np.ndarray:
    """The same images as float32, normalised, as a network takes them."""
    return (random_images(count).astype(np.float32) / 255 - 0.5) / 0.29


def time_ways(
    task: Task, images: np.ndarray, bulk: Mapping[str, Predict], one: Mapping[str, Predict]
) -> dict[str, Any]:
    """Time all ways of each kind; what the best ones reach, and which these are."""
    rates = {name: _time_bulk(task, images, predict) for name, predict in bulk.items()}
    waits = {name: _time_one(task, images[:1], predict) for name, predict in one.items()}
    by, by_one = max(rates, key=rates.__getitem__), min(waits, key=lambda name: waits[name][0])
    return {
        "images_per_second": rates[by],
        "by": by,
        "p50_ms": waits[by_one][0],
        "p99_ms": waits[by_one][1],
        "by_one": by_one,
        "all_images_per_second": rates,
        "all_p50_ms": {name: p50 for name, (p50, _) in waits.items()},
    }


def _time_bulk(task: Task, images: np.ndarray, predict: Predict) -> float:
    predict(images[: len(images) // 4])
    started, passes = time.perf_counter(), 0
    while time.perf_counter() - started < task.seconds:
        predict(images)
        passes += 1
    return passes * len(images) / (time.perf_counter() - started)


def _time_one(task: Task, image: np.ndarray, predict: Predict) -> tuple[float, float]:
    for _ in range(WARM_UP):
        predict(image)
    waits: list[float] = []
    ends = time.perf_counter() + SINGLES_SECONDS
    while len(waits) < task.singles and time.perf_counter() < ends:
        started = time.perf_counter()
        predict(image)
        waits.append(time.perf_counter() - started)
    p50, p99 = np.quantile(waits, (0.5, 0.99)) * 1000
    return float(p50), float(p99)
