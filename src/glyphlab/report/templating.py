"""How templates become pages: whatever comes from outside is escaped."""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from glyphlab.language import language, numerals, say


class Script(NamedTuple):
    """A page's own script, and the hash by which the page's policy lets it alone run."""

    text: str
    hash: str


def asset(name: str) -> str:
    """A stylesheet or script of this package."""
    return (resources.files("glyphlab.report") / "templates" / name).read_text("utf-8")


@cache
def script(name: str) -> Script:
    """A script of this package, which stands in its page."""
    text = asset(name)
    return Script(text, f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}")


FILTERS: dict[str, Callable[..., str]] = {
    "number": numerals.number,
    "decimal": numerals.decimal,
    "share": numerals.share,
    "shares": numerals.shares,
    "span": numerals.span,
    "percent": numerals.percent,
    "certainty": numerals.certainty,
    "duration": numerals.duration,
    "p_value": numerals.p_value,
    "points": numerals.points,
    "points_span": numerals.points_span,
}
"""What every template can write figures with."""


def environment(package: str = "glyphlab.report", /, **filters: Callable[..., str]) -> Environment:
    """The templates of a package, with what puts sentences and figures into words.

    Parameters
    ----------
    package : str
        Its name; the templates are in its folder `templates`.
    **filters
        More than `FILTERS`, or in their place.
    """
    made = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS | filters)
    made.globals.update(say=say, marked=marked, language=language)
    return made


def marked(message: str, **figures: str | int) -> Markup:
    """A sentence as `say` gives it, in which markup among the figures stays markup."""
    safe = {k: str(escape(v)) if isinstance(v, str) else v for k, v in figures.items()}
    # The catalogues are of this package and hold no markup, which a test sees to.
    return Markup(say(message, **safe))  # noqa: S704
