"""The audit file is read back as it was written, and nothing else is taken for one."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.auditing.builders import audit_of, copy, findings, label_error, patterns

from glyphlab.auditing.audit_file import audit_json, load_audit, save_audit
from glyphlab.errors import InputError

TOYS = patterns([0, 1, 2, 0])


def test_an_audit_is_read_back_as_it_was(tmp_path: Path) -> None:
    audit = audit_of(
        TOYS,
        duplicates=[copy(TOYS, 3, 0)],
        label_errors=[label_error(TOYS, 1, "a")],
        test=findings(TOYS),
    )
    save_audit(audit, tmp_path / "audit.json")
    assert load_audit(tmp_path / "audit.json") == audit


def test_a_file_of_an_earlier_version_is_read_without_its_sentence(tmp_path: Path) -> None:
    audit, path = audit_of(TOYS), tmp_path / "audit.json"
    content = audit_json(audit)
    content["balance"]["sentence"] = "The classes are balanced."
    path.write_text(json.dumps(content))
    assert load_audit(path) == audit


def test_each_finding_is_a_list_of_objects_with_the_id_of_its_image() -> None:
    content = audit_json(audit_of(TOYS, duplicates=[copy(TOYS, 3, 0)]))
    assert (content["format"], content["format_version"]) == ("glyphlab.audit", 1)
    assert content["duplicates"][0]["id"] == "toys/a/3.png"
    lists = ("unreadable", "duplicates", "near_duplicates", "leaks", "label_conflicts")
    assert all(
        content[key] == [] for key in (*lists, "label_errors", "outliers") if key != "duplicates"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "other"}, "is no audit file"),
        ({"format_version": 2}, "another version of glyphlab"),
        ({"n": "many"}, "is damaged at n; audit again"),
        ({"duplicates": [{"index": 1}]}, "is damaged at duplicates.0.id"),
        ({"surprise": 1}, "is damaged at surprise"),
    ],
)
def test_a_changed_file_is_refused(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    path = tmp_path / "audit.json"
    path.write_text(json.dumps(audit_json(audit_of(TOYS)) | change))
    with pytest.raises(InputError, match=sentence):
        load_audit(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"3"])
def test_rubbish_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "audit.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"audit\.json"):
        load_audit(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="check the path"):
        load_audit(tmp_path / "none.json")
