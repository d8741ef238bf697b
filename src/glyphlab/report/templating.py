"""How templates become pages: whatever comes from outside is escaped."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined


class Script(NamedTuple):
    """A page's own script, and the hash by which the page's policy lets it alone run."""

    text: str
    hash: str


@cache
def script(name: str) -> Script:
    """A script of this package."""
    text = (resources.files("glyphlab.report") / "templates" / name).read_text("utf-8")
    return Script(text, f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}")


def environment(filters: Mapping[str, Callable[..., str]]) -> Environment:
    """The templates of this package, with functions that put figures into words."""
    made = Environment(
        loader=PackageLoader("glyphlab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(filters)
    return made
