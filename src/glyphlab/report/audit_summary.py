"""An Audit as a table of counts and as sentences."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from glyphlab.auditing.findings import Audit, Findings
from glyphlab.language import say
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
    leaks: list[int | None] = [len(audit.leak_sources), len(audit.leaks)]
    return [
        _kind("unreadable", [len(f.unreadable) for f in found]),
        _kind("duplicates", [len(f.duplicates) for f in found]),
        _kind("near-duplicates", [len(f.near_duplicates) for f in found]),
        _kind("conflicts", [len(f.label_conflicts) for f in found]),
        *([_kind("leaks", leaks)] if audit.test else []),
        _kind("label-errors", [_judged(f, len(f.label_errors)) for f in found]),
        _kind("outliers", [_judged(f, len(f.outliers)) for f in found]),
    ]


def audit_sentences(audit: Audit) -> list[str]:
    """What the figures of an Audit mean, the gravest findings first."""
    sentences = [words.headline(audit), *_own_sentences(audit)]
    if audit.test:
        sentences += _own_sentences(audit.test)
    if audit.leak_effect:
        sentences.append(words.leak_effect(audit.leak_effect))
    return sentences


def _kind(section: str, counts: Sequence[int | None]) -> Kind:
    return Kind(section, say(f"audit-kind-{section}"), list(counts))


def _judged(findings: Findings, count: int) -> int | None:
    return count if findings.noise is not None else None


def _own_sentences(findings: Findings) -> Iterator[str]:
    balance, name = findings.balance, findings.dataset
    yield say("audit-of-dataset", dataset=name, sentence=words.balance(balance))
    if cost := words.balance_cost(balance):
        yield say("audit-of-dataset", dataset=name, sentence=cost)
    if findings.groups:
        yield words.groups(findings, findings.groups)
