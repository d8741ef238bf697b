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
from glyphlab.language.numerals import listed, points
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


def _task_1(results: Mapping[str, ModelResult]) -> list[Answer]:
    if CONV2 not in results:
        return []
    sentences = (accuracy_sentence(results[CONV2]), gap_sentence(results[CONV2]))
    question = "How accurate is a network of two convolutions and one dense layer?"
    return [Answer("Task 1", "Two convolutions", question, sentences)]


def _task_2(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    if not {CONV2, POOL} <= results.keys():
        return []
    conv, pool = results[CONV2], results[POOL]
    seconds_conv, seconds_pool = mean_seconds(conv), mean_seconds(pool)
    shorter, longer = sorted((seconds_conv, seconds_pool))
    pace = "less" if seconds_pool <= seconds_conv else "more"
    sentences = (
        pair_sentence(comparison.pair(pool.name, conv.name)),
        f"{POOL} took {longer / max(shorter, 1e-9):.1f} times {pace} time to train: "
        f"{seconds_pool:.1f} s against {seconds_conv:.1f} s, each by its own recipe; a second of "
        f"training passed {_pace(pool):,.0f} images through {POOL} and {_pace(conv):,.0f} through "
        f"{CONV2}.",
        f"{POOL} has {pool.parameters:,} parameters, {CONV2} {conv.parameters:,}.",
    )
    question = "What does pooling in place of one convolution do to the accuracy?"
    return [Answer("Task 2", "Pooling in place of a convolution", question, sentences)]


def _task_3(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    lenets = [results[name] for name in LENETS if name in results]
    if not lenets:
        return []
    sentences = [accuracy_sentence(lenet) for lenet in lenets]
    sentences += [pair_sentence(comparison.pair(a.name, b.name)) for a, b in pairwise(lenets)]
    return [Answer("Task 3", "LeNet-5", "How accurate is LeNet-5?", tuple(sentences))]


def _task_4(results: Mapping[str, ModelResult], comparison: Comparison) -> list[Answer]:
    """Compare each model with the next best; every pair is tested and corrected for."""
    if len(results) < 2:
        return []
    ranked = sorted(results.values(), key=mean_accuracy, reverse=True)
    sentences = [
        "From the highest test accuracy to the lowest: "
        + ", ".join(f"{r.model} ({mean_accuracy(r):.4f})" for r in ranked)
        + f"; all {len(comparison.pairs)} pairs are tested, and corrected for that number (Holm).",
        *(pair_sentence(comparison.pair(a.name, b.name)) for a, b in pairwise(ranked)),
        *_steps_of_the_ladder(results),
        *_test_above_training(results),
    ]
    question = "Which model is best, and how can the differences be explained?"
    return [Answer("Task 4", "All models compared", question, tuple(sentences))]


def _steps_of_the_ladder(results: Mapping[str, ModelResult]) -> list[str]:
    """What hidden layers brought, and what convolutions did."""
    sentences = []
    if {SIMPLE, DENSE} <= results.keys():
        gain = mean_accuracy(results[DENSE]) - mean_accuracy(results[SIMPLE])
        sentences.append(
            f"From {SIMPLE} to {DENSE}, with hidden layers, the accuracy changes by "
            f"{points(gain)}: {SIMPLE} can only weigh each pixel by itself."
        )
    plain = [results[name] for name in (CONV2, POOL, *LENETS) if name in results]
    if DENSE in results and plain:
        best = max(plain, key=mean_accuracy)
        gain = mean_accuracy(best) - mean_accuracy(results[DENSE])
        sentences.append(
            f"From {DENSE} to {best.model}, the best of the lab's convolutional networks, it "
            f"changes by {points(gain)}, with {best.parameters:,} parameters instead of "
            f"{results[DENSE].parameters:,}; that the convolutions are the cause is likely, but "
            "one comparison does not prove it."
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
    return [
        f"The test accuracy of {listed(above)} is above the accuracy on the training images: "
        "the training images are harder, or more of their labels are wrong."
    ]


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
    question = "What does the original procedure give, and what is wrong with it?"
    return [Answer("The notebook", "What its numbers hide", question, tuple(sentences))]


def _notebook_figures(name: str, result: ModelResult) -> list[str]:
    classes = len(result.evaluation.classes)
    train, validation = (mean_of(result, f"{part}_accuracy") for part in ("train", "validation"))
    return [
        f"By the notebook's procedure {name} reaches {mean_accuracy(result):.4f} on the test "
        f"images. The notebook would print {train:.4f} as “average train error” and "
        f"{validation:.4f} as “average validation error”: these are accuracies, not errors, and "
        "each is measured on the batch that was just trained ten times, not on all images.",
        f"Its outputs lie between 0 and 1 but are taken for logits, so that no probability can "
        f"pass {highest_probability(classes):.3f} and no loss fall below "
        f"{lowest_loss(classes):.3f}; the highest probability on a test image is "
        f"{result.evaluation.probabilities.max():.3f}, the last training loss "
        f"{result.runs[0].history[-1]['loss']:.3f}.",
    ]


def _pace(result: ModelResult) -> float:
    return mean_of(result, "train_images_per_second") or 0.0
