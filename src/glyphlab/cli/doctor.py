"""`glyphlab doctor`: what is here, and whether it works."""

from typing import Annotated

import typer

from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.options import JsonFile
from glyphlab.errors import GlyphlabError


def doctor(
    test: Annotated[
        bool, typer.Option(help="Train a little, too, and see whether results are equal.")
    ] = True,
    json_file: JsonFile = None,
) -> None:
    """Describe this installation and test it, in about a minute; paste it into a bug report."""
    from dataclasses import asdict

    from glyphlab.doctor.checks import CHECKS, run_checks
    from glyphlab.doctor.facts import facts

    known, checks = facts(), []
    rows = [
        (name if first else "", *line)
        for name, section in known.items()
        for first, line in zip([True] + [False] * len(section), section.items(), strict=False)
    ]
    results.table(("", "what", "here"), rows)
    if test:
        console.print(f"Testing {len(CHECKS)} things, for a minute at most.")
        for check in run_checks():
            checks.append(check)
            state = "ok" if check.passed else "FAILED"
            results.print(f"{state:7}{check.name}: {check.said} ({check.seconds:.1f} s)")
    give_json(json_file, {"facts": known, "checks": [asdict(check) for check in checks]})
    failed = [check.name for check in checks if not check.passed]
    if failed:
        raise GlyphlabError(
            f"{len(failed)} of {len(checks)} checks failed: {', '.join(failed)}; report it with "
            "all of the above."
        )
