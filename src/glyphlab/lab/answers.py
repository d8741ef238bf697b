"""Answers to the lab's tasks, in sentences that say no more than the figures do."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from glyphlab.evaluation.comparison import Comparison
from glyphlab.lab.phrases import (
    accuracy_sentence,
    gap_sentence,
    highest_probability,
    lowest_loss,
    mean_accuracy,
    mean_of,
    mean_seconds,
)
from glyphlab.language import say
from glyphlab.language.numerals import decimal, listed, number, points, share
from glyphlab.report.comparison_words import pair_sentence
from glyphlab.report.content import Answer, ModelResult, comparison_of

SIMPLE, DENSE, CONV2, POOL = "logistic", "mlp", "conv2", "conv-pool"
LENETS = ("lenet5", "lenet5-classic")


def answer_tasks(results: Sequence[ModelResult]) -> tuple[Answer, ...]:
    """Answer those of the lab's four tasks whose models were trained, and what the notebook hid.

    Parameters
    ----------
    results : sequence of ModelResult
        All tested on the same images.
    """
    corrected = {r.model: r for r in results if r.protocol == "corrected"}
    notebook = {r.model: r for r in results if r.protocol == "notebook"}
    ladder = corrected or notebook
    comparison = comparison_of(results)
    answers = [
        *_task_1(ladder),
        *_task_2(ladder, comparison),
        *_task_3(ladder, comparison),
        *_task_4(ladder, comparison),
        *_notebook(corrected, notebook, comparison),
    ]
    return tuple(answers)


def answer(name: str, sentences: Sequence[str]) -> Answer:
    """The answer to one task, with its title and question from the catalogue."""
    task, title, question = (say(f"answer-{name}.{part}") for part in ("task", "title", "question"))
    return Answer(task, title, question, tuple(sentences))


def _task_1(results: Mapping[str, ModelResult]) -> list[Answer]:
    if CONV2 not in results:
        return []
    sentences = (accuracy_sentence(results[CONV2]), gap_sentence(results[CONV2]))
    return [answer("task-1", sentences)]


def _task_2(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    if not {CONV2, POOL} <= results.keys():
        return []
    conv, pool = results[CONV2], results[POOL]
    seconds_conv, seconds_pool = mean_seconds(conv), mean_seconds(pool)
    shorter, longer = sorted((seconds_conv, seconds_pool))
    sentences = (
        pair_sentence(comparison.pair(pool.name, conv.name)),
        say(
            "answer-pooling-time",
            pool=POOL,
            conv=CONV2,
            pace="less" if seconds_pool <= seconds_conv else "more",
            times=decimal(longer / max(shorter, 1e-9), 1),
            seconds_pool=decimal(seconds_pool, 1),
            seconds_conv=decimal(seconds_conv, 1),
            pace_pool=number(_pace(pool)),
            pace_conv=number(_pace(conv)),
        ),
        say(
            "answer-pooling-parameters",
            pool=POOL,
            conv=CONV2,
            n_pool=pool.parameters,
            n_conv=number(conv.parameters),
        ),
    )
    return [answer("task-2", sentences)]


def _task_3(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    lenets = [results[name] for name in LENETS if name in results]
    if not lenets:
        return []
    sentences = [accuracy_sentence(lenet) for lenet in lenets]
    sentences += [pair_sentence(comparison.pair(a.name, b.name)) for a, b in pairwise(lenets)]
    return [answer("task-3", sentences)]


def _task_4(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    """Compare each model with the next best; every pair is tested and corrected for."""
    if len(results) < 2:
        return []
    ranked = sorted(results.values(), key=mean_accuracy, reverse=True)
    sentences = [
        say(
            "answer-ranking",
            models=", ".join(f"{r.model} ({share(mean_accuracy(r))})" for r in ranked),
            pairs=len(comparison.pairs),
            several="yes" if len(comparison.pairs) > 1 else "no",
        ),
        *(pair_sentence(comparison.pair(a.name, b.name)) for a, b in pairwise(ranked)),
        *_steps_of_the_ladder(results),
        *_test_above_training(results),
    ]
    return [answer("task-4", sentences)]


def _steps_of_the_ladder(results: Mapping[str, ModelResult]) -> list[str]:
    """What hidden layers brought, and what convolutions did."""
    sentences = []
    if {SIMPLE, DENSE} <= results.keys():
        gain = mean_accuracy(results[DENSE]) - mean_accuracy(results[SIMPLE])
        sentences.append(say("answer-hidden-layers", simple=SIMPLE, dense=DENSE, gain=points(gain)))
    plain = [results[name] for name in (CONV2, POOL, *LENETS) if name in results]
    if DENSE in results and plain:
        best = max(plain, key=mean_accuracy)
        gain = mean_accuracy(best) - mean_accuracy(results[DENSE])
        sentences.append(
            say(
                "answer-convolutions",
                dense=DENSE,
                best=best.model,
                gain=points(gain),
                n_best=best.parameters,
                n_dense=number(results[DENSE].parameters),
            )
        )
    return sentences


def _test_above_training(results: Mapping[str, ModelResult]) -> list[str]:
    above = [
        result.model
        for result in results.values()
        if (train := mean_of(result, "train_accuracy")) is not None
        and mean_accuracy(result) > train
    ]
    if not above:
        return []
    return [say("answer-test-above-training", models=listed(above))]


def _notebook(
    corrected: Mapping[str, ModelResult],
    notebook: Mapping[str, ModelResult],
    comparison: Comparison,
) -> list[Answer]:
    """What the notebook's procedure gives, and what its defects do."""
    if not notebook:
        return []
    sentences: list[str] = []
    for name, result in notebook.items():
        sentences += _notebook_figures(name, result)
        if name in corrected:
            pair = comparison.pair(corrected[name].name, result.name)
            sentences.append(pair_sentence(pair))
    return [answer("notebook", sentences)]


def _notebook_figures(name: str, result: ModelResult) -> list[str]:
    classes = len(result.evaluation.classes)
    train, validation = (mean_of(result, f"{part}_accuracy") for part in ("train", "validation"))
    return [
        say(
            "answer-notebook-accuracy",
            model=name,
            accuracy=share(mean_accuracy(result)),
            train=share(train),
            validation=share(validation),
        ),
        say(
            "answer-notebook-bounds",
            cap=decimal(highest_probability(classes), 3),
            floor=decimal(lowest_loss(classes), 3),
            highest=decimal(float(result.evaluation.probabilities.max()), 3),
            loss=decimal(result.runs[0].history[-1]["loss"], 3),
        ),
    ]


def _pace(result: ModelResult) -> float:
    return mean_of(result, "train_images_per_second") or 0.0
