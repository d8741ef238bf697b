"""What values a key of the Recipe may take in a search, and how that is written."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from glyphlab.errors import InputError
from glyphlab.training.recipe import Recipe, parse_settings

MOST_CHOICES = 100
DIGITS = 3
"""Significant digits of the numbers that are tried: more would only make tables wide."""

_RANGE = re.compile(r"\s*(\S+?)\s*\.\.\s*(\S+?)(\s+log)?\s*")


@dataclass(frozen=True)
class Floats:
    """Real numbers from `low` to `high`, both included; drawn by their logarithm if `log`."""

    low: float
    high: float
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}{' log' if self.log else ''}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that stand for all, to check them by."""
        return self.low, self.high

    def holds(self, value: object) -> bool:
        """Whether a value lies in it."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def tidy(self, value: float) -> float:
        """The value with few digits, still within the range."""
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)


@dataclass(frozen=True)
class Integers:
    """Whole numbers from `low` to `high`, both included; drawn by their logarithm if `log`."""

    low: int
    high: int
    log: bool = False

    def __str__(self) -> str:
        return f"{self.low}..{self.high}{' log' if self.log else ''}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that stand for all, to check them by."""
        return self.low, self.high

    def holds(self, value: object) -> bool:
        """Whether a value lies in it."""
        return isinstance(value, int) and self.low <= value <= self.high

    def tidy(self, value: int) -> int:
        """The value itself."""
        return value


@dataclass(frozen=True)
class Choices:
    """Single values, none nearer to another than to a third."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ",".join(word(value) for value in self.values)

    @property
    def ends(self) -> tuple[Any, ...]:
        """Values that stand for all, to check them by."""
        return self.values

    def holds(self, value: object) -> bool:
        """Whether a value is one of them."""
        return value in self.values

    def tidy(self, value: Any) -> Any:
        """The value itself."""
        return value


Range = Floats | Integers | Choices
Space = Mapping[str, Range]
"""The keys that are searched, each with what it may be."""


def word(value: object) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def parse_range(key: str, text: str) -> Range:
    """Read `LOW..HIGH`, `LOW..HIGH log` or `VALUE,VALUE,…` for a key of the Recipe.

    Raises
    ------
    InputError
        If there is no such key, the text is neither, or it leaves nothing to search.
    """
    if key not in Recipe.model_fields:
        raise InputError(f"{key} is no key of a Recipe; use {', '.join(Recipe.model_fields)}.")
    match = _RANGE.fullmatch(text)
    if match is None:
        return _choices(key, text)
    low, high, log = match[1], match[2], match[3] is not None
    kinds = _kinds(Recipe.model_fields[key].annotation)
    if float in kinds:
        found: Floats | Integers = Floats(_number(key, low, float), _number(key, high, float), log)
    elif int in kinds:
        found = Integers(_number(key, low, int), _number(key, high, int), log)
    else:
        raise InputError(f"{key} is no number; name its values, as in {key}=A,B.")
    if not found.low < found.high:
        raise InputError(
            f"{key}={text}: the first number must be below the second; for one value use --set."
        )
    if log and found.low <= 0:
        raise InputError(f"{key}={text}: a range that is drawn by its logarithm begins above 0.")
    return found


def _choices(key: str, text: str) -> Choices:
    words = [part.strip() for part in text.split(",")]
    if len(words) < 2 or not all(words):
        raise InputError(
            f"{key}={text} is nothing to search; write {key}=LOW..HIGH, {key}=LOW..HIGH log or "
            f"{key}=VALUE,VALUE, and for one value use --set."
        )
    values = tuple(parse_settings([f"{key}={part}"])[key] for part in words)
    if len(values) > MOST_CHOICES or len(set(values)) < len(values):
        raise InputError(f"{key}={text}: give each value once, and {MOST_CHOICES} at most.")
    return Choices(values)


def _number(key: str, text: str, kind: Callable[[str], Any]) -> Any:
    try:
        number = kind(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        sort = "whole number" if kind is int else "number"
        raise InputError(f"{key}: {text!r} is no {sort}; write {key}=LOW..HIGH.") from None
    return number


def _kinds(annotation: Any) -> set[Any]:
    """All types within one, however they are put together."""
    inner = [kind for part in get_args(annotation) for kind in _kinds(part)]
    try:
        return {annotation, *inner}
    except TypeError:  # metadata of pydantic's that can't be in a set
        return set(inner)
