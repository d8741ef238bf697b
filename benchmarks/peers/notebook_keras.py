"""The notebook's procedure with its first network: seconds for each of its batches of 1,000."""

import json
import sys
import time

import keras
import numpy as np
from keras import layers

BATCH, EPOCHS, MINI_BATCH, HELD_OUT = 1000, 10, 32, 0.05


def main() -> None:
    """Train on the first batch to warm up, then on as many as the JSON argument asks for."""
    options = json.loads(sys.argv[1])
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="sigmoid"),
        ]
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=loss, metrics=["accuracy"])
    with np.load(options["arrays"]) as arrays:
        images, labels = arrays["train_images"], np.eye(10)[arrays["train_labels"]]
    seconds = []
    for start in range(0, BATCH * (options["batches"] + 1), BATCH):
        before = time.perf_counter()
        batch = slice(start, start + BATCH)
        keywords = {"batch_size": MINI_BATCH, "epochs": EPOCHS, "validation_split": HELD_OUT}
        model.fit(images[batch], labels[batch], verbose=0, **keywords)
        seconds.append(time.perf_counter() - before)
    print(json.dumps({"seconds_per_batch": sum(seconds[1:]) / options["batches"]}))


if __name__ == "__main__":
    main()
