"""The lab without copies: what is left out of its training images, and what that changes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from glyphlab.auditing.cleaning import emptied_class
from glyphlab.auditing.copies import Pixels, duplicates, leaks_between
from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError
from glyphlab.evaluation.evaluation import Evaluation
from glyphlab.language import say
from glyphlab.language.numerals import decimal, share
from glyphlab.progress import Bar, no_bar


@dataclass(frozen=True, eq=False)
class WithoutCopies:
    """Training images of which none repeats another one or a test image.

    Attributes
    ----------
    train : Dataset
        What is left.
    duplicates : int
        Training images left out since they repeat an earlier one exactly.
    leaked : int
        Training images left out since they repeat a test image.
    in_training : bool [n_test]
        Which test images a training image had repeated, exactly or but for a small change.
    """

    train: Dataset
    duplicates: int
    leaked: int
    in_training: Bool[np.ndarray, " n_test"]

    @property
    def removed(self) -> int:
        """How many training images were left out."""
        return self.duplicates + self.leaked


def without_copies(train: Dataset, test: Dataset, bar: Bar = no_bar) -> WithoutCopies:
    """Leave out of the training images exact duplicates, and copies of test images.

    Raises
    ------
    InputError
        If a class would be left without images.
    """
    own, other = Pixels.of(train, bar), Pixels.of(test, bar)
    leaks, sources = leaks_between(own, other, bar)
    leaked = {copy.index for copy in sources}
    repeated = {copy.index for copy in duplicates(own)} - leaked
    kept = np.delete(np.arange(len(train)), sorted(leaked | repeated))
    emptied = emptied_class(train, train.labels[kept])
    if emptied is not None:
        count = train.class_counts[train.classes.index(emptied)]
        raise InputError(
            f"All {count:,} training images of class {emptied} repeat images of {test.name}; "
            "test on other images, or train on them all the same by --no-audit."
        )
    in_training = np.zeros(len(test), np.bool_)
    in_training[[leak.index for leak in leaks]] = True
    left = train.subset(kept) if len(kept) < len(train) else train
    return WithoutCopies(left, len(repeated), len(leaked), in_training)


def copies_sentences(prepared: WithoutCopies, train: Dataset) -> list[str]:
    """What was left out, in words."""
    if not prepared.removed:
        return [say("copies-none")]
    sentences = [
        say(
            "copies-left-out",
            n=len(train),
            removed=prepared.removed,
            leaked=prepared.leaked,
            duplicates=prepared.duplicates,
        )
    ]
    if prepared.leaked:
        leaked, n = int(prepared.in_training.sum()), len(prepared.in_training)
        sentences.append(
            say("copies-leaked", leaked=leaked, n=n, part=decimal(100 * leaked / n, 1))
        )
    return sentences


def effect_sentence(
    with_copies: Evaluation, without: Evaluation, in_training: Bool[np.ndarray, " n_test"]
) -> str:
    """What a model reaches with the copies left in, as the notebook does it, and without them."""
    figures = {
        "model": with_copies.model,
        "with": share(with_copies.accuracy),
        "without": share(without.accuracy),
        "seed": str(without.seed),
    }
    if not in_training.any():
        return say("copies-effect", **figures)
    left_in, left_out = (
        share(float(e.correct[in_training].mean())) for e in (with_copies, without)
    )
    return say("copies-effect-on-leaked", **figures, leaked_with=left_in, leaked_without=left_out)
