"""Words that several experiments have for the same things."""

from glyphlab.language import say


def headings(*names: str) -> tuple[str, ...]:
    """Heads of a table's columns by their names in the catalogues."""
    return tuple(say(f"evidence-column-{name}") for name in names)


def with_images(name: str, images: int) -> str:
    """Label of what learned from so many images."""
    return say("evidence-with-images", name=name, images=images)
