"""An Audit as a table of counts and as sentences."""

from collections.abc import Iterator
from typing import NamedTuple

from glyphlab.auditing.findings import Audit, Findings
from glyphlab.report import audit_words as words


class Kind(NamedTuple):
    """A kind of finding, and how many there are of it.

    Parameters
    ----------
    section : str
        What a page calls its section.
    name : str
    counts : list of int or None
        In the training images, and in the test images where there are any; None where it was not
        looked for.
    """

    section: str
    name: str
    counts: list[int | None]


def kinds(audit: Audit) -> list[Kind]:
    """How many of each kind of finding there are."""
    found: list[Findings] = [audit, audit.test] if audit.test else [audit]
    copies = Kind(
        "leaks", "copies of images of the other part", [len(audit.leak_sources), len(audit.leaks)]
    )
    return [
        Kind("unreadable", "unreadable files", [len(f.unreadable) for f in found]),
        Kind("duplicates", "exact duplicates", [len(f.duplicates) for f in found]),
        Kind("near-duplicates", "near duplicates", [len(f.near_duplicates) for f in found]),
        Kind("conflicts", "same pixels, other label", [len(f.label_conflicts) for f in found]),
        *([copies] if audit.test else []),
        Kind(
            "label-errors", "likely label errors", [_judged(f, len(f.label_errors)) for f in found]
        ),
        Kind("outliers", "outliers", [_judged(f, len(f.outliers)) for f in found]),
    ]


def audit_sentences(audit: Audit) -> list[str]:
    """What the figures of an Audit mean, the gravest findings first."""
    sentences = [words.headline(audit), *_own_sentences(audit)]
    if audit.test:
        sentences += _own_sentences(audit.test)
    if audit.leak_effect:
        sentences.append(words.leak_effect(audit.leak_effect))
    return sentences


def _judged(findings: Findings, count: int) -> int | None:
    return count if findings.noise is not None else None


def _own_sentences(findings: Findings) -> Iterator[str]:
    yield f"{findings.dataset}: {findings.balance.sentence}"
    if cost := words.balance_cost(findings.balance):
        yield f"{findings.dataset}: {cost}"
    if findings.groups:
        yield words.groups(findings, findings.groups)
