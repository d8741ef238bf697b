"""The `glyphlab` command."""

from glyphlab.cli.main import main

__all__ = ["main"]
