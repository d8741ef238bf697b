"""`glyphlab tune`: the Recipe by which a model does best on a Dataset."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glyphlab.cli import completion
from glyphlab.cli.console import console, give_json, results
from glyphlab.cli.options import (
    AllowUnreadable,
    Arguments,
    Cores,
    Data,
    JsonFile,
    Mode,
    On,
    Settings,
    Size,
    TrainedModel,
)
from glyphlab.cli.sources import given, read_train
from glyphlab.cli.tuning_view import settings_words, watch_search
from glyphlab.errors import InputError, Interrupted

if TYPE_CHECKING:
    from glyphlab.training.recipe import Recipe
    from glyphlab.tuning.result import Tuning

ROWS_SHOWN = 10


def tune(
    model: TrainedModel,
    data: Data,
    trials: Annotated[int, typer.Option(min=1, help="How many Recipes are tried.")] = 20,
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=RANGE",
            help="A key of the Recipe to search: KEY=LOW..HIGH, with log behind it to draw by "
            "magnitude, or KEY=VALUE,VALUE; may be repeated.",
            autocompletion=completion.recipe_keys,
            show_default="the keys that matter, around the model's Recipe",
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A Recipe in TOML to start from, for the model's own."),
    ] = None,
    settings: Settings = None,
    arg: Arguments = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the draws, the images held out, and the trainings.")
    ] = 0,
    timeout: Annotated[
        float | None,
        typer.Option(metavar="MINUTES", help="Begin no new trial after so long."),
    ] = None,
    prune: Annotated[
        bool, typer.Option(help="End trials early that are worse, half-way, than most before.")
    ] = True,
    confirm: Annotated[
        int,
        typer.Option(
            min=0,
            help="Trainings of the best and of the first Recipe each, by other seeds, tested on a "
            "fifth of the images that is set aside for it; 0 for none.",
        ),
    ] = 3,
    on: On = "local",
    cores: Cores = 1,
    workers: Annotated[
        int,
        typer.Option(min=1, help="Processes of a cluster that do each training together."),
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the search; one ended half-way goes on where it was.",
            show_default="runs/tune-MODEL-DATA",
        ),
    ] = None,
    json_file: JsonFile = None,
    size: Size = 28,
    mode: Mode = "grey",
    allow_unreadable: AllowUnreadable = False,
) -> None:
    """Search for a better Recipe, by validation images alone. Stop with Ctrl-C; repeat to go on."""
    from glyphlab.training.recipe import parse_settings
    from glyphlab.tuning.folder import SUMMARY
    from glyphlab.tuning.proposing import check_installed
    from glyphlab.tuning.space import choose_space
    from glyphlab.tuning.tune import tune as find

    check_installed()
    base, fixed = _recipe(model, recipe, settings or [])
    ranges, arguments = _ranges(search or []), parse_settings(arg or [])
    # Before the images are read; whether the model has dropout is seen later.
    choose_space(base.replace(**fixed), ranges, fixed, frozenset({0.0}))
    dataset, test = read_train(data, size, mode, allow_unreadable)
    if test is not None:
        console.print(f"The {len(test):,} test images of {test.name} are not used.")
    try:
        with watch_search() as report:
            found = find(
                model,
                dataset,
                base,
                search=ranges,
                fixed=fixed,
                arguments=arguments,
                trials=trials,
                seed=seed,
                timeout=timeout,
                prune=prune,
                confirm=confirm,
                on=on,
                cores=cores,
                workers=workers,
                out=out,
                report=report,
            )
    except Interrupted as stopped:
        raise Interrupted(f"{stopped} To go on, repeat the command.", stopped.path) from None
    options = {
        "--data": (data, None),
        "--trials": (trials, 20),
        "--search": (search, None),
        "--recipe": (recipe, None),
        "--set": (settings, None),
        "--arg": (arg, None),
        "--seed": (seed, 0),
        "--no-prune": (not prune, False),
        "--confirm": (confirm, 3),
        "--size": (size, 28),
        "--mode": (mode, "grey"),
        "--allow-unreadable": (allow_unreadable, False),
    }
    _tell(found, shlex.join(["glyphlab", "tune", model, *given(options)]))
    give_json(json_file, found.to_json())
    console.print(f"All trials are in {found.path / SUMMARY}.")


def _tell(found: "Tuning", command: str) -> None:
    """Print the best trials and what they mean; note the command."""
    from glyphlab.files import write_text
    from glyphlab.tuning.folder import BEST, SUMMARY
    from glyphlab.tuning.summary import TRIAL_COLUMNS, summary_markdown, trial_cells

    write_text(found.path / SUMMARY, summary_markdown(found, command))
    ranked = found.ranked
    title = f"The best {ROWS_SHOWN} of {len(ranked)} trials" if len(ranked) > ROWS_SHOWN else None
    rows = [(*trial_cells(t, found), settings_words(t.settings)) for t in ranked[:ROWS_SHOWN]]
    results.table((*TRIAL_COLUMNS, "settings"), rows, title=title)
    if found.importances:
        shares = ", ".join(f"{key} {share:.0%}" for key, share in found.importances.items())
        results.print(f"Share in the variance of the complete trials (fANOVA): {shares}.")
    for sentence in found.sentences():
        results.print(sentence)
    console.print(f"Its Recipe: glyphlab train {found.model} --recipe {found.path / BEST} --data …")


def _recipe(
    model: str, file: Path | None, settings: list[str]
) -> "tuple[Recipe, dict[str, object]]":
    from glyphlab.training.recipe import default_recipe, load_recipe, parse_settings

    fixed = parse_settings(settings)
    if "seed" in fixed:
        raise InputError("The seed of a search is --seed, which its trainings have, too.")
    return load_recipe(file) if file else default_recipe(model), fixed


def _ranges(words: list[str]) -> dict[str, str]:
    """`KEY=RANGE` words as a mapping; what a range may be is checked with the search."""
    ranges: dict[str, str] = {}
    for each in words:
        key, equals, text = each.partition("=")
        key = key.strip()
        if not equals or not key or not text.strip():
            raise InputError(
                f"{each!r} is nothing to search; write KEY=LOW..HIGH or KEY=VALUE,VALUE, as in "
                "learning_rate=1e-4..1e-1."
            )
        if key in ranges:
            raise InputError(f"{key} is searched twice; give one range for it.")
        ranges[key] = text
    return ranges
