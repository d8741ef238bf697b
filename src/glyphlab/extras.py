"""Packages that not everyone needs, and what to install where one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from glyphlab.errors import InputError


@contextmanager
def extra(name: str, purpose: str) -> Iterator[None]:
    """Turn a missing package, imported in a `with` block, into a sentence.

    Parameters
    ----------
    name : str
        Of the extra of this project that brings it.
    purpose : str
        What it is needed for.

    Raises
    ------
    InputError
        Naming the package and how to install it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "glyphlab":
            raise
        raise InputError(
            f"{purpose} needs the package {error.name}, which is not installed; install it by pip "
            f"install 'glyphlab[{name}]'."
        ) from error
