"""Small tables and pictures by which objects show themselves in a notebook."""

from collections.abc import Mapping, Sequence
from html import escape

from glyphlab.language import say
from glyphlab.language.numerals import number, share, significant

COLOURS = ("#0072b2", "#d55e00", "#009e73")
_WIDTH, _HEIGHT, _MARGIN = 300, 120, 6


def table_html(
    columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "", below: str = ""
) -> str:
    """A table with a title; whatever comes from outside is escaped.

    Parameters
    ----------
    columns : sequence of str
    rows : sequence of sequences
        A cell for each column; a `Drawn` is taken as it is.
    title, below : str
        A line above, and HTML that stands below.
    """
    head = "".join(f'<th style="text-align:left">{escape(c)}</th>' for c in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div><p><b>{escape(title)}</b></p>{table}{below}</div>"


class Drawn(str):
    """HTML that was made here, and needs no escaping."""


def interval_svg(low: float, middle: float, high: float, ends: tuple[float, float]) -> Drawn:
    """A dot with its interval on an axis from `ends[0]` to `ends[1]`."""
    span = max(ends[1] - ends[0], 1e-12)
    x = [4 + 152 * (value - ends[0]) / span for value in (low, middle, high)]
    alt = say("notebook-interval-alt", middle=share(middle), low=share(low), high=share(high))
    return Drawn(
        f'<svg width="160" height="14" role="img" aria-label="{escape(alt)}">'
        f'<line x1="{x[0]:.1f}" x2="{x[2]:.1f}" y1="7" y2="7" stroke="{COLOURS[0]}" '
        f'stroke-width="2"/><circle cx="{x[1]:.1f}" cy="7" r="4" fill="{COLOURS[0]}"/></svg>'
    )


def shaded(count: int, depth: float, right: bool) -> Drawn:
    """A count on a ground whose depth is from 0 to 1."""
    red, green, blue = (0, 90, 156) if right else (179, 71, 0)
    return Drawn(
        f'<span style="display:inline-block;min-width:2.2em;text-align:right;padding:0 .3em;'
        f'background:rgba({red},{green},{blue},{0.45 * depth:.2f})">{number(count)}</span>'
    )


def curves_svg(lines: Mapping[str, Sequence[float]], title: str) -> Drawn:
    """Lines over the same places, from left to right, each on the one scale of all."""
    known = {name: list(values) for name, values in lines.items() if len(values) > 1}
    every = [value for values in known.values() for value in values]
    if not every:
        return Drawn("")
    low, high = min(every), max(every)
    drawn, names = "", ""
    for colour, (name, values) in zip(COLOURS, known.items(), strict=False):
        places = " ".join(
            f"{_across(i, len(values)):.1f},{_down(value, low, high):.1f}"
            for i, value in enumerate(values)
        )
        drawn += f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        names += f' <span style="color:{colour}">{escape(name)} {share(values[-1])}</span>'
    ends = {"low": significant(low, 3), "high": significant(high, 3)}
    shown = say("notebook-curve", title=title, **ends)
    return Drawn(
        f'<figure style="display:inline-block;margin:.5em 1em .5em 0"><figcaption>{escape(shown)}'
        f'{names}</figcaption><svg width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" aria-label="{escape(title)}">{drawn}</svg></figure>'
    )


def _across(place: int, places: int) -> float:
    return _MARGIN + (_WIDTH - 2 * _MARGIN) * place / max(places - 1, 1)


def _down(value: float, low: float, high: float) -> float:
    return _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * (value - low) / max(high - low, 1e-12)


def _cell(value: object) -> str:
    shown = value if isinstance(value, Drawn) else escape(str(value))
    return f'<td style="text-align:left">{shown}</td>'
