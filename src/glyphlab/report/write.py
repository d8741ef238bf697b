"""All files of a lab report, in one folder."""

from collections.abc import Sequence
from pathlib import Path

from glyphlab.errors import InputError
from glyphlab.files import write_bytes, write_json, write_text
from glyphlab.report.content import LabContent
from glyphlab.report.html import lab_html
from glyphlab.report.markdown import lab_markdown
from glyphlab.report.notebook_file import check_installed, lab_notebook
from glyphlab.report.pdf import find_browser, print_pdf
from glyphlab.report.summary import lab_json

FORMATS = ("html", "md", "ipynb", "pdf")
USUAL = ("html", "md")


def check_formats(formats: Sequence[str]) -> None:
    """Refuse, before any work, what can't be written at its end.

    Raises
    ------
    InputError
        If a format is unknown, no browser is there to print a PDF, or Jupyter's parts are not
        installed.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InputError(
            f"A report can't be written as {', '.join(unknown) or 'nothing'}; choose from "
            f"{', '.join(FORMATS)}."
        )
    if "pdf" in formats:
        find_browser()
    if "ipynb" in formats:
        check_installed()


def write_report(content: LabContent, folder: Path, formats: Sequence[str] = USUAL) -> list[Path]:
    """Write the report in each format, and `lab.json`, each file atomically.

    Parameters
    ----------
    content : LabContent
    folder : Path
        Made if need be.
    formats : sequence of {"html", "md", "ipynb", "pdf"}
        `report.html`; `report.md` with its `figures/`; `report.ipynb`, executed; `report.pdf`,
        printed from the page, which is then written, too.

    Returns
    -------
    list of Path
        The files, in the order of `FORMATS`, and `lab.json`.

    Raises
    ------
    InputError
        If the place can't be written to, the disk is full, a format is unknown, or what makes it is
        not installed.
    GlyphlabError
        If the browser or the notebook fails.
    """
    check_formats(formats)
    written: list[Path] = []
    if {"html", "pdf"} & set(formats):
        written.append(folder / "report.html")
        write_text(written[-1], lab_html(content))
    if "md" in formats:
        written.append(folder / "report.md")
        markdown, figures = lab_markdown(content)
        for name, image in figures.items():
            write_bytes(folder / name, image)
        write_text(written[-1], markdown)
    if "ipynb" in formats:
        written.append(folder / "report.ipynb")
        write_text(written[-1], lab_notebook(content, folder))
    if "pdf" in formats:
        written.append(folder / "report.pdf")
        print_pdf(folder / "report.html", written[-1])
    written.append(folder / "lab.json")
    write_json(written[-1], lab_json(content))
    return written
