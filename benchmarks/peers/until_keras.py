"""Keras with Adam, batches of 128, epoch by epoch until the accuracy is reached."""

import json
import sys
from typing import Any

import keras
import numpy as np
from keras import layers
from keras_training import network
from until import train_until

EXAMPLE = "example"


def layers_of(name: str) -> list[Any]:
    """Layers before the last one: of a network of the notebook, or of Keras's MNIST example."""
    if name != EXAMPLE:
        return network(name)[:-1]
    return [
        *(layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(2)),
        *(layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(2)),
        *(layers.Flatten(), layers.Dropout(0.5)),
    ]


def main() -> None:
    """Train what the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    keras.utils.set_random_seed(options["seed"])
    inputs, head = keras.Input((28, 28, 1)), layers.Dense(10, activation="softmax")
    model = keras.Sequential([inputs, *layers_of(options["network"]), head])
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    with np.load(options["arrays"]) as arrays:
        train = arrays["train_images"], arrays["train_labels"]
        test = arrays["test_images"], arrays["test_labels"]
    told = train_until(
        options,
        lambda: model.fit(*train, batch_size=128, verbose=0),
        lambda: model.evaluate(*test, verbose=0)[1],
    )
    print(json.dumps(told))


if __name__ == "__main__":
    main()
