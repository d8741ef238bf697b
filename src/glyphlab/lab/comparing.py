"""From folders of runs to a Comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.comparison import Comparison, compare
from glyphlab.lab.evaluating import Say, evaluate_all
from glyphlab.language import say
from glyphlab.places.local import HERE
from glyphlab.places.place import Place
from glyphlab.training.run import Run, holds_run


def find_runs(paths: Sequence[Path]) -> list[Run]:
    """The runs in these folders: the folder itself, or all below it.

    Raises
    ------
    InputError
        If there is none in one of them, or one has no weights yet.
    """
    found: dict[Path, Run] = {}
    for path in paths:
        below = [path] if holds_run(path) else sorted(p.parent for p in path.rglob("run.json"))
        if not below:
            raise InputError(f"There is no run in {path}; give the folder of a training.")
        found |= {folder.resolve(): Run(folder) for folder in below}
    for run in found.values():
        if not run.info.finished:
            raise InputError(
                f"The run {run.path} has no weights yet; go on with its training by "
                f"glyphlab train --resume {run.path}, or leave it out."
            )
    return list(found.values())


def compare_runs(
    runs: Sequence[Run],
    test: Dataset,
    progress: Say | None = None,
    place: Place = HERE,
    cores: int = 1,
) -> Comparison:
    """Test every run on the same images and compare them.

    Runs that differ in their seed only are trainings of one model. An evaluation of these very
    images that a run holds already is taken, and a new one is kept there.

    Parameters
    ----------
    runs : sequence of Run
    test : Dataset
    progress : callable, optional
        Told how many runs are tested, and of how many.
    place : Place
        Where predictions are computed.
    cores : int
        Of each run's predictions, elsewhere than here.

    Raises
    ------
    InputError
        If the runs don't fit the images, one stands twice, or as `compare`.
    """
    evaluations = evaluate_all(runs, test, place, progress, cores)
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(names_of(runs)):
        groups.setdefault(name, []).append(number)
    return compare({name: [evaluations[i] for i in numbers] for name, numbers in groups.items()})


def names_of(runs: Sequence[Run]) -> list[str]:
    """A name for each run: its model, and what sets it apart from other runs of that model.

    Runs that differ in nothing but the seed have the same name. Of imported weights nobody knows
    how they were trained, so each has the name of its folder.
    """
    traits = [None if run.info.imported else _traits(run) for run in runs]
    trained = [known for known in traits if known is not None]
    return [
        say("name-imported", model=run.info.model, folder=str(run.path))
        if own is None
        else _name(own, [other for other in trained if other["model"] == own["model"]])
        for run, own in zip(runs, traits, strict=True)
    ]


def _traits(run: Run) -> dict[str, str]:
    """All that decided a training but its seed, as words."""
    info = run.info
    recipe = run.recipe.model_dump(exclude={"seed", "device", "precision"})
    return {
        "model": info.model,
        "protocol": info.protocol,
        **{key: str(value) for key, value in {**recipe, **info.arguments}.items()},
        "trained on": say(
            "name-images-of",
            n=(info.n_train or 0) + (info.n_validation or 0),
            dataset=str(info.dataset),
        ),
        "images": str(info.fingerprint)[:8],
    }


def _name(own: Mapping[str, str], same_model: Sequence[Mapping[str, str]]) -> str:
    keys = [key for key in own if len({other.get(key) for other in same_model}) > 1]
    if "protocol" in keys:
        keys = [key for key in keys if key in ("protocol", "trained on", "images")]
    if "trained on" in keys:
        keys = [key for key in keys if key != "images"]
    words = [_word(key, own[key]) for key in keys]
    shown = ", ".join(word for word in words if word)
    return f"{own['model']} ({shown})" if shown else own["model"]


def _word(key: str, value: str) -> str:
    if key == "protocol":
        return say("protocol-notebook") if value == "notebook" else ""
    if key == "trained on":
        return say("name-trained-on", images=value)
    if key == "images":
        return say("name-images", fingerprint=value)
    return say("name-default", key=key) if value == "None" else f"{key}={value}"
