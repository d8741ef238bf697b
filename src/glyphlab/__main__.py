"""`python -m glyphlab` is the `glyphlab` command."""

from glyphlab.cli import main

main()
