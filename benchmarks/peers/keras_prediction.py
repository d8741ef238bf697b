"""Keras on TensorFlow: prediction by a plain network, normalised images to logits."""

import json
from functools import partial

import keras
import tensorflow
from keras import layers
from keras_training import build
from predicting import Predict, random_floats, read_task, time_ways

BATCH_SIZES = (32, 128, 512)
HIDDEN = {"logistic": (), "mlp": (512, 256)}


def network(name: str) -> keras.Model:
    """The network of that name; those that training leaves out are dense throughout."""
    if name not in HIDDEN:
        return build(name)
    hidden = [layers.Dense(width, activation="relu") for width in HIDDEN[name]]
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, layers.Dense(10)])


def main() -> None:
    """Time what the JSON argument asks for: `predict` with and without XLA, and direct calls."""
    task, _ = read_task()
    bulk: dict[str, Predict] = {}
    one: dict[str, Predict] = {}
    for jit in (False, True):
        model, name = network(task.model), "predict, XLA" if jit else "predict"
        model.compile(jit_compile=jit)
        for size in BATCH_SIZES:
            bulk[f"{name}, batches of {size}"] = partial(model.predict, batch_size=size, verbose=0)
        one[name] = partial(model.predict, verbose=0)
        call = tensorflow.function(partial(model, training=False), jit_compile=jit)
        one["call, XLA" if jit else "call"] = lambda image, call=call: call(image).numpy()
    print(json.dumps(time_ways(task, random_floats(task.images), bulk, one)))


if __name__ == "__main__":
    main()
