"""`glyphlab data review`: overrule single findings of an audit in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from glyphlab.cli.console import console


def review(
    folder: Annotated[
        Path, typer.Argument(help="Folder that glyphlab data audit wrote.", show_default=False)
    ],
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port on this machine.")] = 8008,
) -> None:
    """Serve an audit's page on this machine, and save what you decide there for data clean."""
    from glyphlab.serving.review import ReviewServer

    with ReviewServer(folder, port=port) as server:
        console.print(
            f"Open {server.address}. Decisions are saved to {server.decisions_file}; Ctrl-C ends."
        )
        server.wait()
