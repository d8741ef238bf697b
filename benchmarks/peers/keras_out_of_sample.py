"""Out-of-sample probabilities by Keras's MNIST convolutional example: k models, one for a fold."""

import json
import sys
import time

import keras
import numpy as np
from keras import layers
from until_keras import EXAMPLE, layers_of

BATCH = 128


def main() -> None:
    """Train on all folds but one, predict the one, and write what the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    with np.load(options["arrays"]) as arrays:
        images = arrays["images"].astype(np.float32) / 255
        labels, folds = arrays["labels"], arrays["folds"]
    started = time.perf_counter()
    probabilities = np.empty((len(labels), options["classes"]), np.float32)
    for fold in range(folds.max() + 1):
        keras.utils.set_random_seed(options["seed"] + fold)
        model = example(images.shape[1:], options["classes"])
        rest, held_out = folds != fold, folds == fold
        model.fit(images[rest], labels[rest], batch_size=BATCH, epochs=options["epochs"], verbose=0)
        probabilities[held_out] = model.predict(images[held_out], batch_size=512, verbose=0)
    seconds = time.perf_counter() - started
    np.save(options["out"], probabilities)
    print(json.dumps({"seconds": seconds}))


def example(image_shape: tuple[int, ...], classes: int) -> keras.Model:
    """The example's network with the example's optimizer."""
    head = layers.Dense(classes, activation="softmax")
    model = keras.Sequential([keras.Input(image_shape), *layers_of(EXAMPLE), head])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", jit_compile=False)
    return model


if __name__ == "__main__":
    main()
