"""Train epoch by epoch until an accuracy is reached, with the time of the tests told apart."""

import time
from collections.abc import Callable, Mapping
from typing import Any


def train_until(
    options: Mapping[str, Any], train: Callable[[], object], test: Callable[[], float]
) -> dict[str, Any]:
    """Call `train` for an epoch and `test` for its accuracy, until `target` or `epochs` is met."""
    testing, best, epoch = 0.0, 0.0, 0
    while epoch < options["epochs"] and best < options["target"]:
        train()
        before = time.perf_counter()
        best, epoch = max(best, test()), epoch + 1
        testing += time.perf_counter() - before
    reached = best >= options["target"]
    return {"accuracy": best, "reached": reached, "epochs": epoch, "testing_seconds": testing}
