"""Pages of the site made of the documents that lie in the root folder."""

import re
from pathlib import Path

PLACES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}


def root_pages(root: Path) -> dict[str, str]:
    """Give the text of each page by its path, with links as they are from inside docs/."""
    return {page: _moved((root / name).read_text("utf-8")) for name, page in PLACES.items()}


def _moved(text: str) -> str:
    def target(match: re.Match[str]) -> str:
        path = match[1].removeprefix("docs/")
        return f"]({PLACES.get(path, path)})"

    return re.sub(r"\]\(([^)#:]+)\)", target, text)
