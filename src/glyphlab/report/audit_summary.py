"""An Audit as a table of counts and as sentences, for a terminal."""

from collections.abc import Iterator

from glyphlab.auditing.findings import Audit, Findings
from glyphlab.report import audit_words as words

TableRow = tuple[str, int | None, int | None]
"""What was looked for, how many of the training images it is, and how many of the test images."""


def audit_table(audit: Audit) -> list[TableRow]:
    """How many of each finding there are; None for what was not looked for."""
    train, test = _counts(audit), _counts(audit.test) if audit.test else {}
    rows: list[TableRow] = [(name, count, test.get(name)) for name, count in train.items()]
    if audit.test:
        rows.append(("copies of images of the other", len(audit.leak_sources), len(audit.leaks)))
    return rows


def audit_sentences(audit: Audit) -> list[str]:
    """What the figures of an Audit mean, the gravest findings first."""
    sentences = [words.headline(audit), *_own_sentences(audit)]
    if audit.test:
        sentences += _own_sentences(audit.test)
    if audit.leak_effect:
        sentences.append(words.leak_effect(audit.leak_effect))
    return sentences


def _counts(findings: Findings) -> dict[str, int | None]:
    judged = findings.noise is not None
    return {
        "images": findings.n,
        "unreadable files": len(findings.unreadable),
        "exact duplicates": len(findings.duplicates),
        "near duplicates": len(findings.near_duplicates),
        "same pixels, other label": len(findings.label_conflicts),
        "likely label errors": len(findings.label_errors) if judged else None,
        "outliers": len(findings.outliers) if judged else None,
    }


def _own_sentences(findings: Findings) -> Iterator[str]:
    yield f"{findings.dataset}: {findings.balance.sentence}"
    if cost := words.balance_cost(findings.balance):
        yield f"{findings.dataset}: {cost}"
    if findings.groups:
        yield words.groups(findings, findings.groups)
