"""The whole lab: train the ladder, test once, and gather what a report holds."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glyphlab.data.dataset import Dataset, check_compatible
from glyphlab.errors import InputError
from glyphlab.evaluation.comparison import fewest_images
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.lab.answers import answer, answer_tasks
from glyphlab.lab.copies import WithoutCopies, copies_sentences, effect_sentence, without_copies
from glyphlab.lab.evaluating import evaluate_all
from glyphlab.lab.evidence.experiments import Announce, evidence
from glyphlab.lab.notebook_protocol import HEADS
from glyphlab.lab.results import look_inside, model_result, most_disputed
from glyphlab.lab.trainings import Training, train_all
from glyphlab.lab.watching import Watcher
from glyphlab.language import say
from glyphlab.locking import only_here
from glyphlab.models import MODELS, build
from glyphlab.places.local import HERE
from glyphlab.places.place import Place
from glyphlab.progress import Bar, no_bar
from glyphlab.report.content import (
    Answer,
    DataDescription,
    LabContent,
    Protocol,
    Thumbnails,
)
from glyphlab.report.evidence import Evidence
from glyphlab.tracking.track import check_tools
from glyphlab.training.recipe import default_recipe

NOTEBOOK_MODEL = "conv2"
"""The model of the notebook's task 1, whose accuracy with copies left in is shown."""

FEWEST_SEEDS = 3
"""Of an experiment, where the lab trains each model with fewer."""

Job = tuple[str, Protocol, int]
"""Model, protocol and seed of a training."""


@dataclass(frozen=True)
class Plan:
    """What a lab shall do.

    Parameters
    ----------
    train, test : Dataset
        Of the same classes and image shape.
    out : Path
        Folder of the runs and the report; a lab that was stopped goes on from there.
    models : sequence of str
        Names as `glyphlab models` lists them, "timm:name" or "package.module:factory".
    protocols : sequence of {"corrected", "notebook"}
        Only the notebook's three models are trained by the second.
    seeds : int
        Trainings of each model, with the seeds 0, 1, …
    settings : mapping
        Recipe keys to set for every corrected training.
    audit : bool
        Train without copies of test images and of other training images; the notebook's protocol
        keeps them, as the notebook does.
    evidence : bool
        Run all experiments on the claimed causes, too.
    log : sequence of str
        Tools that are told of every training, see `glyphlab.fit`.
    cores : int
        Of each training, where they are not done here; here each has all.
    command : sequence of str
        The words that do the same lab again.
    loading : str
        Lines of Python that read `train` and `test` in the folder `out`, for a notebook.
    """

    train: Dataset
    test: Dataset
    out: Path
    models: Sequence[str] = tuple(MODELS)
    protocols: Sequence[Protocol] = ("corrected",)
    seeds: int = 1
    settings: Mapping[str, object] = field(default_factory=dict)
    audit: bool = True
    evidence: bool = False
    log: Sequence[str] = ()
    cores: int = 1
    command: Sequence[str] = ("glyphlab", "lab")
    loading: str = ""


def run_lab(
    plan: Plan,
    watch: Watcher,
    bar: Bar = no_bar,
    announce: Announce | None = None,
    place: Place = HERE,
) -> LabContent:
    """Audit the images, train every model of the plan, test each once, and answer the tasks.

    Trainings that are finished already are not repeated, and one that was stopped goes on.

    Parameters
    ----------
    plan : Plan
    watch : callable
        See `Watcher`.
    bar : callable
        Makes a progress bar for each stage of the audit, and for each experiment.
    announce : callable, optional
        Told what each experiment costs, before it begins.
    place : Place
        Where models are trained and tested.

    Returns
    -------
    LabContent
        For the writers of reports.

    Raises
    ------
    InputError
        If the Datasets don't fit together, a model can't be trained on them, or `plan.out` holds
        another lab, or one is at work there; or a tool of `plan.log` is not installed.
    Interrupted
        On Ctrl-C; what is trained so far is kept.
    """
    check_compatible(plan.train, plan.test)
    check_tools(plan.log)
    jobs = _jobs(plan)
    for model, protocol in dict.fromkeys(job[:2] for job in jobs):
        _check(plan, model, protocol)
    with only_here(plan.out, "lab", "choose another --out"):
        return _do(plan, jobs, place, watch, bar=bar, announce=announce)


def _do(
    plan: Plan,
    jobs: Sequence[Job],
    place: Place,
    watch: Watcher,
    *,
    bar: Bar,
    announce: Announce | None,
) -> LabContent:
    """Do a lab that can be done."""
    audited = plan.audit and "corrected" in plan.protocols
    prepared = without_copies(plan.train, plan.test, bar) if audited else None
    corrected = prepared.train if prepared else plan.train
    trainings = [_training(plan, corrected, job) for job in jobs]
    effect = _with_copies(plan, prepared, jobs) if prepared else None
    every = [*trainings, *([effect] if effect else [])]
    trained = train_all(every, place, watch, plan.out, plan.cores)
    tested = evaluate_all(trained, plan.test, place, cores=plan.cores)
    runs = dict(zip(jobs, trained, strict=False))
    evaluations = dict(zip(jobs, tested, strict=False))
    results = tuple(
        model_result(
            model,
            protocol,
            [(runs[job], evaluations[job]) for job in jobs if job[:2] == (model, protocol)],
            plan.out,
        )
        for model, protocol in dict.fromkeys(job[:2] for job in jobs)
    )
    chosen = most_disputed(results)
    results = tuple(
        look_inside(result, runs[result.model, result.protocol, 0], plan.test, chosen)
        for result in results
    )
    first = next(iter(runs.values())).info
    copies = []
    if prepared:
        copies = [_copies_answer(plan, prepared, evaluations, tested[-1] if effect else None)]
    return LabContent(
        title=say("lab-title", dataset=plan.train.name),
        training=DataDescription.of(corrected),
        test=DataDescription.of(plan.test),
        test_images=plan.test.images,
        thumbnails=Thumbnails.of(corrected),
        results=results,
        answers=(*copies, *answer_tasks(results)),
        command=shlex.join(plan.command),
        versions=first.versions,
        machine=first.machine or "",
        seeds=tuple(range(plan.seeds)),
        warnings=_warnings(plan),
        evidence=_evidence(plan, corrected, bar, announce, place) if plan.evidence else (),
        loading=plan.loading,
        chosen=chosen,
    )


def _evidence(
    plan: Plan, train: Dataset, bar: Bar, announce: Announce | None, place: Place
) -> tuple[Evidence, ...]:
    found = evidence(
        train,
        plan.test,
        seeds=max(plan.seeds, FEWEST_SEEDS),
        out=plan.out / "evidence",
        bar=bar,
        announce=announce,
        place=place,
    )
    return tuple(found)


def _jobs(plan: Plan) -> list[Job]:
    """Model, protocol and seed of every training, in the order of the report."""
    if plan.seeds < 1:
        raise InputError(f"--seeds {plan.seeds} trains nothing; give 1 or more.")
    jobs = [
        (model, protocol, seed)
        for model in dict.fromkeys(plan.models)
        for protocol in plan.protocols
        if protocol == "corrected" or model in HEADS
        for seed in range(plan.seeds)
    ]
    if not jobs:
        raise InputError(
            f"None of {', '.join(plan.models) or 'no models'} is trained by the protocol "
            f"{' and '.join(plan.protocols)}; the notebook has {', '.join(HEADS)}."
        )
    return jobs


def _check(plan: Plan, model: str, protocol: Protocol) -> None:
    """Refuse what can't be trained, before the first training starts."""
    build(model, plan.train.image_shape, len(plan.train.classes))
    if protocol == "corrected":
        default_recipe(model).replace(**plan.settings)


def _training(plan: Plan, corrected: Dataset, job: Job) -> Training:
    model, protocol, seed = job
    by_notebook = protocol == "notebook"
    settings = {} if by_notebook else plan.settings
    return Training(
        title=f"{model}, as the notebook, seed {seed}" if by_notebook else f"{model}, seed {seed}",
        model=model,
        dataset=plan.train if by_notebook else corrected,
        recipe=default_recipe(model).replace(**settings, seed=seed),
        out=_folder(plan, protocol, model, seed),
        protocol=protocol,
        log=plan.log,
    )


def _with_copies(plan: Plan, prepared: WithoutCopies, jobs: Sequence[Job]) -> Training | None:
    """The training of one model with what was left out, to show what that would have changed."""
    job = _without(jobs)
    if not prepared.removed or job is None:
        return None
    return replace(
        _training(plan, plan.train, job),
        title=f"{job[0]}, copies left in",
        out=_folder(plan, "with-copies", job[0], 0),
    )


def _without(jobs: Iterable[Job]) -> Job | None:
    """The training that it is compared with."""
    corrected = {job[0]: job for job in jobs if job[1:] == ("corrected", 0)}
    return corrected.get(NOTEBOOK_MODEL, next(iter(corrected.values()), None))


def _folder(plan: Plan, kind: str, model: str, seed: int) -> Path:
    return plan.out / "runs" / kind / model.replace(":", "-") / f"seed{seed}"


def _copies_answer(
    plan: Plan,
    prepared: WithoutCopies,
    evaluations: Mapping[Job, Evaluation],
    with_copies: Evaluation | None,
) -> Answer:
    """Say what was left out, and what that has changed."""
    sentences = copies_sentences(prepared, plan.train)
    job = _without(evaluations)
    if with_copies is not None and job is not None:
        sentences.append(effect_sentence(with_copies, evaluations[job], prepared.in_training))
    return answer("copies", sentences)


def _warnings(plan: Plan) -> tuple[str, ...]:
    warnings = []
    if plan.train.fingerprint == plan.test.fingerprint:
        warnings.append(say("lab-warning-same"))
    if len(plan.test) < fewest_images(len(plan.models)):
        warnings.append(say("lab-warning-few", n=len(plan.test), models=len(plan.models)))
    elif len(plan.test) < 500:
        warnings.append(say("lab-warning-wide", n=len(plan.test)))
    if plan.train.skipped or plan.test.skipped:
        skipped = len(plan.train.skipped) + len(plan.test.skipped)
        warnings.append(say("lab-warning-skipped", n=skipped))
    return tuple(warnings)
