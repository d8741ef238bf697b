"""How the user wants the images of a source."""

from dataclasses import dataclass

from glyphlab.data.archives import Bounds
from glyphlab.progress import Progress


@dataclass(frozen=True)
class Wish:
    """What `load` was asked for; see there."""

    size: int
    mode: str
    allow_unreadable: bool
    progress: Progress
    bounds: Bounds
