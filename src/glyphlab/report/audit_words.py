"""An audit in words: its headline, and the sentences before its images."""

from collections.abc import Iterator
from itertools import chain, islice

from glyphlab.auditing.findings import Audit, Balance, Findings, Groups, LeakEffect
from glyphlab.data.sheet import balance as balance_of
from glyphlab.language import numerals, say

NBSP = "\u00a0"
CLAUSES = 3
"""What a headline holds at most; the summary below it has the rest."""


def percent(share: float) -> str:
    """A share of images: 6.4 %; one that is there but too small for a digit, < 0.1 %."""
    if 0 < share < 0.0005:
        return f"<{NBSP}{numerals.percent(0.001)}"
    if 0.9995 <= share < 1:
        return f">{NBSP}{numerals.percent(0.999)}"
    return numerals.percent(share)


def score(value: float) -> str:
    """A score from 0 to 1: 0.123; one that is above 0 is never shown as 0."""
    if 0 < value < 0.0005:
        return f"<{NBSP}{numerals.decimal(0.001, 3)}"
    return numerals.decimal(value, 3)


def names(audit: Audit) -> str:
    """The names of the audited Datasets."""
    return numerals.listed([audit.dataset, *([audit.test.dataset] if audit.test else [])])


def headline(audit: Audit) -> str:
    """The gravest findings in one sentence, which says no more than the figures do."""
    parts = [audit, audit.test] if audit.test else [audit]
    clauses = chain(_labels(audit), _leaks(audit), *map(_copies, parts), *map(_rest, parts))
    said = list(islice(clauses, CLAUSES)) or [say("audit-headline-nothing", names=names(audit))]
    if audit.noise is None:
        said.append(say("audit-headline-not-judged"))
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def balance(found: Balance) -> str:
    """Whether all classes are equally frequent."""
    return balance_of(found.counts).sentence


def balance_cost(found: Balance) -> str | None:
    """What unequal counts hide, where models have judged the images."""
    if found.recall is None or found.accuracy is None or found.balanced_accuracy is None:
        return None
    worst = min(found.recall, key=found.recall.__getitem__)
    return say(
        "audit-balance-cost",
        accuracy=numerals.share(found.accuracy),
        balanced=numerals.share(found.balanced_accuracy),
        worst=worst,
        recall=numerals.share(found.recall[worst]),
    )


def leak_effect(effect: LeakEffect) -> str:
    """What leaks do to an accuracy."""
    accuracy = numerals.share(effect.accuracy)
    moved = effect.accuracy - effect.without_leaks
    if not moved:
        return say("audit-leaks-no-effect", accuracy=accuracy)
    return say(
        "audit-leaks-effect",
        accuracy=accuracy,
        without=numerals.share(effect.without_leaks),
        moved=numerals.decimal(100 * moved, 2, signed=True),
    )


def groups(findings: Findings, found: Groups) -> str:
    """What a split should hold together."""
    sentence = say(
        "audit-groups",
        where=found.where.replace(" ", "-"),  # a choice of the catalogue is one word
        groups=found.groups,
        dataset=findings.dataset,
    )
    if found.shared is None:
        return sentence
    shared = say("audit-groups-shared", shared=found.shared, n=findings.n, dataset=findings.dataset)
    return f"{sentence} {shared}"


def _labels(findings: Findings) -> Iterator[str]:
    if findings.noise:
        low, high = findings.noise.rate_ci95
        yield say(
            "audit-headline-labels",
            errors=len(findings.label_errors),
            n=findings.n,
            dataset=findings.dataset,
            rate=percent(findings.noise.rate),
            low=numerals.decimal(100 * low, 1),
            high=percent(high),
        )


def _leaks(audit: Audit) -> Iterator[str]:
    if not audit.test or not audit.leaks:
        return
    leaks, n, dataset = len(audit.leaks), audit.test.n, audit.test.dataset
    if audit.leak_effect is None:
        yield say("audit-headline-leaks", leaks=leaks, n=n, dataset=dataset)
    else:
        yield say(
            "audit-headline-leaks-effect",
            leaks=leaks,
            n=n,
            dataset=dataset,
            accuracy=numerals.share(audit.leak_effect.accuracy),
            without=numerals.share(audit.leak_effect.without_leaks),
        )


def _copies(findings: Findings) -> Iterator[str]:
    n, dataset = findings.n, findings.dataset
    exact, near = len(findings.duplicates), len(findings.near_duplicates)
    if exact and near:
        yield say(
            "audit-headline-duplicates-and-near", exact=exact, near=near, n=n, dataset=dataset
        )
    elif exact:
        yield say("audit-headline-duplicates", exact=exact, n=n, dataset=dataset)
    elif near:
        yield say("audit-headline-near-duplicates", near=near, n=n, dataset=dataset)


def _rest(findings: Findings) -> Iterator[str]:
    name = findings.dataset
    if conflicts := len(findings.label_conflicts):
        yield say("audit-headline-conflicts", conflicts=conflicts, dataset=name)
    if outliers := len(findings.outliers):
        yield say("audit-headline-outliers", outliers=outliers, dataset=name)
    if files := len(findings.unreadable):
        yield say("audit-headline-unreadable", files=files, dataset=name)
