"""The ladder's models as a scikit-learn classifier."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from jaxtyping import Float32, UInt8
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn

from glyphlab.data.dataset import Dataset
from glyphlab.errors import InputError, Interrupted
from glyphlab.estimator.folder import run_folder
from glyphlab.estimator.pixels import (
    TOGETHER,
    as_rows,
    by,
    choose_shape,
    filled_up,
    learn_limits,
    to_images,
)
from glyphlab.estimator.settings import HOLDERS, changed, checked, split_nested, whole_recipe
from glyphlab.models import MODELS, build
from glyphlab.models.classifier import Classifier
from glyphlab.models.weights import header_from_bytes
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe
from glyphlab.training.status import Status

_TRAINING = Lock()  # threads share PyTorch's random generator, which a training seeds at each step


class ImageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of small images for scikit-learn.

    Parameters
    ----------
    model : str
        A name that `glyphlab models` lists, or "package.module:factory" of a model of your own.
    epochs : int, optional
        How often each image is seen; as long as the Recipe says where none is given.
    arguments : dict, optional
        What the model is built with, as {"hidden": [512, 256]}.
    recipe : Recipe or dict, optional
        A whole Recipe, or the keys to change in the model's default one, as
        {"learning_rate": 0.01}. In such no image is held out to validate, unless they ask for it
        by {"validation": 0.1}, or by what watches such images, as {"early_stopping": 5}.
    image_shape : (height, width) or (height, width, channels), optional
        Of the images whose pixels X has in rows. Where none is given, the axes of X tell, or
        else each row is a grey image that is as near to a square as can be.
    random_state : int, RandomState or None
        Decides initial weights, order, augmentation and dropout; None takes the Recipe's seed, so
        that a fit repeats.
    verbose : bool
        Print a line after each epoch.
    run_dir : path, optional
        Folder in which each fit leaves its Run in a folder of its own. Where none is given,
        nothing is left.

    Attributes
    ----------
    classes_ : array [classes]
        The labels that y had, in rising order.
    n_features_in_ : int
        Numbers of an image.
    feature_names_in_ : array of str [n_features_in_]
        Where X was a frame with such names.
    image_shape_ : (height, width, channels)
        Of the images as they are given; `classifier_.image_shape` is at least 28×28.
    limits_ : (float64 [1 or n_features_in_], float64 [1 or n_features_in_])
        The values that become levels 0 and 255, over all or feature by feature.
    classifier_ : Classifier
        What was trained.
    history_ : list of dict
        One entry per epoch: loss, accuracies, learning rate, seconds, images per second.
    n_iter_ : int
        Epochs.
    run_path_ : str or None
        The folder of the Run, where `run_dir` was given.

    Notes
    -----
    Networks see images of uint8. Whole numbers from 0 to 255 are taken for levels as they are, and
    numbers from 0 to 1 for shares of white. Of other numbers, the lowest that `fit` sees becomes
    black and the highest white: over all pixels where X has axes of images or `image_shape` is
    given, and otherwise feature by feature. So a number keeps one of 256 levels, and what lies
    outside the limits is set to the nearer one. A side of less than 28 pixels is stretched to 28,
    linearly, since models and Recipes are made for such images.

    Images are classified 64 at a time, so that what is said of one does not depend on those beside
    it. Single images are faster by `classifier_`.

    A fitted estimator is pickled without any object of PyTorch: its weights are the bytes of a
    `.safetensors` file.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from glyphlab import ImageClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> digits = ImageClassifier("mlp", epochs=5, random_state=0).fit(X[:1000], y[:1000])
    >>> bool(digits.score(X[1000:], y[1000:]) > 0.8)
    True
    """

    def __init__(
        self,
        model: str = "lenet5",
        *,
        epochs: int | None = None,
        arguments: Mapping[str, Any] | None = None,
        recipe: Recipe | Mapping[str, Any] | None = None,
        image_shape: Sequence[int] | None = None,
        random_state: Any = None,
        verbose: bool = False,
        run_dir: str | Path | None = None,
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.arguments = arguments
        self.recipe = recipe
        self.image_shape = image_shape
        self.random_state = random_state
        self.verbose = verbose
        self.run_dir = run_dir

    def fit(self, X: Any, y: Any) -> Self:
        """Train the model anew.

        Parameters
        ----------
        X : numbers [n, features], [n, height, width] or [n, height, width, 1 or 3]
            Images, or features that are laid out as one.
        y : array-like [n]
            The class of each, as numbers, text or truth values.

        Returns
        -------
        ImageClassifier
            This estimator.

        Raises
        ------
        ValueError
            If X or y can't be learned from; an `InputError` where a parameter is wrong.
        Diverged
            If the loss stops being finite.
        """
        if not isinstance(self.model, str):
            raise InputError(
                f"model = {self.model!r} is no name; give one that `glyphlab models` lists, or "
                "package.module:factory of your own, so that each fit builds a new one."
            )
        dataset = self._dataset(X, y)
        recipe = whole_recipe(self.model, self.recipe, self.epochs, self.random_state)
        with run_folder(self.run_dir, self.model) as folder, _TRAINING:
            try:
                run = fit(
                    self.model,
                    dataset,
                    recipe,
                    arguments=checked("arguments", self.arguments),
                    out=folder,
                    report=_print_epoch if self.verbose else None,
                )
            except Interrupted as stopped:
                # A search goes on after any other error of a fit.
                raise KeyboardInterrupt(str(stopped) if self.run_dir else "") from stopped
            self.classifier_, self.history_ = run.classifier, run.history
        self.n_iter_ = len(self.history_)
        self.run_path_ = None if self.run_dir is None else str(folder)
        return self

    def decision_function(self, X: Any) -> Float32[np.ndarray, "n ..."]:
        """The network's logits: the higher, the more it speaks for a class.

        Parameters
        ----------
        X : numbers [n, features], [n, height, width] or [n, height, width, 1 or 3]
            As for `fit`.

        Returns
        -------
        float32 [n, classes]
            Of two classes float32 [n]: how far the second is before the first.
        """
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict(self, X: Any) -> np.ndarray[Any, Any]:
        """The most probable class of each image.

        Parameters
        ----------
        X : numbers [n, features], [n, height, width] or [n, height, width, 1 or 3]
            As for `fit`.

        Returns
        -------
        array [n]
            Of `classes_`.
        """
        best = self._logits(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def predict_proba(self, X: Any) -> Float32[np.ndarray, "n classes"]:
        """The probability of each class for each image; each row sums to 1.

        Parameters
        ----------
        X : numbers [n, features], [n, height, width] or [n, height, width, 1 or 3]
            As for `fit`.

        Returns
        -------
        float32 [n, classes]
            In the order of `classes_`.
        """
        images = self._images(X)
        return self.classifier_.probabilities(filled_up(images), TOGETHER)[: len(images)]

    @property
    def module_(self) -> nn.Module:
        """The trained network itself."""
        module: nn.Module = self.classifier_.module
        return module

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters; deep ones are the keys of `arguments` and `recipe`, where given.

        Parameters
        ----------
        deep : bool

        Returns
        -------
        dict
            As {"recipe": {"learning_rate": 0.01}, "recipe__learning_rate": 0.01, …}.
        """
        params: dict[str, Any] = super().get_params(deep)
        for holder in HOLDERS if deep else ():
            if isinstance(params[holder], Recipe | Mapping):
                params |= {f"{holder}__{key}": value for key, value in dict(params[holder]).items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also single keys of `arguments` and `recipe`.

        Parameters
        ----------
        **params
            As epochs=5, arguments__dropout=0.3, recipe__learning_rate=0.01.

        Returns
        -------
        ImageClassifier
            This estimator.
        """
        own, nested = split_nested(params)
        super().set_params(**own)
        for holder, changes in nested.items():
            setattr(self, holder, changed(getattr(self, holder), changes))
        return self

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "classifier_" in state:
            state["classifier_"] = self.classifier_.to_bytes()
        if isinstance(self.recipe, Recipe):
            state["recipe"] = None
            state["whole_recipe"] = self.recipe.model_dump()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if "whole_recipe" in state:
            state["recipe"] = Recipe(**state.pop("whole_recipe"))
        if "classifier_" in state:
            state["classifier_"] = _classifier(state["classifier_"])
        super().__setstate__(state)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _dataset(self, X: Any, y: Any) -> Dataset:
        """Learn the form of images and their classes; give what `glyphlab.fit` takes."""
        rows, given = as_rows(X)
        rows, y = validate_data(self, rows, y)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(
                f"y has one class only, {self.classes_[0]}; give images of two classes or more."
            )
        self.image_shape_ = choose_shape(rows.shape[1], given, self.image_shape)
        self.limits_ = learn_limits(rows, given is not None or self.image_shape is not None)
        return Dataset(
            images=to_images(rows, self.limits_, self.image_shape_),
            labels=labels.astype(np.int64),
            ids=[str(i) for i in range(len(rows))],
            classes=[str(label) for label in self.classes_],
            name="X",
        )

    def _images(self, X: Any) -> UInt8[np.ndarray, "n height width channels"]:
        """Bring what shall be predicted to the form that was learned."""
        check_is_fitted(self)
        rows, given = as_rows(X)
        rows = validate_data(self, rows, reset=False)
        if given not in (None, self.image_shape_):
            raise InputError(
                f"X has images of {by(given)}, but {type(self).__name__} was fitted with images "
                f"of {by(self.image_shape_)}; give such."
            )
        return to_images(rows, self.limits_, self.image_shape_)

    def _logits(self, X: Any) -> Float32[np.ndarray, "n classes"]:
        images = self._images(X)
        return self.classifier_.logits(filled_up(images), TOGETHER)[: len(images)]


def _classifier(weights: bytes) -> Classifier:
    """The Classifier of a pickled state; a model of the user's is built by its factory."""
    header = header_from_bytes(weights)
    if header.model in MODELS:
        return Classifier.from_bytes(weights)
    module = build(header.model, header.image_shape, len(header.classes), **header.arguments)
    return Classifier.from_bytes(weights, module)


def _print_epoch(status: Status) -> None:
    if status.entry:
        print(  # noqa: T201  # as scikit-learn's own estimators do
            f"Epoch {status.epoch} of {status.epochs}: loss {status.loss:.4f}, "
            f"training accuracy {status.train_accuracy:.4f}, {status.seconds_left:.0f} s left"
        )
