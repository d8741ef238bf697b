"""The notebook's procedure with one of its networks: seconds for each of its batches of 1,000."""

import json
import sys
import time

import keras
import numpy as np
from keras import layers
from keras_training import network
from timing import CLASSES, random_images

BATCH, EPOCHS, MINI_BATCH, HELD_OUT = 1000, 10, 32, 0.05
HEADS = {"conv2": "sigmoid", "conv-pool": "sigmoid", "lenet5": "softmax"}


def main() -> None:
    """Train on a first batch to warm up, then on as many as the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    head = layers.Dense(CLASSES, activation=HEADS[options["model"]])
    inputs = keras.Input((28, 28, 1))
    model = keras.Sequential([inputs, *network(options["model"])[:-1], head])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=["accuracy"])
    bytes_of, labels = random_images()
    images, targets = np.float32(bytes_of) / 255, np.eye(CLASSES)[labels]
    seconds = []
    for start in range(0, BATCH * (options["batches"] + 1), BATCH):
        before = time.perf_counter()
        batch = slice(start, start + BATCH)
        keywords = {"batch_size": MINI_BATCH, "epochs": EPOCHS, "validation_split": HELD_OUT}
        model.fit(images[batch], targets[batch], verbose=0, **keywords)
        seconds.append(time.perf_counter() - before)
    print(json.dumps({"seconds_per_batch": sum(seconds[1:]) / options["batches"]}))


if __name__ == "__main__":
    main()
