"""`glyphlab data render`: letters from fonts, as a Dataset."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.options import JsonFile, On
from glyphlab.cli.sharded_view import Sharded, count_of_shards, sharded_parts
from glyphlab.cli.sharding_options import ShardSize, refuse_without_shards
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
        Path,
        typer.Option(
            metavar="FILE",
            help="The Dataset file to write (.safetensors); with --shard-size, a new folder.",
        ),
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
            "with -test. With --shard-size the folder holds train and test."
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
    shard_size: ShardSize = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            help="How many processes to use.",
            show_default="1; with --shard-size, as many as there are cores",
        ),
    ] = None,
    on: On = "local",
    json_file: JsonFile = None,
) -> None:
    """Render letters from fonts, in the manner of notMNIST.

    The first image of each letter and face is as the font draws it; further ones vary.
    """
    _check_out(out, shard_size)
    refuse_without_shards(shard_size, on=on)
    from glyphlab.data.render import Style
    from glyphlab.data.strokes import Variation
    from glyphlab.data.survey import read_exclusions, survey

    style = Style(size, levels, seed, Variation(stretch, clip, weight, slant, outline))
    excluded = read_exclusions(exclude) if exclude else []
    with progress_bar("Looking at fonts", "files") as progress:
        found = survey(fonts, letters, exclude=excluded, jobs=jobs or 1, progress=progress)
    _tell(found)
    wanted: dict[str, Any] = {
        "count": count,
        "style": style,
        "test_share": test_share,
        "family_limit": family_limit,
    }
    if shard_size is None:
        saved = _render_files(found, out, name or out.stem, jobs or 1, wanted)
    else:
        places = (jobs, on)
        saved = _render_shards(found, out, name or out.name, shard_size, places, wanted)
    left_out = [entry._asdict() for entry in found.skipped]
    give_json(json_file, {"datasets": saved, "faces": len(found.faces), "left_out": left_out})


def _check_out(out: Path, shard_size: int | None) -> None:
    if shard_size is None and out.suffix != _SUFFIX:
        raise InputError(f"{out} doesn't end in {_SUFFIX}; name the file so.")
    if shard_size is not None and out.suffix == _SUFFIX:
        raise InputError(f"{out} is a file's name, and shards go to a folder; name a folder.")


def _render_files(
    found: "Survey", out: Path, name: str, jobs: int, wanted: dict[str, Any]
) -> list[dict[str, Any]]:
    from glyphlab.data.render import render as render_letters

    with progress_bar("Rendering", "faces") as progress:
        train, test = render_letters(found, name=name, jobs=jobs, progress=progress, **wanted)
    saved = [_save(train, out)]
    if test is not None:
        saved.append(_save(test, out.with_name(f"{out.stem}-test{_SUFFIX}")))
    return saved


def _render_shards(
    found: "Survey",
    out: Path,
    name: str,
    shard_size: int,
    places: tuple[int | None, str],
    wanted: dict[str, Any],
) -> list[dict[str, Any]]:
    from glyphlab.data.sharding.making import open_workers
    from glyphlab.data.sharding.rendering import render_sharded
    from glyphlab.data.sharding.wish import ShardWish
    from glyphlab.files import refuse_taken

    wish = ShardWish(name, shard_size, wanted["style"].size, bar=progress_bar)
    with open_workers(*places) as place:
        render_sharded(found, out, wish, place, refuse_taken=partial(refuse_taken, out), **wanted)
    return [_tell_of_shards(sharded) for sharded in sharded_parts(str(out), named=False).values()]


def _tell_of_shards(sharded: Sharded) -> dict[str, Any]:
    index, folder = sharded.index, sharded.folder
    results.print(f"{folder}: {len(index):,} images, {count_of_shards(index)}")
    facts = {"dataset": index.name, "file": str(folder), "n": len(index)}
    return {**facts, "shards": len(index.shards)}


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
