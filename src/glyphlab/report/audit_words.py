"""An audit in words: its headline, and the sentences before its images."""

from collections.abc import Iterator
from itertools import chain, islice

from glyphlab.auditing.findings import Audit, Balance, Findings, Groups, LeakEffect

NBSP = "\u00a0"
CLAUSES = 3
"""What a headline holds at most; the summary below it has the rest."""


def percent(share: float) -> str:
    """A share of images: 6.4 %; one that is there but too small for a digit, < 0.1 %."""
    if 0 < share < 0.0005:
        return f"<{NBSP}0.1{NBSP}%"
    if 0.9995 <= share < 1:
        return f">{NBSP}99.9{NBSP}%"
    return f"{100 * share:.1f}{NBSP}%"


def count(n: int, what: str) -> str:
    """A number of things: 1 image, 1,234 images."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def probability(value: float) -> str:
    """A p-value: = 0.032, < 0.0001."""
    return "< 0.0001" if value < 0.0001 else f"= {value:.2g}"


def score(value: float) -> str:
    """A score from 0 to 1: 0.123; one that is above 0 is never shown as 0."""
    return f"<{NBSP}0.001" if 0 < value < 0.0005 else f"{value:.3f}"


def headline(audit: Audit) -> str:
    """The gravest findings in one sentence, which says no more than the figures do."""
    parts = [audit, audit.test] if audit.test else [audit]
    clauses = chain(_labels(audit), _leaks(audit), *map(_copies, parts), *map(_rest, parts))
    said = list(islice(clauses, CLAUSES)) or [f"nothing wrong was found in {audit.names}"]
    if audit.noise is None:
        said.append("whether labels are right was not judged")
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def balance_cost(balance: Balance) -> str | None:
    """What unequal counts hide, where models have judged the images."""
    if balance.recall is None or balance.accuracy is None or balance.balanced_accuracy is None:
        return None
    worst = min(balance.recall, key=balance.recall.__getitem__)
    return (
        f"Models that had not seen an image agree with its label for {balance.accuracy:.4f} of "
        f"all images, and for {balance.balanced_accuracy:.4f} in the mean over classes; least of "
        f"all for {worst} ({balance.recall[worst]:.4f})."
    )


def leak_effect(effect: LeakEffect) -> str:
    """What leaks do to an accuracy."""
    moved = effect.accuracy - effect.without_leaks
    return (
        f"Models trained on all training images recognise {effect.accuracy:.4f} of the test "
        f"images, but {effect.without_leaks:.4f} of those that are no copies: leaks move the "
        f"accuracy by {100 * moved:+.2f} percentage points."
        if moved
        else f"Models trained on all training images recognise {effect.accuracy:.4f} of the test "
        "images, and as many of those that are no copies."
    )


def groups(findings: Findings, found: Groups) -> str:
    """What a split should hold together."""
    sentence = (
        f"{found.where[:1].upper()}{found.where[1:]} names {count(found.groups, 'group')} of "
        f"images of several classes, such as a font or a writer. A random split of "
        f"{findings.dataset} puts images of one group on both sides; "
        "glyphlab.split(..., groups=...) holds them together."
    )
    if found.shared is None:
        return sentence
    shared = f"{found.shared:,} {_of_all(findings)}"
    return f"{sentence} {shared} are of a group that the training images have, too."


def _labels(findings: Findings) -> Iterator[str]:
    if findings.noise:
        errors, (low, high) = len(findings.label_errors), findings.noise.rate_ci95
        verb = "bears" if errors == 1 else "bear"
        yield (
            f"{errors:,} {_of_all(findings)} likely {verb} a wrong label, and an estimated "
            f"{percent(findings.noise.rate)} bear that of another class "
            f"(95{NBSP}% interval {100 * low:.1f} – {percent(high)})"
        )


def _leaks(audit: Audit) -> Iterator[str]:
    if not audit.test or not audit.leaks:
        return
    verb = "repeats" if len(audit.leaks) == 1 else "repeat"
    sentence = f"{len(audit.leaks):,} {_of_all(audit.test)} {verb} a training image"
    effect = audit.leak_effect
    if effect is None:
        yield sentence
    else:
        yield (
            f"{sentence} (accuracy {effect.accuracy:.4f} with and {effect.without_leaks:.4f} "
            "without them)"
        )


def _copies(findings: Findings) -> Iterator[str]:
    exact, near = len(findings.duplicates), len(findings.near_duplicates)
    verb = "repeats" if (exact or near) == 1 else "repeat"
    if exact:
        more = f", and {near:,} nearly {'does' if near == 1 else 'do'}" if near else ""
        yield f"{exact:,} {_of_all(findings)} {verb} an earlier one{more}"
    elif near:
        yield f"{near:,} {_of_all(findings)} nearly {verb} an earlier one"


def _rest(findings: Findings) -> Iterator[str]:
    name = findings.dataset
    if findings.label_conflicts:
        conflicts = len(findings.label_conflicts)
        share = "shares its" if conflicts == 1 else "share their"
        yield f"{count(conflicts, 'image')} of {name} {share} pixels with one of another label"
    if findings.outliers:
        yield f"{count(len(findings.outliers), 'image')} of {name} may belong to no class"
    if findings.unreadable:
        yield f"{count(len(findings.unreadable), 'file')} of {name} could not be read"


def _of_all(findings: Findings) -> str:
    return f"of the {count(findings.n, 'image')} of {findings.dataset}"
