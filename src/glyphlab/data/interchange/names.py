"""File names that every system takes, made of any text."""

import unicodedata

from glyphlab.data.collect import is_hidden
from glyphlab.data.decode import has_image_name

LONGEST = 180
"""Bytes in UTF-8; systems take 255, of which a number and an ending are to be added."""

_REFUSED = frozenset('/\\:*?"<>|')
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)))
)


def file_name(text: str) -> str:
    """Make a text the name of one file or folder, which is not hidden.

    Most names stay as they are. What some system refuses becomes a dash: separators, wildcards
    and signs that can't be printed. A dot at the start, a dot or space at the end becomes `_`,
    names of devices (`con`) and of systems' own folders get one more, and what is over `LONGEST`
    bytes is cut.
    """
    plain = "".join(c if c.isprintable() and c not in _REFUSED else "-" for c in text)
    name = plain.encode()[:LONGEST].decode(errors="ignore")
    if name[:1] in (".", " ", ""):
        name = f"_{name[1:]}"
    if name[-1] in ". ":
        name = f"{name[:-1]}_"
    reserved = name.partition(".")[0].casefold() in _DEVICES or is_hidden(name)
    return f"_{name}" if reserved else name


def image_name(image_id: str) -> str:
    """Make the last part of an id a file name, without the ending of image files."""
    last = image_id.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return file_name(last.rpartition(".")[0] if has_image_name(last) and "." in last else last)


class Distinct:
    """Gives each name once: one that was given before, in whatever case, gets a number."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        """Give the name itself the first time, then `name_2`, `name_3`."""
        key = unicodedata.normalize("NFC", wanted.casefold())
        times = self._times[key] = self._times.get(key, 0) + 1
        return wanted if times == 1 else self.name(f"{wanted}_{times}")
