"""What a server counts, for Prometheus."""

from collections.abc import Callable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_IMAGES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counters of one server.

    Attributes
    ----------
    requests : Counter
        By path and status.
    seconds : Histogram
        From the first byte of a request for predictions to the last of its answer.
    batch_images : Histogram
        Images that a model computed together, by model.
    reloads : Counter
        Of models, by model and outcome (done, failed).
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self.requests = Counter(
            "glyphlab_requests", "Answered requests.", ("path", "status"), registry=registry
        )
        self.seconds = Histogram(
            "glyphlab_prediction_seconds",
            "From the first byte of a request to its answer.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.batch_images = Histogram(
            "glyphlab_batch_images",
            "Images that a model computed together.",
            ("model",),
            buckets=_IMAGES,
            registry=registry,
        )
        self.reloads = Counter(
            "glyphlab_model_reloads", "Models read anew.", ("model", "outcome"), registry=registry
        )

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """Tell how many images wait whenever somebody asks."""
        gauge = Gauge("glyphlab_images_waiting", "Images in the queue.", registry=self._registry)
        gauge.set_function(waiting)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)
