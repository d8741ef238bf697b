"""glyphlab: images per second of the training loop's own step, as `glyphlab train` takes it."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import CLASSES, Task, batches, random_images, time_steps
from torch import Tensor

from glyphlab import Dataset
from glyphlab.data.augment import Augmentation
from glyphlab.training.feed import MemoryFeed
from glyphlab.training.fit import take_step
from glyphlab.training.group import ALONE
from glyphlab.training.operations import measured_peak
from glyphlab.training.preparation import prepare
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.starting import start_run

PLAIN_SGD = {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.01, "weight_decay": 0.0}
NO_EXTRAS = {
    "label_smoothing": 0.0,
    "balance": 0.0,
    **dict.fromkeys(Augmentation.__annotations__, 0.0),
}


def recipe_of(task: Task, own: bool) -> Recipe:
    """The model's own Recipe, or the peers' work: plain SGD, nothing augmented, no dropout."""
    recipe = default_recipe(task.model).replace(batch_size=task.batch_size, validation=0.0)
    if own:
        return recipe
    dropout = {} if recipe.dropout is None else {"dropout": 0.0}
    return recipe.replace(**PLAIN_SGD, **NO_EXTRAS, **dropout)


def main() -> None:
    """Time what the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    own_recipe, task = options.pop("own_recipe"), Task(**options)
    images, labels = random_images()
    names = [str(number) for number in range(len(images))]
    dataset = Dataset(images, labels, names, "ABCDEFGHIJ"[:CLASSES], "random", "random")
    with TemporaryDirectory() as folder:
        run = start_run(task.model, dataset, recipe_of(task, own_recipe), out=Path(folder) / "run")
        training, order = prepare(run, dataset, None), batches(task.batch_size)
        training.module.train()
        steps, feed = iter(range(1 << 40)), training.feed
        assert isinstance(feed, MemoryFeed)

        def step() -> Tensor:
            return take_step(training, feed.batch(next(order), ALONE), next(steps))

        timed = time_steps(task, step, int)
    peak = measured_peak(training.device, training.dtype)
    flops = timed["images_per_second"] * training.flops_per_image
    facts = {"parameters": run.info.parameters, "by": run.info.precision}
    facts |= {"flops_per_image": training.flops_per_image, "peak_flops": peak}
    print(json.dumps({**timed, **facts, "peak_share": flops / peak}))


if __name__ == "__main__":
    main()
