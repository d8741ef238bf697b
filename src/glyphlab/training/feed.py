"""What a training is fed with: batches of its training images, and the images held out."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from glyphlab.data.batches import ImageStore, batch_bounds, epoch_order
from glyphlab.data.dataset import Dataset
from glyphlab.training.group import Group

VALIDATION_BATCH = 256

Indices = Int64[np.ndarray, " k"]


class Batch(NamedTuple):
    """The images of a batch that are this process's.

    Attributes
    ----------
    images : float [n, channels, height, width]
        From 0 to 1.
    labels : int64 [n]
    first, whole : int
        The place of the first of them in the batch, and how many images that has.
    """

    images: Float[Tensor, "n channels height width"]
    labels: Int64[Tensor, " n"]
    first: int
    whole: int


class Feed(ABC):
    """Gives images in an order that is a pure function of seed and epoch.

    Attributes
    ----------
    n_train, n_validation : int
        How many images there are to train and to validate on, over all processes.
    train_counts : int64 [classes]
        How many images of each class there are to train on.
    mean, std : float [1, channels, 1, 1]
        Of the training images.
    """

    n_train: int
    n_validation: int
    train_counts: Int64[np.ndarray, " classes"]
    mean: Float[Tensor, "1 channels 1 1"]
    std: Float[Tensor, "1 channels 1 1"]

    def normalise(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Subtract the mean and divide by the standard deviation of each channel."""
        return (images - self.mean) / self.std

    @abstractmethod
    def batches(
        self, epoch: int, bounds: Sequence[tuple[int, int]], group: Group
    ) -> Iterator[Batch]:
        """Batches of an epoch.

        Parameters
        ----------
        epoch : int
        bounds : sequence of (start, end)
            Of each batch in the epoch's order, over all processes; one follows the other.
        group : Group
            Of whose processes each gets its part of every batch.
        """

    @abstractmethod
    def validation(self, group: Group) -> Iterator[Batch]:
        """The part of the held-out images that is this process's, in batches."""

    @abstractmethod
    def sample(self, n: int) -> Float[Tensor, "n channels height width"]:
        """The first few images that are trained on, normalised."""

    @abstractmethod
    def trained_on(self) -> tuple[Dataset, Indices]:
        """Images, and places of those that are trained on: all of them, or a good many."""

    @abstractmethod
    def held_out(self) -> Iterator[tuple[Dataset, Indices]]:
        """All that is held out, as many at once as fit in memory: images, and places in them."""


class MemoryFeed(Feed):
    """Images of one file, all of them on the device.

    Parameters
    ----------
    dataset : Dataset
    train_index, validation_index : int64
        Places of the images to train and to validate on.
    store : ImageStore
    seed : int
        Decides the order.
    """

    def __init__(
        self,
        dataset: Dataset,
        train_index: Indices,
        validation_index: Indices,
        store: ImageStore,
        seed: int,
    ) -> None:
        self.train_index, self.validation_index = train_index, validation_index
        self.n_train, self.n_validation = len(train_index), len(validation_index)
        self.train_counts = np.bincount(
            dataset.labels[train_index], minlength=len(dataset.classes)
        ).astype(np.int64)
        self.dataset = dataset
        self.store, self.mean, self.std, self.seed = store, store.mean, store.std, seed
        self.device = store.images.device
        self.labels = torch.from_numpy(np.array(dataset.labels)).to(self.device)

    def batches(
        self, epoch: int, bounds: Sequence[tuple[int, int]], group: Group
    ) -> Iterator[Batch]:
        """Batches of an epoch, in a random order of all images."""
        order = np.take(self.train_index, epoch_order(self.n_train, self.seed, epoch))
        for start, end in bounds:
            yield self.batch(order[start:end], group)

    def batch(self, index: Indices, group: Group) -> Batch:
        """The part of a batch of images at certain places that is this process's."""
        first, last = group.part(len(index))
        own = torch.from_numpy(index[first:last]).to(self.device)
        return Batch(self.store.gather(own), self.labels[own], first, len(index))

    def validation(self, group: Group) -> Iterator[Batch]:
        """The part of each batch of what is held out that is this process's."""
        for start, end in batch_bounds(self.n_validation, VALIDATION_BATCH):
            yield self.batch(self.validation_index[start:end], group)

    def sample(self, n: int) -> Float[Tensor, "n channels height width"]:
        """The first images that are trained on, normalised."""
        index = torch.from_numpy(self.train_index[:n]).to(self.device)
        return self.normalise(self.store.gather(index))

    def trained_on(self) -> tuple[Dataset, Indices]:
        """All images, and the places of those that are trained on."""
        return self.dataset, self.train_index

    def held_out(self) -> Iterator[tuple[Dataset, Indices]]:
        """All images, and the places of those that are held out."""
        if self.n_validation:
            yield self.dataset, self.validation_index
