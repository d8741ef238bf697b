"""Keras's own networks, trained a little: their weights, and what they say of test images."""

import json
import sys
from typing import Any

import keras
import numpy as np
from keras import layers
from keras_training import network

FULLY_CONNECTED = {"logistic": (), "mlp": (512, 256)}


def layers_of(name: str) -> list[Any]:
    """All layers of a network of the lab but the last, as one would write them in Keras."""
    if name not in FULLY_CONNECTED:
        return network(name)[:-1]
    widths = FULLY_CONNECTED[name]
    return [layers.Flatten(), *(layers.Dense(width, activation="relu") for width in widths)]


def main() -> None:
    """Train each network of the JSON argument; write its weights and its probabilities."""
    options = json.loads(sys.argv[1])
    with np.load(options["arrays"]) as arrays:
        images, labels, test = (arrays[key] for key in ("images", "labels", "test"))
    for name in options["networks"]:
        keras.utils.set_random_seed(0)
        head = layers.Dense(options["classes"], activation="softmax")
        inputs, scale = keras.Input(images.shape[1:]), layers.Rescaling(1 / 255)
        model = keras.Sequential([inputs, scale, *layers_of(name), head])
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", jit_compile=False)
        model.fit(images, labels, batch_size=128, epochs=1, verbose=0)
        np.savez(f"{options['out']}/{name}.npz", *model.get_weights())
        np.save(f"{options['out']}/{name}.npy", model.predict(test, batch_size=512, verbose=0))
    print(json.dumps({"keras": keras.__version__}))


if __name__ == "__main__":
    main()
