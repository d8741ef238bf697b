"""Decisions: kept in a file, and refused where they are not about the audit's images."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.audited import audit_of, held_out_images, train_images

from glyphlab.auditing.decisions import (
    Decision,
    Decisions,
    check_decisions,
    load_decisions,
    no_decisions,
    parse_decisions,
    save_decisions,
)
from glyphlab.auditing.findings import Audit
from glyphlab.errors import InputError

KEEP = {"part": "train", "index": 3, "id": "train/3.png", "action": "keep", "label": None}
RELABEL = {"part": "test", "index": 1, "id": "test/1.png", "action": "relabel", "label": "A"}


@pytest.fixture(scope="module")
def audit() -> Audit:
    return audit_of(train_images(), held_out_images())


def decided(audit: Audit, *decisions: dict[str, Any]) -> Decisions:
    own = no_decisions(audit)
    return own.model_copy(update={"decisions": [Decision(**each) for each in decisions]})


def test_decisions_come_back_from_their_file(audit: Audit, tmp_path: Path) -> None:
    decisions = decided(audit, KEEP, RELABEL)
    save_decisions(tmp_path / "decisions.json", decisions)
    assert load_decisions(tmp_path / "decisions.json") == decisions


def test_the_file_is_plain_json(audit: Audit, tmp_path: Path) -> None:
    save_decisions(tmp_path / "decisions.json", decided(audit, RELABEL))
    assert json.loads((tmp_path / "decisions.json").read_text("utf-8")) == {
        "format": "glyphlab.decisions",
        "format_version": 1,
        "train": train_images().fingerprint,
        "test": held_out_images().fingerprint,
        "decisions": [RELABEL],
    }


def test_an_audit_without_test_images_has_no_second_fingerprint() -> None:
    assert no_decisions(audit_of(train_images(), None)).test is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[", "invalid JSON"),
        ("[]", "valid dictionary|an object"),
        ("{}", "train: field required"),
        ('{"train": "a", "format": "other"}', "format: input should be 'glyphlab.decisions'"),
        ('{"train": "a", "format_version": 2}', "format_version: input should be 1"),
        ('{"train": "a", "more": 1}', "more: extra inputs"),
        ("[" * 100_000, "recursion limit"),
    ],
)
def test_what_holds_no_decisions_is_refused(content: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        parse_decisions(content.encode())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "burn"}, "decisions.0.action: input should be 'keep', 'drop' or 'relabel'"),
        ({"part": "validation"}, "decisions.0.part"),
        ({"index": -1}, "decisions.0.index: input should be greater than or equal to 0"),
        ({"index": "3"}, "decisions.0.index: input should be a valid integer"),
        ({"index": True}, "decisions.0.index: input should be a valid integer"),
        ({"label": "A"}, "relabel needs a label, and keep and drop have none"),
        ({"action": "relabel"}, "relabel needs a label, and keep and drop have none"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(change: dict[str, Any], reason: str) -> None:
    content = {"train": "a", "decisions": [KEEP | change]}
    with pytest.raises(InputError, match=reason):
        parse_decisions(json.dumps(content).encode())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't read the decisions .*none\.json"):
        load_decisions(tmp_path / "none.json")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"train": "a", "deci')
    with pytest.raises(InputError, match=r"half\.json holds no usable decisions"):
        load_decisions(tmp_path / "half.json")


def test_decisions_about_the_audited_images_pass(audit: Audit) -> None:
    check_decisions(decided(audit, KEEP, RELABEL), audit)


def test_an_image_that_no_finding_names_can_be_decided_too(audit: Audit) -> None:
    check_decisions(decided(audit, RELABEL | {"index": 3, "id": "test/3.png"}), audit)


@pytest.mark.parametrize("which", ["train", "test"])
def test_decisions_about_other_images_are_refused(audit: Audit, which: str) -> None:
    others = decided(audit, KEEP).model_copy(update={which: "0" * 64})
    with pytest.raises(InputError, match=r"mine\.json decides about other images than this audit"):
        check_decisions(others, audit, "mine.json")


def test_decisions_made_with_test_images_are_refused_without_them(audit: Audit) -> None:
    with pytest.raises(InputError, match="other images"):
        check_decisions(decided(audit, KEEP), audit_of(train_images(), None))


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        ([KEEP | {"index": 8, "id": "train/8.png"}], "letters has only 8 images"),
        ([KEEP | {"id": "train/4.png"}], r"\('train/4.png'\): the audit calls it 'train/3.png'"),
        ([RELABEL | {"label": "C"}], "there is no class C, only A, B"),
        ([KEEP, KEEP | {"action": "drop"}], "train image 3 .* it is decided twice"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    audit: Audit, decisions: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        check_decisions(decided(audit, *decisions), audit)


def test_a_decision_about_a_test_image_needs_test_images() -> None:
    audit = audit_of(train_images(), None)
    with pytest.raises(InputError, match="the audit has no test images"):
        check_decisions(decided(audit, RELABEL), audit)


@pytest.mark.parametrize(
    ("part", "index", "name"),
    [("train", index, f"train/{index}.png") for index in range(8)] + [("test", 1, "test/1.png")],
)
def test_ids_of_all_findings_are_compared(audit: Audit, part: str, index: int, name: str) -> None:
    right = KEEP | {"part": part, "index": index, "id": name}
    check_decisions(decided(audit, right), audit)
    with pytest.raises(InputError, match=f"the audit calls it '{name}'"):
        check_decisions(decided(audit, right | {"id": "other.png"}), audit)
