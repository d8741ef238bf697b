"""The files of a report."""

import json
from pathlib import Path

import pytest

from glyphlab.errors import InputError
from glyphlab.report.content import LabContent
from glyphlab.report.html import lab_html
from glyphlab.report.summary import lab_json
from glyphlab.report.write import write_report


def test_a_report_is_a_page_a_text_with_figures_and_json(
    content: LabContent, tmp_path: Path
) -> None:
    page, text, data = write_report(content, tmp_path / "out")
    assert page.read_text("utf-8") == lab_html(content)
    assert json.loads(data.read_text("utf-8")) == lab_json(content)
    assert text.read_text("utf-8").startswith("# Two models\n")
    assert (tmp_path / "out" / "figures" / "accuracy.png").is_file()


def test_nothing_half_written_is_left(content: LabContent, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(InputError, match="Can't write"):
        write_report(content, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
