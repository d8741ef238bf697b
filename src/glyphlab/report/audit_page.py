"""The audit as one HTML page: what was found, the images, and a place to overrule it."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from glyphlab.auditing.findings import Audit, Findings
from glyphlab.data.dataset import Dataset
from glyphlab.report import audit_words
from glyphlab.report.audit_view import Album, PartView, check_same, leak_pairs, part_view
from glyphlab.report.templating import environment

PAGE_FILE = "audit.html"
"""Its name in the folder that `glyphlab data audit` writes."""


@dataclass(frozen=True)
class SummaryRow:
    """A kind of finding: its section, its name, and how many there are of it in each Dataset.

    `counts` holds None where it was not looked for, and `shares` where it is no share of images.
    """

    anchor: str
    name: str
    counts: list[int | None]
    shares: list[float | None]


def audit_html(audit: Audit, train: Dataset, test: Dataset | None = None) -> str:
    """The audit as a self-contained HTML page; the same audit gives the same text.

    Opened as a file it is for reading. Served by `glyphlab.serving.review` it also lets a person
    decide what shall become of single images.

    Parameters
    ----------
    audit : Audit
    train : Dataset
        The images that were audited.
    test : Dataset, optional
        The test images, if the audit has any.

    Returns
    -------
    str
        A whole document, to be saved as UTF-8. Whatever comes from outside is escaped.

    Raises
    ------
    InputError
        If the images are others than those that were audited.
    """
    check_same(audit, train)
    if audit.test:
        check_same(audit.test, test)
    album = Album(train, test)
    parts = [part_view("train", audit, album)]
    if audit.test:
        parts.append(part_view("test", audit.test, album))
    page = environment(_FILTERS).get_template("audit.html.j2")
    return page.render(
        audit=audit,
        words=audit_words,
        parts=parts,
        summary=_summary(parts, audit),
        leaks=leak_pairs(audit, album),
        facts=_facts(audit),
        policy=content_policy(),
        script=_script(),
    )


@cache
def content_policy() -> str:
    """What a browser may do for the page: run its own script, and speak to who served it."""
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src '{_script_hash()}'; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def is_current(page: bytes) -> bool:
    """Whether a page has the script of this version, which alone its policy lets run."""
    return _script_hash().encode() in page


def _script_hash() -> str:
    return f"sha256-{b64encode(sha256(_script().encode()).digest()).decode()}"


@cache
def _script() -> str:
    return (resources.files("glyphlab.report") / "templates" / "review.js").read_text("utf-8")


_FILTERS = {
    "number": lambda value: f"{value:,}",
    "share": lambda value: f"{value:.4f}",
    "percent": audit_words.percent,
    "score": audit_words.score,
}


def _facts(audit: Audit) -> dict[str, Any]:
    """What the page's script needs to know about the audit."""
    return {
        "train": audit.fingerprint,
        "test": audit.test.fingerprint if audit.test else None,
        "classes": audit.classes,
    }


def _summary(parts: list[PartView], audit: Audit) -> list[SummaryRow]:
    """How many of each finding there are."""
    found = [part.findings for part in parts]
    copies: list[int | None] = [len(audit.leak_sources), len(audit.leaks)] if audit.test else []
    rows: list[tuple[str, str, list[int | None]]] = [
        ("duplicates", "Exact duplicates", [len(f.duplicates) for f in found]),
        ("near-duplicates", "Near duplicates", [len(f.near_duplicates) for f in found]),
        ("conflicts", "Same pixels, other label", [len(f.label_conflicts) for f in found]),
        *([("leaks", "Copies of images of the other part", copies)] if copies else []),
        ("label-errors", "Likely label errors", [_judged(f, len(f.label_errors)) for f in found]),
        ("outliers", "Outliers", [_judged(f, len(f.outliers)) for f in found]),
    ]
    unreadable: list[int | None] = [len(f.unreadable) for f in found]
    return [
        SummaryRow("unreadable", "Unreadable files", unreadable, [None] * len(found)),
        *(SummaryRow(*row, _shares(row[2], found)) for row in rows),
    ]


def _judged(findings: Findings, count: int) -> int | None:
    return count if findings.noise is not None else None


def _shares(counts: list[int | None], found: list[Findings]) -> list[float | None]:
    return [n / each.n if n else None for n, each in zip(counts, found, strict=True)]
