"""The report as PDF, printed by a headless browser."""

import os
import shutil
import subprocess
from pathlib import Path

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.files import atomic_path

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
SECONDS = 300


def find_browser() -> str:
    """The path of a browser that prints: $CHROMIUM, or the first Chromium on the PATH.

    Raises
    ------
    InputError
        If there is none.
    """
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise InputError(
            f"A PDF is printed by a browser, and none of {', '.join(BROWSERS)} is on the PATH; "
            "install Chromium, set CHROMIUM to its path, or leave pdf out of --format and print "
            "report.html yourself."
        )
    return found


def print_pdf(page: Path, target: Path) -> None:
    """Print a page to PDF, atomically.

    Raises
    ------
    InputError
        If there is no browser, or the place can't be written to.
    GlyphlabError
        If the browser fails.
    """
    browser = find_browser()
    # Chromium has no sandbox for root, as in a container; the page runs nothing from outside.
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with atomic_path(target) as part:
        words = [browser, "--headless", "--disable-gpu", *root, "--no-pdf-header-footer"]
        words += [f"--print-to-pdf={part}", page.resolve().as_uri()]
        try:
            done = subprocess.run(  # noqa: S603 - the browser that the user has
                words, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GlyphlabError(f"{browser} can't print {page}: {error}") from error
        if done.returncode or not part.exists() or not part.read_bytes().startswith(b"%PDF"):
            raise GlyphlabError(f"{browser} printed no PDF of {page}: {done.stderr[-500:]}")
