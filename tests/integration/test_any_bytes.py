"""Whatever bytes a reader is given, it gives a result or one sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.torturing import torture_module

READERS = (
    *("Dataset file", "shard index", "tar", "tar.gz", "zip", "zip, for shards", "npz", "IDX"),
    *("IDX, gzip", "font", "PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF"),
    *("weights", "weights, imported", "run.json", "history", "Recipe of a Run", "checkpoint"),
    *("evaluation", "logits of examples", "search", "trials", "outcome of a trial", "Recipe"),
    *("audit", "decisions", "configuration", "pyproject.toml", "fonts left out", "HTTP form"),
    *("HTTP JSON", "HTTP request"),
)
WORDS = [
    *(b"", b"\0", b"\n", b"\xff", b"{}", b"[]", b"null", b"1e999", b'"\\ud800"', b"9" * 400),
    *(b"[" * 3_000, b"a.a = 1\n", b"a = nan", b"-1", b"PK\1\2", b"PK\5\6", b"\x1f\x8b\x08"),
]


@st.composite
def changes(draw: st.DrawFn) -> tuple[float, float, bytes]:
    """Where a piece of a file begins and ends, as shares of it, and what comes in its place."""
    start = draw(st.floats(0, 1))
    inside = st.sampled_from(WORDS) | st.binary(max_size=60)
    return start, draw(st.floats(0, 1)), draw(inside)


def test_every_reader_is_tried(readers: Mapping[str, Any]) -> None:
    assert set(readers) == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_any_bytes_are_read_or_refused_in_a_sentence(
    readers: Mapping[str, Any], name: str, tmp_path: Path
) -> None:
    judge, reader = torture_module("judge").judge, readers[name]
    path = tmp_path / reader.file

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(content=st.binary(max_size=300), changed=st.none() | changes())
    def read(content: bytes, changed: tuple[float, float, bytes] | None) -> None:
        if changed is not None:
            first, share, inside = changed
            start = int(first * len(reader.content))
            end = start + int(share**4 * len(reader.content))
            content = reader.content[:start] + inside + reader.content[end:]
        path.write_bytes(content)
        outcome = judge(reader.read, path)
        assert outcome.word in ("read", "refused"), outcome

    read()
