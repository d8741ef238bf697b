"""`glyphlab data render`: letters from fonts, as a Dataset."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.options import JsonFile
from glyphlab.errors import InputError

if TYPE_CHECKING:
    from glyphlab.data.dataset import Dataset, Skipped
    from glyphlab.data.survey import Survey

_SUFFIX = ".safetensors"
_REASONS_SHOWN = 12
_KINDS = {
    "lacks": "lacks letters",
    "draws the same as": "draws what another face draws",
    "draws the same for": "draws the same for two letters",
    "draws nothing": "draws nothing for a letter",
    "draws the box": "draws a box for a letter",
    "unreadable": "unreadable",
}


def render(
    *,
    fonts: Annotated[
        list[Path],
        typer.Option(metavar="DIR", help="A folder of fonts (.ttf, .otf, .ttc). May be repeated."),
    ],
    letters: Annotated[str, typer.Option(help="The letters, each a class, in any alphabet.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The Dataset file to write (.safetensors).")
    ],
    size: Annotated[int, typer.Option(help="Side of the images in pixels.")] = 28,
    count: Annotated[
        int | None,
        typer.Option(help="How many images in all; by default one of each letter and face."),
    ] = None,
    test_share: Annotated[
        float,
        typer.Option(
            help="Share to hold out for testing, in whole font families; written to FILE's name "
            "with -test."
        ),
    ] = 0.0,
    family_limit: Annotated[
        int | None, typer.Option(help="A family of more faces counts as one of so many.")
    ] = None,
    exclude: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Fonts to leave out: in each line a path and a reason."),
    ] = None,
    stretch: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share stretched to the full square.")
    ] = 0.97,
    clip: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share cut at the pen's start.")
    ] = 0.35,
    weight: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share made bolder or lighter.")
    ] = 0.35,
    slant: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share slanted.")] = 0.35,
    outline: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share drawn hollow, as an outline.")
    ] = 0.04,
    levels: Annotated[int, typer.Option(help="Grey levels: fewer compress better.")] = 256,
    seed: Annotated[int, typer.Option(help="Decides all variations and the part to test.")] = 0,
    name: Annotated[
        str | None, typer.Option(help="What to call the Dataset; by default after the file.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="How many processes to use.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """Render letters from fonts, in the manner of notMNIST.

    The first image of each letter and face is as the font draws it; further ones vary.
    """
    if out.suffix != _SUFFIX:
        raise InputError(f"{out} doesn't end in {_SUFFIX}; name the file so.")
    from glyphlab.data.render import Style
    from glyphlab.data.render import render as render_letters
    from glyphlab.data.strokes import Variation
    from glyphlab.data.survey import read_exclusions, survey

    style = Style(size, levels, seed, Variation(stretch, clip, weight, slant, outline))
    excluded = read_exclusions(exclude) if exclude else []
    with progress_bar("Looking at fonts", "files") as progress:
        found = survey(fonts, letters, exclude=excluded, jobs=jobs, progress=progress)
    _tell(found)
    with progress_bar("Rendering", "faces") as progress:
        train, test = render_letters(
            found,
            count=count,
            style=style,
            test_share=test_share,
            family_limit=family_limit,
            name=name or out.stem,
            jobs=jobs,
            progress=progress,
        )
    saved = [_save(train, out)]
    if test is not None:
        saved.append(_save(test, out.with_name(f"{out.stem}-test{_SUFFIX}")))
    left_out = [entry._asdict() for entry in found.skipped]
    give_json(json_file, {"datasets": saved, "faces": len(found.faces), "left_out": left_out})


def _save(dataset: "Dataset", path: Path) -> dict[str, Any]:
    from glyphlab.data.formats import save_dataset

    save_dataset(dataset, path)
    results.print(f"{path}: {len(dataset):,} images")
    return {"dataset": dataset.name, "file": str(path), "n": len(dataset)}


def _tell(found: "Survey") -> None:
    families = len(set(found.families.tolist()))
    console.print(f"{len(found.faces):,} usable faces of {families:,} families")
    reasons = Counter(_kind(entry) for entry in found.skipped)
    for reason, number in reasons.most_common(_REASONS_SHOWN):
        console.print(f"  {number:,} left out: {reason}")
    rest = sum(reasons.values()) - sum(n for _, n in reasons.most_common(_REASONS_SHOWN))
    if rest:
        console.print(f"  {rest:,} left out for other reasons")


def _kind(entry: "Skipped") -> str:
    """The reason without the letters and files that it names."""
    kinds = (word for word in _KINDS if entry.reason.startswith(word))
    return next((_KINDS[word] for word in kinds), entry.reason)
