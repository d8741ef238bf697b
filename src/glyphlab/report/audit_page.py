"""The audit as one HTML page: what was found, the images, and a place to overrule it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from glyphlab.auditing.findings import Audit
from glyphlab.data.dataset import Dataset
from glyphlab.data.sheet import p_value_text
from glyphlab.language import say
from glyphlab.report import audit_words
from glyphlab.report.audit_summary import kinds
from glyphlab.report.audit_view import Album, check_same, leak_pairs, part_view
from glyphlab.report.templating import environment, script

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
    """The audit as a self-contained HTML page in the current language.

    The same audit gives the same text. Opened as a file it is for reading. Served by
    `glyphlab.serving.review` it also lets a person decide what shall become of single images.

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
    page = environment(**_FILTERS).get_template("audit.html.j2")
    return page.render(
        audit=audit,
        words=audit_words,
        parts=parts,
        summary=_summary(audit),
        leaks=leak_pairs(audit, album),
        facts=_facts(audit),
        said=_said_by_the_script(),
        policy=content_policy(),
        script=script("review.js").text,
    )


@cache
def content_policy() -> str:
    """What a browser may do for the page: run its own script, and speak to who served it."""
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src '{script('review.js').hash}'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'"
    )


def is_current(page: bytes) -> bool:
    """Whether a page has the script of this version, which alone its policy lets run."""
    return script("review.js").hash.encode() in page


_FILTERS = {
    "percent": audit_words.percent,
    "score": audit_words.score,
    "p_value": p_value_text,
}

_PLURALS = ("one", "few", "many", "other")
"""What JavaScript calls the plural forms of our languages."""


def _facts(audit: Audit) -> dict[str, Any]:
    """What the page's script needs to know about the audit."""
    return {
        "train": audit.fingerprint,
        "test": audit.test.fingerprint if audit.test else None,
        "classes": audit.classes,
    }


def _said_by_the_script() -> dict[str, Any]:
    """What the page's script says; it puts in `{count}`, `{reason}` and `{id}` itself."""
    count = "{count}"
    return {
        "none": say("audit-no-decisions"),
        "saving": {form: say("audit-saving", plural=form, count=count) for form in _PLURALS},
        "saved": {form: say("audit-saved", plural=form, count=count) for form in _PLURALS},
        "notSaved": say("audit-not-saved", reason="{reason}"),
        "noAnswer": say("audit-no-answer"),
        "changedElsewhere": say("audit-changed-elsewhere"),
        "tryAgain": say("audit-try-again"),
        "loadAgain": say("audit-load-again"),
        "decisionOn": say("audit-decision-on", id="{id}"),
    }


def _summary(audit: Audit) -> list[SummaryRow]:
    """How many of each finding there are."""
    sizes = [audit.n, audit.test.n] if audit.test else [audit.n]
    return [
        SummaryRow(
            anchor=kind.section,
            name=f"{kind.name[:1].upper()}{kind.name[1:]}",
            counts=kind.counts,
            shares=[
                count / n if count and kind.section != "unreadable" else None
                for count, n in zip(kind.counts, sizes, strict=True)
            ],
        )
        for kind in kinds(audit)
    ]
