"""A small audit's folder, and the server of its review."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.audited import audit_of, held_out_images, train_images

from glyphlab.auditing.audit_file import save_audit
from glyphlab.report.audit_page import audit_html
from glyphlab.serving.review import ReviewServer


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `glyphlab data audit` writes."""
    train, test = train_images(), held_out_images()
    audit, folder = audit_of(train, test), tmp_path_factory.mktemp("audit")
    save_audit(audit, folder / "audit.json")
    (folder / "audit.html").write_text(audit_html(audit, train, test), "utf-8")
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """The same in a folder of the test's own."""
    return Path(shutil.copytree(written, tmp_path / "audit"))


@pytest.fixture
def server(folder: Path) -> Iterator[ReviewServer]:
    """It runs until the test ends."""
    with ReviewServer(folder, 0) as running:
        yield running
