"""From a Dataset and its Audit to a Dataset without what is wrong, and a list of every change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Int64

from glyphlab.auditing.decisions import Decision, Decisions, Part
from glyphlab.auditing.findings import Audit, Findings, Record
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError

REASONS = ("duplicates", "near-duplicates", "leaks", "conflicts", "label-errors", "outliers")
"""What can be dropped; of an image found for several reasons the first one is told."""
BY_A_MODEL = frozenset({"label-errors", "outliers"})
"""Those reasons that rest on a model's opinion, by which no test set is cleaned unasked."""
BY_A_PERSON = "your decision"


class Change(Record):
    """What was done with one image, and why.

    Attributes
    ----------
    index, id, label : int, str, str
        Its place in the Dataset before, its id, and the class that it had.
    action : {"removed", "relabelled"}
    new_label : str or None
        The class that it has now, if it was relabelled.
    reason : str
        One of `REASONS`, or "your decision".
    """

    index: int
    id: str
    label: str
    action: Literal["removed", "relabelled"]
    new_label: str | None = None
    reason: str


@dataclass(frozen=True, eq=False)
class Cleaned:
    """A Dataset after cleaning, and every change in the order of the images."""

    dataset: Dataset
    changes: list[Change]


@dataclass(frozen=True)
class _Proposal:
    """What is to be done with one image; a label means to give it that class."""

    reason: str
    label: str | None = None


def clean(
    dataset: Dataset,
    audit: Audit,
    *,
    part: Part = "train",
    drop: Sequence[str] = ("duplicates", "leaks", "conflicts"),
    relabel: bool = False,
    decisions: Decisions | None = None,
) -> Cleaned:
    """Remove or relabel what an audit found wrong; a person's decisions go before it.

    Parameters
    ----------
    dataset : Dataset
        The one that was audited: the training images, or with `part` "test" the test images.
    audit : Audit
    part : {"train", "test"}
    drop : sequence of str
        Which of `REASONS` remove an image. `leaks` removes the training images that repeat a test
        image; of a test set nothing leaks.
    relabel : bool
        Give images with a likely label error the suggested class, in place of removing them.
    decisions : Decisions, optional
        A person's, checked against the audit before.

    Returns
    -------
    Cleaned

    Raises
    ------
    InputError
        If the audit is of another Dataset, a word of `drop` is unknown, or a class would be left
        without images.
    """
    findings = _findings(dataset, audit, part)
    check_reasons(drop)
    proposals = _proposals(audit, findings, part, drop, relabel)
    for decision in decisions.decisions if decisions else ():
        if decision.part == part:
            _overrule(proposals, decision)
    return _carried_out(dataset, proposals)


def accuracies(dataset: Dataset, predicted: Sequence[int], cleaned: Cleaned) -> tuple[float, float]:
    """How often predictions agree with the labels: of all images, and of the cleaned ones.

    Parameters
    ----------
    dataset : Dataset
        As it was before cleaning.
    predicted : sequence of n int
        The class that is predicted for each of its images.
    cleaned : Cleaned
    """
    removed = [change.index for change in cleaned.changes if change.action == "removed"]
    said = np.array(predicted)
    before, after = said == dataset.labels, np.delete(said, removed) == cleaned.dataset.labels
    return float(before.mean()), float(after.mean())


def changes_json(changes: Sequence[Change]) -> list[dict[str, object]]:
    """The changes as JSON: `index`, `id`, `label`, `action`, `reason`, and `new_label` if any."""
    return [change.model_dump(exclude_none=True) for change in changes]


def _findings(dataset: Dataset, audit: Audit, part: Part) -> Findings:
    findings = audit if part == "train" else audit.test
    if findings is None:
        raise InputError("The audit has no test images; audit again with --test.")
    if findings.fingerprint != dataset.fingerprint:
        raise InputError(
            f"The audit is of other images than {dataset.name} (it was made of "
            f"{findings.dataset}); audit {dataset.name} itself."
        )
    return findings


def check_reasons(drop: Sequence[str]) -> None:
    """Refuse a word that is none of `REASONS`.

    Raises
    ------
    InputError
        Naming it and those there are.
    """
    for word in drop:
        if word not in REASONS:
            raise InputError(f"{word!r} can't be dropped; choose from {', '.join(REASONS)}.")


def _proposals(
    audit: Audit, findings: Findings, part: Part, drop: Sequence[str], relabel: bool
) -> dict[int, _Proposal]:
    found: dict[str, Iterable[int]] = {
        "duplicates": (copy.index for copy in findings.duplicates),
        "near-duplicates": (copy.index for copy in findings.near_duplicates),
        "leaks": (copy.index for copy in audit.leak_sources if part == "train"),
        "conflicts": (copy.index for copy in findings.label_conflicts),
        "label-errors": (error.index for error in findings.label_errors if not relabel),
        "outliers": (outlier.index for outlier in findings.outliers),
    }
    proposals: dict[int, _Proposal] = {}
    for reason in REASONS:
        for index in found[reason] if reason in drop else ():
            proposals.setdefault(index, _Proposal(reason))
    for error in findings.label_errors if relabel else ():
        proposals.setdefault(error.index, _Proposal("label-errors", error.suggested))
    return proposals


def _overrule(proposals: dict[int, _Proposal], decision: Decision) -> None:
    if decision.action == "keep":
        proposals.pop(decision.index, None)
    else:
        proposals[decision.index] = _Proposal(BY_A_PERSON, decision.label)


def _carried_out(dataset: Dataset, proposals: dict[int, _Proposal]) -> Cleaned:
    number = {name: k for k, name in enumerate(dataset.classes)}
    kept = np.ones(len(dataset), np.bool_)
    labels = np.array(dataset.labels)
    changes = []
    for index, proposal in sorted(proposals.items()):
        label = dataset.classes[dataset.labels[index]]
        if proposal.label == label:
            continue
        if proposal.label is None:
            kept[index] = False
        else:
            labels[index] = number[proposal.label]
        changes.append(
            Change(
                index=index,
                id=dataset.ids[index],
                label=label,
                action="removed" if proposal.label is None else "relabelled",
                new_label=proposal.label,
                reason=proposal.reason,
            )
        )
    emptied = emptied_class(dataset, labels[kept])
    if emptied is not None:
        raise InputError(
            f"Cleaning would leave the class {emptied} of {dataset.name} without images; "
            "drop for fewer reasons, or keep some of its images by decisions."
        )
    cleaned = replace(dataset.subset(np.flatnonzero(kept)), labels=labels[kept])
    return Cleaned(cleaned.renamed(f"{dataset.name} (cleaned)"), changes)


def emptied_class(dataset: Dataset, labels: Int64[np.ndarray, " k"]) -> str | None:
    """The first class of a Dataset that no label that is left names; None if all are named.

    Parameters
    ----------
    dataset : Dataset
        As it was before.
    labels : int64 [k]
        Of the images that are left.
    """
    left = np.bincount(labels, minlength=len(dataset.classes))
    emptied = np.flatnonzero((dataset.class_counts > 0) & (left == 0))
    return dataset.classes[emptied[0]] if len(emptied) else None
