"""How templates become pages: whatever comes from outside is escaped."""

from collections.abc import Callable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined


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
