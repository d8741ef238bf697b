"""The licences of all that glyphlab needs."""

from email.message import Message

import pytest
from tools.trust import licences, locks
from tools.trust.licences import PAGE, RULES, Package, licence_of, objections, sections
from tools.trust.needed import EXTRAS, needed


def test_every_licence_is_allowed_or_explained() -> None:
    assert list(licences.problems()) == []


def test_the_page_lists_every_installed_package() -> None:
    page = PAGE.read_text()
    *installed, _ = sections().values()
    packages = [package for part in installed for package in part]
    assert len(packages) > 100
    for package in packages:
        assert f"| {package.name} | {package.version} | {package.licence} |" in page


def test_what_is_installed_by_chance_changes_nothing() -> None:
    *installed, elsewhere = sections().values()
    listed = [package.name for part in (*installed, elsewhere) for package in part]
    assert sorted(listed) == sorted(locks.read(locks.ALL))
    assert {package.name for package in elsewhere} == set(RULES["elsewhere"])


@pytest.mark.parametrize(
    ("licence", "wrong"),
    [
        ("MIT", []),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", []),
        ("Apache-2.0 WITH LLVM-exception", []),
        ("AGPL-3.0-only", ["AGPL-3.0-only"]),
        ("MIT AND (ISC OR GPL-3.0-or-later)", ["GPL-3.0-or-later"]),
        ("Freeware", ["Freeware"]),
        ("unknown", ["unknown"]),
    ],
)
def test_what_is_not_allowed_is_objected_to(licence: str, wrong: list[str]) -> None:
    advice = "do without it, or explain it in tools/trust/licences.toml."
    assert list(objections(Package("some", "1", licence, ""))) == [
        f"some has the licence {licence!r}, and {name} is not allowed; {advice}" for name in wrong
    ]


def test_what_is_explained_is_not_objected_to() -> None:
    assert list(objections(Package("cleanlab", "1", "unknown", ""))) == []


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT OR ISC", "License": "GPL"}, "MIT OR ISC"),
        ({"License": "Apache 2.0"}, "Apache-2.0"),
        ({"License": "ISC", "Classifier": "License :: OSI Approved :: BSD License"}, "ISC"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT"),
        ({"License": "A text\nof many lines"}, "A text"),
        ({"Classifier": "Topic :: Games"}, "unknown"),
    ],
)
def test_metadata_are_read_as_spdx_names(
    fields: dict[str, str], licence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Message()
    for name, value in fields.items():
        said[name] = value
    monkeypatch.setattr(licences, "metadata", lambda _: said)
    assert licence_of("some") == licence


def test_extras_add_what_they_name_and_what_that_needs() -> None:
    always = needed()
    assert {"torch", "numpy", "typer", "networkx"} <= always
    assert "uvicorn" not in always
    assert {"uvicorn", "onnx"} <= needed("serve")
    assert "ray" in needed("cluster")
    assert {"dev", "docs", "torture"}.isdisjoint(EXTRAS)
