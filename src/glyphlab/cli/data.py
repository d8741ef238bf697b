"""`glyphlab data`: add, get, list, show, export and audit images, and render letters from fonts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from glyphlab.cli import completion
from glyphlab.cli.audit import audit
from glyphlab.cli.clean import clean
from glyphlab.cli.commands import App, Group
from glyphlab.cli.console import console, give_json, progress_bar, results
from glyphlab.cli.data_view import (
    announce,
    description_facts,
    named_parts,
    print_description,
    row,
    sheet_path,
    stored_facts,
    write_sheet,
)
from glyphlab.cli.export_data import export_data
from glyphlab.cli.options import AllowUnreadable, JsonFile, Mode, On, Size
from glyphlab.cli.render import render
from glyphlab.cli.review import review
from glyphlab.cli.sharded_view import Sharded, sharded_facts, sharded_parts, tell_of_shards
from glyphlab.cli.sharding_options import Jobs, ShardSize, refuse_without_shards
from glyphlab.errors import InputError

data_app = App(
    cls=Group, no_args_is_help=True, help="Add, get, list, show, export and audit images."
)

Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


@data_app.command()
def add(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Folders with one folder per class, the same as .tar, .tar.gz or .zip, IDX "
            "files, .npz, or Dataset files; or the address of such a file, as https://….",
            show_default=False,
        ),
    ],
    *,
    name: Annotated[
        str | None, typer.Option(help="What to call it; by default after the file.")
    ] = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
    force: Force = False,
    shard_size: ShardSize = None,
    jobs: Jobs = None,
    on: On = "local",
    json_file: JsonFile = None,
) -> None:
    """Read images and keep them under a name."""
    from glyphlab.data import catalog
    from glyphlab.data.stores import bring, fetch, file_name, is_remote

    refuse_without_shards(shard_size, on=on, jobs=jobs)
    if name is not None and len(paths) > 1:
        raise InputError(
            f"One --name can't stand for {len(paths)} paths; add them one by one, or leave --name "
            "out."
        )
    added = []
    wanted: dict[str, Any] = {
        "size": size,
        "mode": mode,
        "allow_unreadable": allow_unreadable,
        "force": force,
    }
    for source in paths:
        bring(source, progress_bar)
        remote = is_remote(source)
        called = file_name(source) if remote else Path(source).name or source
        chosen = catalog.default_name(called) if remote and name is None else name
        if shard_size is not None:
            places: dict[str, Any] = {"jobs": jobs, "on": on, "bar": progress_bar}
            path = fetch(source) if remote else Path(source)
            stored = catalog.add_sharded(path, chosen, shard_size=shard_size, **places, **wanted)
        else:
            with progress_bar(f"Reading {called}", "files") as progress:
                stored = catalog.add(source, chosen, progress=progress, **wanted)
        added.append(announce(stored.name))
    give_json(json_file, {"datasets": added})


@data_app.command()
def get(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="notmnist-small, notmnist-large, mnist, fashion-mnist or kmnist.",
            autocompletion=completion.downloads,
        ),
    ],
    force: Force = False,
    json_file: JsonFile = None,
) -> None:
    """Download a public data set and keep it under its name."""
    from glyphlab.data import catalog, download

    if not force and catalog.stored(name):
        console.print(f"{name} is already there; use --force to download it anew.")
    else:
        download.get(name, force=force, bar=progress_bar)
    give_json(json_file, {"datasets": [announce(name)]})


@data_app.command("list")
def list_names(json_file: JsonFile = None) -> None:
    """List what is there."""
    from glyphlab.data import catalog

    listed = [stored_facts(name) for name in (catalog.BUILT_IN, *catalog.names())]
    for facts in listed:
        if facts["damage"]:
            console.print(facts["damage"])
    rows = [row(facts) for facts in listed]
    results.table(("name", "parts", "images", "classes", "shape", "on disk"), rows)
    give_json(json_file, {"datasets": listed})


@data_app.command()
def show(
    source: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_PATH",
            help="An added name, or a path to images.",
            autocompletion=completion.sources,
        ),
    ],
    *,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Where to draw thumbnails; by default NAME-sheet.png, here."
        ),
    ] = None,
    json_file: JsonFile = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Count images per class, judge the balance, list skipped files, and draw thumbnails."""
    from glyphlab.data.ingest import load
    from glyphlab.data.sheet import describe
    from glyphlab.data.stores import bring, file_name, is_remote

    if sheet is not None and sheet.suffix.lower() != ".png":
        raise InputError(f"{sheet} doesn't end in .png, and thumbnails are PNG; rename it.")
    sharded = sharded_parts(source)
    if sharded:
        _show_sharded(sharded, sheet, json_file)
        return
    bring(source, progress_bar)
    called = file_name(source) if is_remote(source) else Path(source).name or source
    with progress_bar(f"Reading {called}", "files") as progress:
        loaded = load(
            source, size=size, mode=mode, allow_unreadable=allow_unreadable, progress=progress
        )
    parts = named_parts(loaded)
    descriptions = {part: describe(dataset) for part, dataset in parts.items()}
    for description in descriptions.values():
        print_description(description, all_in=json_file)
    give_json(
        json_file, {"parts": {part: description_facts(d) for part, d in descriptions.items()}}
    )
    for part, dataset in parts.items():
        write_sheet(dataset, sheet_path(sheet, dataset, part))


def _show_sharded(parts: dict[str, Sharded], sheet: Path | None, json_file: Path | None) -> None:
    descriptions = {part: sharded.describe() for part, sharded in parts.items()}
    for part, sharded in parts.items():
        print_description(descriptions[part], all_in=json_file)
        tell_of_shards(sharded)
    facts = {
        part: {**description_facts(descriptions[part]), **sharded_facts(sharded)}
        for part, sharded in parts.items()
    }
    give_json(json_file, {"parts": facts})
    for part, sharded in parts.items():
        first = sharded.first()
        write_sheet(first, sheet_path(sheet, first, part))


data_app.command("export")(export_data)
for command in (render, audit, review, clean):
    data_app.command()(command)
