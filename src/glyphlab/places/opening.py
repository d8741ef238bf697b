"""From the word behind --on to a place."""

from collections.abc import Iterator
from contextlib import contextmanager

from glyphlab.errors import InputError
from glyphlab.places.local import Local
from glyphlab.places.place import Place

LOCAL = "local"


@contextmanager
def open_place(where: str) -> Iterator[Place]:
    """Open the place that a word names; it is closed with the block.

    Parameters
    ----------
    where : str
        "local"; "ray" for a cluster that is started here, or that this machine belongs to;
        "ray://HOST:PORT" for another.

    Raises
    ------
    InputError
        If the word names no place, the place needs a package that is not installed, or there is no
        cluster at the address.
    """
    if where == LOCAL:
        yield Local()
        return
    raise InputError(f"{where!r} is no place to compute; give local, ray or ray://HOST:PORT.")
