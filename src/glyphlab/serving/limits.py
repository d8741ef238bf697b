"""What one request, and all together, may ask of the server."""

from dataclasses import dataclass

from glyphlab.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What is refused rather than done.

    Attributes
    ----------
    body_bytes : int
        Of one request; more is answered by 413.
    held_bytes : int
        Of all bodies that are held at a time; more is answered by 429.
    images : int
        In one request; more is answered by 413.
    pixels : int
        Of one image; more is answered by 422.
    waiting : int
        Images that wait for a model; more is answered by 429.
    seconds : float
        From a request's first byte to its answer, after which it is given up: 408 while its body
        was still on the way, 504 later.

    Raises
    ------
    InputError
        If one is not positive.
    """

    body_bytes: int = 16 << 20
    held_bytes: int = 256 << 20
    images: int = 64
    pixels: int = 16_000_000
    waiting: int = 1024
    seconds: float = 10.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise InputError(f"The limit {name} must be above 0, not {value}.")
