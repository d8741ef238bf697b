"""From model, Dataset and Recipe to a Recipe that suits them better, and to how sure that is."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glyphlab.data.dataset import Dataset
from glyphlab.data.ingest import TrainTest
from glyphlab.data.splits import split
from glyphlab.errors import InputError, Interrupted
from glyphlab.files import safe_name, write_json, write_text
from glyphlab.locking import only_here
from glyphlab.places.opening import LOCAL, open_place
from glyphlab.places.place import Place
from glyphlab.training.preparation import hold_out
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.tuning.confirmation import SHARE, Divided
from glyphlab.tuning.confirmation import confirm as confirmed
from glyphlab.tuning.folder import BEST, RESULT, SUMMARY, SearchFolder, open_folder
from glyphlab.tuning.proposing import check_installed, importances
from glyphlab.tuning.record import best_of
from glyphlab.tuning.result import Tuning
from glyphlab.tuning.search import Plan, Search
from glyphlab.tuning.space import base_settings, choose_space, dropout_rates
from glyphlab.tuning.status import Report, tell_nobody
from glyphlab.tuning.summary import best_toml, summary_markdown
from glyphlab.version import __version__

MOST_TRIALS = 10_000


def tune(
    model: str,
    dataset: Dataset,
    recipe: Recipe | None = None,
    *,
    search: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None,
    trials: int = 20,
    seed: int = 0,
    timeout: float | None = None,
    prune: bool = True,
    confirm: int = 3,
    on: str = LOCAL,
    cores: int = 1,
    workers: int = 1,
    out: str | Path | None = None,
    report: Report | None = None,
) -> Tuning:
    """Search for the Recipe by which a model recognises most images of a Dataset.

    Trials are trained by one seed and judged on the same held-out images. The best one is then
    trained again beside the Recipe that the search started from, with other seeds, and both are
    compared on a fifth of the images, which was set aside before the search. A search that was
    stopped, by Ctrl-C or otherwise, goes on when it is called again.

    Parameters
    ----------
    model : str
        A name that `glyphlab models` lists, "timm:name", or "package.module:factory".
    dataset : Dataset
        Images to train on; give no test images.
    recipe : Recipe, optional
        What to start from; the model's own default where none is given.
    search : mapping of key to text, optional
        The keys of the Recipe to search, as {"learning_rate": "1e-4..1e-1 log", "batch_size":
        "64,128", "rotation": "0..15"}; a space around `recipe` where none are given.
    fixed : mapping, optional
        Keys that are changed in `recipe` and left out of that space.
    arguments : mapping, optional
        What the model is built with, as hidden=[512, 256].
    trials : int
        How many Recipes are tried, the one to start from included.
    seed : int
        Of the search: of what it draws, of the images it holds out, of its trainings.
    timeout : float, optional
        Minutes after which no new trial is begun.
    prune : bool
        End trials early that are worse, half-way, than most before.
    confirm : int
        Trainings of each of the two Recipes on other images; with 0 none are set aside.
    on : str
        Where trials are trained: "local", "ray" or "ray://HOST:PORT".
    cores : int
        Of each process of a training, on a cluster; here each training has all.
    workers : int
        How many processes of a cluster do each training together, by Ray Train.
    out : path, optional
        Folder of the search; runs/tune-MODEL-DATASET where none is given.
    report : callable, optional
        Told a `SearchStatus` now and then and whenever a trial ends.

    Returns
    -------
    Tuning
        The best Recipe, all trials, and the comparison.

    Raises
    ------
    InputError
        If something that was given can't be used, Optuna is not installed, or the folder holds
        another search.
    Interrupted
        On Ctrl-C, when all is saved.
    GlyphlabError
        If every trial fails.
    """
    check_installed()
    _check(model, dataset, trials=trials, seed=seed, timeout=timeout, confirm=confirm)
    if workers > 1 and on == LOCAL:
        raise InputError("Workers of one training need a cluster; compute --on ray.")
    base = (recipe or default_recipe(model)).replace(**(fixed or {}))
    if base.validation == 0:
        raise InputError("Trials are judged on images held out; give validation above 0.")
    rates = dropout_rates(model, dataset, arguments or {})
    space = choose_space(base, search or {}, fixed or {}, rates)
    plan = Plan(
        model=model,
        arguments=dict(arguments or {}),
        base=base,
        space=space,
        first=base_settings(base, space, rates),
        trials=trials,
        seed=seed,
        prune=prune,
        seconds=None if timeout is None else 60 * timeout,
        cores=cores,
        workers=workers,
    )
    path = Path(out) if out else Path("runs") / f"tune-{safe_name(model)}-{safe_name(dataset.name)}"
    with open_place(on) as place, only_here(path, "search", "choose another --out"):
        folder = open_folder(path, _decides(plan, dataset, confirm > 0), _names(dataset))
        under_way = Search(plan, folder, report or tell_nobody)
        try:
            tuning = _search_and_confirm(under_way, place, dataset, confirm)
        except (Interrupted, KeyboardInterrupt):
            done = len(under_way.ended)
            when = (
                f"after {done} of {trials} trials" if done < trials else "before all was confirmed"
            )
            raise Interrupted(f"Stopped {when}; all is saved in {path}.", path) from None
    _write(folder, tuning)
    return tuning


def _search_and_confirm(search: Search, place: Place, dataset: Dataset, times: int) -> Tuning:
    plan, test = search.plan, None
    train = dataset
    if times:
        train, test = split(dataset, SHARE, plan.seed)
    _ = train.fingerprint  # It goes with the images to every machine.
    trials = search.go(place, train)
    best = best_of(trials)
    assert best is not None
    chosen = plan.recipe(best.settings).replace(seed=plan.base.seed)
    changes = best.settings != plan.first
    learned, held_out = hold_out(train, plan.base.replace(seed=plan.seed))
    return Tuning(
        path=search.folder.path,
        model=plan.model,
        dataset=dataset.name,
        seed=plan.seed,
        n_train=len(learned),
        n_validation=len(held_out),
        base=plan.base,
        recipe=chosen if changes else plan.base,
        space=plan.space,
        trials=tuple(trials),
        best=best,
        importances=importances(plan.space, trials, plan.seed),
        confirmation=confirmed(search, best, place, Divided(train, test), times)
        if test is not None and changes
        else None,
        exhausted=search.exhausted,
    )


def _check(
    model: object,
    dataset: object,
    *,
    trials: int,
    seed: int,
    timeout: float | None,
    confirm: int,
) -> None:
    """Refuse what no search can be made of."""
    if isinstance(dataset, TrainTest):
        raise InputError("The Dataset has parts; give its training part, loaded.train.")
    if not isinstance(model, str):
        raise InputError(
            "A module is trained in place, so it can't be trained again and again; give the name "
            "of a model, or package.module:factory of your own."
        )
    if not 1 <= trials <= MOST_TRIALS:
        raise InputError(f"{trials} trials can't be; give 1 to {MOST_TRIALS:,}.")
    if not 0 <= confirm <= 100:
        raise InputError(f"{confirm} trainings to confirm can't be; give 0 to 100.")
    if timeout is not None and not (timeout > 0 and math.isfinite(timeout)):
        raise InputError(f"A timeout of {timeout} minutes can't be; give a number above 0.")
    if not 0 <= seed < 2**31 - 101:
        raise InputError(f"The seed {seed} can't be; give a number from 0 on, below two billion.")


def _decides(plan: Plan, dataset: Dataset, confirmed: bool) -> dict[str, Any]:
    """All that decides which trials there are, and what they are judged on."""
    return {
        "model": plan.model,
        "arguments": dict(plan.arguments),
        "fingerprint": dataset.fingerprint,
        "recipe": plan.base.model_dump(),
        "space": {key: str(values) for key, values in plan.space.items()},
        "seed": plan.seed,
        "prune": plan.prune,
        "confirmed": confirmed,
    }


def _names(dataset: Dataset) -> dict[str, Any]:
    import optuna

    return {
        "dataset": dataset.name,
        "versions": {"glyphlab": __version__, "optuna": optuna.__version__},
    }


def _write(folder: SearchFolder, tuning: Tuning) -> None:
    write_text(folder.path / BEST, best_toml(tuning))
    write_text(folder.path / SUMMARY, summary_markdown(tuning))
    write_json(folder.path / RESULT, tuning.to_json())
