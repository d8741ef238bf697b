"""From an Audit to a cleaned Dataset, with every change told."""

from pathlib import Path

import numpy as np
import pytest
from tests.auditing.builders import audit_of, copy, findings, label_error, patterns
from tests.sharding import write_shards

from glyphlab.auditing.cleaning import accuracies, changes_json, clean
from glyphlab.auditing.decisions import Decision, Decisions
from glyphlab.data.sharded import open_shards
from glyphlab.errors import InputError

TOYS = patterns([0, 0, 0, 1, 1, 1, 2, 2, 2])


def decided(*decisions: Decision) -> Decisions:
    return Decisions(train=TOYS.fingerprint, decisions=list(decisions))


def test_duplicates_leaks_and_conflicts_are_removed_each_with_its_reason() -> None:
    test = patterns([0, 1, 2], seed=5, name="test")
    audit = audit_of(
        TOYS,
        duplicates=[copy(TOYS, 1, 0)],
        leak_sources=[copy(TOYS, 4, 2, test)],
        label_conflicts=[copy(TOYS, 8, 3)],
        label_errors=[label_error(TOYS, 6, "a")],
    )
    cleaned = clean(TOYS, audit)
    assert list(cleaned.dataset.ids) == [TOYS.ids[i] for i in (0, 2, 3, 5, 6, 7)]
    assert [(c.index, c.action, c.reason) for c in cleaned.changes] == [
        (1, "removed", "duplicates"),
        (4, "removed", "leaks"),
        (8, "removed", "conflicts"),
    ]
    assert np.array_equal(cleaned.dataset.images, TOYS.images[[0, 2, 3, 5, 6, 7]])


def test_an_image_found_for_two_reasons_is_told_once() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, 1, 0)], label_conflicts=[copy(TOYS, 1, 0)])
    assert [change.reason for change in clean(TOYS, audit).changes] == ["duplicates"]


def test_what_is_not_named_stays() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, 1, 0)])
    cleaned = clean(TOYS, audit, drop=())
    assert cleaned.changes == []
    assert cleaned.dataset.fingerprint == TOYS.fingerprint


def test_a_sharded_dataset_is_cleaned_as_one_in_a_single_file(tmp_path: Path) -> None:
    sharded = open_shards(write_shards(TOYS, tmp_path / "shards", 4, mixed=False))
    found = {"duplicates": [copy(TOYS, 1, 0)], "label_errors": [label_error(TOYS, 6, "a")]}
    drop = ("duplicates", "label-errors")
    cleaned = clean(sharded, audit_of(sharded, **found), drop=drop, relabel=True)
    expected = clean(TOYS, audit_of(TOYS, **found), drop=drop, relabel=True)
    assert cleaned.changes == expected.changes
    assert cleaned.dataset.labels.tolist() == expected.dataset.labels.tolist()
    assert list(cleaned.dataset.ids) == list(expected.dataset.ids)
    assert np.array_equal(cleaned.dataset.images, expected.dataset.images)


def test_relabelling_keeps_the_image_under_the_suggested_class() -> None:
    audit = audit_of(TOYS, label_errors=[label_error(TOYS, 6, "a")])
    cleaned = clean(TOYS, audit, drop=("label-errors",), relabel=True)
    assert cleaned.dataset.labels.tolist() == [0, 0, 0, 1, 1, 1, 0, 2, 2]
    assert changes_json(cleaned.changes) == [
        {
            "index": 6,
            "id": "toys/c/6.png",
            "label": "c",
            "action": "relabelled",
            "new_label": "a",
            "reason": "label-errors",
        }
    ]


def test_a_removal_goes_before_a_relabelling() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, 7, 6)], label_errors=[label_error(TOYS, 7, "a")])
    assert [c.action for c in clean(TOYS, audit, relabel=True).changes] == ["removed"]


def test_a_person_overrules_the_audit() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, 1, 0), copy(TOYS, 4, 3)])
    decisions = decided(
        Decision(part="train", index=1, id=TOYS.ids[1], action="keep"),
        Decision(part="train", index=2, id=TOYS.ids[2], action="relabel", label="b"),
        Decision(part="train", index=5, id=TOYS.ids[5], action="drop"),
    )
    changes = clean(TOYS, audit, decisions=decisions).changes
    assert [(c.index, c.action, c.new_label, c.reason) for c in changes] == [
        (2, "relabelled", "b", "your decision"),
        (4, "removed", None, "duplicates"),
        (5, "removed", None, "your decision"),
    ]


def test_decisions_on_test_images_leave_the_training_images_alone() -> None:
    decisions = decided(Decision(part="test", index=1, id="x", action="drop"))
    assert clean(TOYS, audit_of(TOYS), decisions=decisions).changes == []


def test_the_test_part_is_cleaned_by_its_own_findings() -> None:
    test = patterns([0, 0, 1, 2], seed=5, name="test")
    audit = audit_of(
        TOYS,
        duplicates=[copy(TOYS, 1, 0)],
        leak_sources=[copy(TOYS, 4, 2, test)],
        test=findings(test, duplicates=[copy(test, 1, 0)]),
    )
    cleaned = clean(test, audit, part="test")
    assert [(c.index, c.reason) for c in cleaned.changes] == [(1, "duplicates")]


def test_a_class_is_never_emptied() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, i, 0) for i in (6, 7, 8)])
    with pytest.raises(InputError, match="leave the class c of toys without images"):
        clean(TOYS, audit)


def test_an_audit_of_other_images_is_refused() -> None:
    with pytest.raises(InputError, match="The audit is of other images than toys"):
        clean(TOYS, audit_of(patterns([0, 1, 2], seed=9)))


def test_an_unknown_reason_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="'dupes' can't be dropped; choose from duplicates"):
        clean(TOYS, audit_of(TOYS), drop=("dupes",))


def test_an_audit_without_test_images_cleans_none() -> None:
    with pytest.raises(InputError, match="no test images"):
        clean(TOYS, audit_of(TOYS), part="test")


def test_accuracies_before_and_after_are_of_the_images_that_are_there() -> None:
    audit = audit_of(TOYS, duplicates=[copy(TOYS, 1, 0)], label_errors=[label_error(TOYS, 6, "a")])
    cleaned = clean(TOYS, audit, relabel=True)
    predicted = [0, 1, 0, 1, 1, 2, 0, 2, 2]  # 6 of 9 agree; of 8 after cleaning, 7 do
    assert accuracies(TOYS, predicted, cleaned) == (6 / 9, 7 / 8)
