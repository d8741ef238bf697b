"""All files of a lab report, in one folder."""

from pathlib import Path

from glyphlab.files import write_bytes, write_json, write_text
from glyphlab.report.content import LabContent
from glyphlab.report.html import lab_html
from glyphlab.report.markdown import lab_markdown
from glyphlab.report.summary import lab_json


def write_report(content: LabContent, folder: Path) -> list[Path]:
    """Write `report.html`, `report.md` with its `figures/`, and `lab.json`, each atomically.

    Parameters
    ----------
    content : LabContent
    folder : Path
        Made if need be.

    Returns
    -------
    list of Path
        The HTML page, the Markdown text and the JSON file.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    page, text, data = (folder / name for name in ("report.html", "report.md", "lab.json"))
    markdown, figures = lab_markdown(content)
    for name, image in figures.items():
        write_bytes(folder / name, image)
    write_text(text, markdown)
    write_text(page, lab_html(content))
    write_json(data, lab_json(content))
    return [page, text, data]
