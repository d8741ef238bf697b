"""Options that several commands share, and the global ones, which every command takes."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import STANDARD
from glyphlab.cli.manner import Volume, manner
from glyphlab.cli.usage import comes_from


def _has_standard_output_alone(place: Path | None) -> Path | None:
    if place == STANDARD:
        if manner.alone:
            raise typer.BadParameter("standard output can take one result only; name a file.")
        manner.alone = True
    return place


def _quiet(context: typer.Context, asked: bool) -> None:
    _speak(context, "quiet", asked)


def _verbose(context: typer.Context, asked: bool) -> None:
    _speak(context, "verbose", asked)


def _speak(context: typer.Context, volume: Volume, asked: bool) -> None:
    if asked:
        manner.speak(volume, from_words=comes_from(context, volume, "COMMANDLINE"))


def _debug(asked: bool) -> None:
    manner.debug |= asked


def _print_version(context: typer.Context, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from glyphlab import __version__

        typer.echo(f"glyphlab {__version__}")
        raise typer.Exit


EVERYWHERE = ("quiet", "verbose", "debug")
"""The options of `glyphlab` that each of its commands takes, too."""

Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        callback=_quiet,
        expose_value=False,
        help="Print results and errors only.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_verbose,
        expose_value=False,
        help="Say more: what is read and written, where it is computed, how long it takes.",
    ),
]
Debug = Annotated[
    bool,
    typer.Option("--debug", callback=_debug, expose_value=False, help="Show tracebacks of errors."),
]
Version = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
]

Data = Annotated[
    list[str],
    typer.Option(
        "--data",
        metavar="NAME|PATH",
        autocompletion=completion.sources,
        help="Images to train on: a name that `glyphlab data list` shows (NAME:train, NAME:test "
        "for one part), or a path. May be repeated; all are used together.",
    ),
]
TestImages = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|PATH",
        autocompletion=completion.sources,
        help="Images to test on.",
        show_default="the test part of --data, or a fifth held out",
    ),
]
Size = Annotated[
    int, typer.Option(help="Height and width that images are brought to, in pixels.", min=1)
]
Mode = Annotated[Literal["grey", "rgb"], typer.Option(help="Keep brightness only, or colours.")]
AllowUnreadable = Annotated[
    bool, typer.Option("--allow-unreadable", help="Go on if more than 5 % can't be read.")
]
Lang = Annotated[
    Literal["en", "ru"], typer.Option("--lang", help="Language of pages and sentences.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        autocompletion=completion.recipe_keys,
        help="Change a key of the Recipe; may be repeated.",
    ),
]
On = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="PLACE",
        help="Where to compute: local; ray, the cluster that this machine belongs to or one that "
        "is started here; or ray://HOST:PORT.",
    ),
]
Cores = Annotated[
    int,
    typer.Option(min=1, help="Cores of each training on a cluster; here each has all of them."),
]
RunFolder = Annotated[
    Path,
    typer.Argument(
        help="Folder of a finished run.", autocompletion=completion.runs, show_default=False
    ),
]
JsonFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        dir_okay=False,
        allow_dash=True,
        callback=_has_standard_output_alone,
        help="Write all of it as JSON here, too; - prints that alone.",
    ),
]
CsvFile = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        metavar="FILE",
        dir_okay=False,
        allow_dash=True,
        callback=_has_standard_output_alone,
        help="Write a line for each image; - prints them alone.",
    ),
]

TrainedModel = Annotated[
    str,
    typer.Argument(
        help="A name that `glyphlab models` lists, timm:NAME, or package.module:factory.",
        autocompletion=completion.models,
        show_default=False,
    ),
]

Arguments = Annotated[
    list[str] | None,
    typer.Option(metavar="KEY=VALUE", help="What the model is built with, as hidden=[300]."),
]
