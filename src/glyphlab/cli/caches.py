"""A place for the caches of other libraries, where the user's own can't be written to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

PLACES = {"XDG_CACHE_HOME": "", "MPLCONFIGDIR": "matplotlib", "IPYTHONDIR": "ipython"}
"""Variables that name such places, and the folder within ours that each gets."""


@contextmanager
def writable_caches() -> Iterator[None]:
    """Let caches lie below `GLYPHLAB_HOME` or in a folder that is gone after this command.

    Matplotlib, fontconfig and IPython work without, but each complains in words of its own. What
    the user has set stays as it is.
    """
    if _is_writable(_usual()):
        yield
        return
    kept = os.environ.get("GLYPHLAB_HOME")
    place = nullcontext(f"{kept}/cache") if kept else TemporaryDirectory(prefix="glyphlab-")
    with place as folder:
        named = {name: str(Path(folder, inside)) for name, inside in PLACES.items()}
        ours = {name: path for name, path in named.items() if name not in os.environ}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name in ours:
                os.environ.pop(name, None)


def _usual() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("glyphlab"))


def _is_writable(place: Path) -> bool:
    """Whether a folder can be written to, or made."""
    from glyphlab.files import is_there

    above = next((each for each in (place, *place.parents) if is_there(each)), place)
    return os.access(above, os.W_OK | os.X_OK)
