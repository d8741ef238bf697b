"""Figures as the current language writes them: decimal point or comma, thousands, signs, units."""

from collections.abc import Iterable, Sequence

from glyphlab.language.catalogue import Language, language, say

_SEPARATORS: dict[Language, dict[int, str]] = {
    "en": {},
    "ru": str.maketrans({",": "\u00a0", ".": ","}),
}
_MINUS = str.maketrans("-", "−")


def decimal(value: float, digits: int, signed: bool = False) -> str:
    """A number with so many digits after the point: 1,234.5; 1 234,5 in Russian."""
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    return text.translate(_SEPARATORS[language()]).translate(_MINUS)


def significant(value: float, digits: int) -> str:
    """A number with so many digits in all: 0.31; 0,31 in Russian."""
    return f"{value:.{digits}g}".translate(_SEPARATORS[language()]).translate(_MINUS)


def number(value: float) -> str:
    """A count with thousands apart: 225,898."""
    return decimal(value, 0)


def share(value: float | None) -> str:
    """A share with four digits: 0.9437; a dash for none."""
    return "–" if value is None else decimal(value, 4)


def shares(values: Iterable[float]) -> str:
    """Several shares: 0.9437, 0.9412; with semicolons where commas are in the figures."""
    return ("; " if language() == "ru" else ", ").join(map(share, values))


def span(ends: Sequence[float]) -> str:
    """An interval of shares: 0.9388 – 0.9482."""
    return f"{share(ends[0])} – {share(ends[1])}"


def from_to(ends: Sequence[float]) -> str:
    """An interval of shares in a sentence: 0.9388 to 0.9482."""
    return say("from-to", low=share(ends[0]), high=share(ends[1]))


def percent(value: float, space: str = "\u00a0") -> str:
    """A share in percent with one digit: 94.4 %."""
    return f"{decimal(100 * value, 1)}{space}%"


def certainty(probability: float) -> str:
    """A probability with three digits, which is never rounded up to certainty: 0.987, > 0.999."""
    high = f">\u00a0{decimal(0.999, 3)}"
    return high if probability > 0.9994 else decimal(probability, 3)


def p_value(value: float) -> str:
    """A p-value with four digits, which is never rounded down to nothing."""
    return f"p < {decimal(0.0001, 4)}" if value < 0.0001 else f"p = {decimal(value, 4)}"


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign: −0.37 points."""
    return say("points", difference=decimal(100 * difference, 2, signed=True))


def points_span(ends: Sequence[float]) -> str:
    """An interval of a difference: −0.37 to +1.02 points."""
    low, high = (decimal(100 * end, 2, signed=True) for end in ends)
    return say("points-span", low=low, high=high)


def duration(seconds: float) -> str:
    """A time for a person: 0.31 s, 31.2 s, 4 min 05 s, 1 h 02 min."""
    if seconds < 59.95:
        shown = significant(seconds, 2) if seconds < 0.995 else decimal(seconds, 1)
        return say("seconds", seconds=shown)
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return say("minutes", minutes=minutes, seconds=f"{rest:02d}")
    return say("hours", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def large(value: float) -> str:
    """A count for a person: 850, 7,850, 1.2 million."""
    if value >= 999_950_000:
        return say("billions", count=decimal(value / 1e9, 1))
    return say("millions", count=decimal(value / 1e6, 1)) if value >= 999_950 else number(value)


def listed(parts: Sequence[str]) -> str:
    """Words with commas and a last `and`."""
    if len(parts) == 1:
        return parts[0]
    return say("and", first=", ".join(parts[:-1]), last=parts[-1])
