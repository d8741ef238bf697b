"""Tables of what came of attacks."""

from collections.abc import Mapping, Sequence


def table(columns: Sequence[str], rows: Mapping[str, Sequence[int]]) -> str:
    """Markdown of a row of counts for each name; the first column holds the names."""
    lines = [
        f"| {' | '.join(columns)} |",
        "| --- |" + " ---: |" * (len(columns) - 1),
        *(f"| {name} | {' | '.join(f'{n:,}' for n in counts)} |" for name, counts in rows.items()),
    ]
    return "\n".join(lines)
