"""What MkDocs calls while it builds the site: the pages that are made rather than written."""

from pathlib import Path
from typing import Any

from command_pages import command_pages
from mkdocs.structure.files import File, Files
from name_pages import name_pages
from root_pages import root_pages

ROOT = Path(__file__).parents[2]


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each command, each public name, and the documents of the root folder."""
    pages = root_pages(ROOT)
    written = {file.src_uri: file.content_string for file in files.documentation_pages()}
    commands = command_pages({**written, **pages})
    names = name_pages(str(ROOT / "src"))
    for path, text in {**pages, **commands.pages, **names.pages}.items():
        files.append(File.generated(config, path, content=text))
    for section in config.nav:
        section.get("Commands", []).extend(commands.navigation)
        section.get("Python", []).extend(names.navigation)
    return files
