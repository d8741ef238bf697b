"""Keras on TensorFlow: images per second of training, by `fit` or by `train_on_batch`."""

import json
import math
import sys
from typing import Any

import keras
from keras import layers
from timing import CLASSES, IMAGES, Task, batches, random_floats, time_steps


def network(name: str) -> list[Any]:
    """Layers of a plain network, from images [28, 28, 1] to logits."""
    conv, dense, mean = layers.Conv2D, layers.Dense, layers.AveragePooling2D
    relu, tanh = {"activation": "relu"}, {"activation": scaled_tanh}
    networks = {
        "conv2": [conv(32, 3, **relu), conv(32, 3, padding="same", **relu), layers.Flatten()],
        "conv-pool": [conv(32, 3, **relu), layers.MaxPooling2D(2), layers.Flatten()],
        "lenet5": [
            *(conv(32, 6, **relu), mean(2), conv(32, 6, **relu), mean(2), layers.Flatten()),
            *(dense(120, **relu), dense(84, **relu)),
        ],
        "lenet5-classic": [
            *(conv(6, 5, padding="same", **tanh), mean(2), conv(16, 5, **tanh), mean(2)),
            *(layers.Flatten(), dense(120, **tanh), dense(84, **tanh)),
        ],
    }
    return [*networks[name], dense(CLASSES)]


def scaled_tanh(inputs: Any) -> Any:
    """1.7159·tanh(2x/3)."""
    return 1.7159 * keras.ops.tanh(inputs * (2 / 3))


def glyphnet(images: Any) -> Any:
    """Logits of the residual network."""
    features = layers.ReLU()(convolution(images, 32, 3, 2))
    for width, stride in ((32, 1), (64, 2), (128, 2)):
        changed = layers.ReLU()(convolution(features, width, 3, stride))
        changed = convolution(changed, width, 3, 1)
        if stride > 1:
            features = layers.AveragePooling2D(2, padding="same")(features)
            features = convolution(features, width, 1, 1)
        features = layers.ReLU()(layers.Add()([changed, features]))
    return layers.Dense(CLASSES)(layers.GlobalAveragePooling2D()(features))


def convolution(features: Any, width: int, kernel: int, stride: int) -> Any:
    """A convolution without bias, then batch norm."""
    conv = layers.Conv2D(width, kernel, stride, padding="same", use_bias=False)
    return layers.BatchNormalization()(conv(features))


def build(name: str) -> keras.Model:
    """The network of that name."""
    images = keras.Input((28, 28, 1))
    if name == "glyphnet":
        return keras.Model(images, glyphnet(images))
    return keras.Sequential([images, *network(name)])


def compiled(name: str, jit: bool) -> keras.Model:
    """The network with plain SGD, initialised anew."""
    model = build(name)
    model.compile(
        optimizer=keras.optimizers.SGD(0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=jit,
    )
    return model


def time_fit(task: Task, model: keras.Model) -> dict[str, float]:
    """Time whole epochs of `fit` on arrays."""
    images, labels = random_floats()
    epoch = Task(task.model, IMAGES, task.seconds)
    keywords = {"batch_size": task.batch_size, "verbose": 0}
    return time_steps(epoch, lambda: model.fit(images, labels, **keywords), int, warm_up=1)


def time_train_on_batch(task: Task, model: keras.Model) -> dict[str, float]:
    """Time single steps."""
    images, labels = random_floats()
    order = batches(task.batch_size)

    def step() -> None:
        chosen = next(order)
        model.train_on_batch(images[chosen], labels[chosen])

    return time_steps(task, step, int)


def main() -> None:
    """Time what the JSON argument asks for, in the faster of two ways."""
    options = json.loads(sys.argv[1])
    jit, task = options.pop("jit"), Task(**options)
    answers = {
        "fit": time_fit(task, compiled(task.model, jit)),
        "train_on_batch": time_train_on_batch(task, model := compiled(task.model, jit)),
    }
    way = max(answers, key=lambda name: answers[name]["images_per_second"])
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    print(json.dumps({**answers[way], "by": way, "parameters": parameters}))


if __name__ == "__main__":
    main()
