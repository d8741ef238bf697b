"""Counts and noise rates of an audit as rows of tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from glyphlab.auditing.findings import Findings
from glyphlab.language import say
from glyphlab.report.matrix import Cell

MATRIX_CLASSES = 64
"""A matrix of more classes can't be read."""
_TINY = 1e-12


@dataclass(frozen=True)
class Bar:
    """A class with its images; `share` is of all, `length` of the largest class."""

    name: str
    count: int
    share: float
    length: float
    recall: float | None


@dataclass(frozen=True)
class NoiseRow:
    """How often a label is wrong, and which class its images then mostly belong to.

    `cells` is its row of the matrix, and empty where that would have too many classes.
    """

    name: str
    rate: float
    length: float
    mistaken_for: str | None
    cells: list[Cell]


def bars(findings: Findings) -> list[Bar]:
    """A row for each class: how many images it has, and how often models recognise it."""
    counts, recall = findings.balance.counts, findings.balance.recall or {}
    total, most = max(sum(counts.values()), 1), max([*counts.values(), 1])
    return [Bar(name, n, n / total, n / most, recall.get(name)) for name, n in counts.items()]


def noise_rows(findings: Findings) -> list[NoiseRow]:
    """A row for each class: how often its label is wrong; nothing if labels were not judged."""
    if findings.noise is None:
        return []
    joint, rates = np.array(findings.noise.joint), findings.noise.class_rates
    wrong = joint - np.diag(np.diagonal(joint))
    has_matrix = len(joint) <= MATRIX_CLASSES
    highest, darkest = max([*rates.values(), _TINY]), max(float(wrong.max()), _TINY)
    return [
        NoiseRow(
            name=name,
            rate=rates[name],
            length=rates[name] / highest,
            mistaken_for=findings.classes[int(wrong[row].argmax())] if wrong[row].any() else None,
            cells=list(_cells(findings, joint[row], row, darkest)) if has_matrix else [],
        )
        for row, name in enumerate(findings.classes)
    ]


def _cells(
    findings: Findings, shares: Float64[np.ndarray, " classes"], row: int, darkest: float
) -> Iterator[Cell]:
    label, of_label = findings.classes[row], max(float(shares.sum()), _TINY)
    for column, share in enumerate(shares.tolist()):
        right, true = column == row, findings.classes[column]
        n = round(share * findings.n)
        said = (
            say("audit-cell-right", label=label, n=n)
            if right
            else say("audit-cell-wrong", label=label, true=true, n=n)
        )
        shade = share / of_label if right else (share / darkest) ** 0.5
        yield Cell(n, round(shade, 3), right, said)
