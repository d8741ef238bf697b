"""The report as PDF."""

from pathlib import Path

import pytest

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.report.content import LabContent
from glyphlab.report.pdf import print_pdf
from glyphlab.report.write import check_formats, write_report


def test_the_page_is_printed_beside_it(content: LabContent, browser: str, tmp_path: Path) -> None:
    page, pdf, data = write_report(content, tmp_path, ["pdf"])
    assert (page.name, pdf.name, data.name) == ("report.html", "report.pdf", "lab.json")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert pdf.read_bytes().rstrip().endswith(b"%%EOF")


def test_without_a_browser_a_pdf_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(InputError, match="install Chromium"):
        check_formats(["html", "pdf"])
    check_formats(["html", "md", "ipynb"])


def test_a_browser_that_prints_nothing_is_told_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "browser"
    fake.write_text("#!/bin/sh\necho broken >&2\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(fake))
    with pytest.raises(GlyphlabError, match=r"printed no PDF of .*: broken"):
        print_pdf(tmp_path / "report.html", tmp_path / "out" / "report.pdf")
    assert not list((tmp_path / "out").iterdir())


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="as docx; choose from html, md, ipynb, pdf"):
        check_formats(["html", "docx"])
