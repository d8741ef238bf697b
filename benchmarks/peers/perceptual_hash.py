"""Peer of `near_duplicates.py`: images whose perceptual hashes differ in few bits.

Usage: python peers/perceptual_hash.py '{"images": "….npy", "bits": [4, 10]}'
For each image the earlier one whose 64-bit pHash (Zauner 2010) is nearest, if it is near enough.
"""

import json
import sys
import time

import imagehash
import numpy as np
from PIL import Image


def hashes(images: np.ndarray) -> np.ndarray:
    """64 bits for each image."""
    return np.stack([imagehash.phash(Image.fromarray(image)).hash.ravel() for image in images])


def nearest_earlier(bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each image the first of the nearest earlier ones, and in how many bits they differ."""
    signs = bits * np.float32(2) - 1
    nearest, distance = np.zeros(len(bits), int), np.full(len(bits), 65)
    for index in range(1, len(bits)):
        differing = (64 - signs[:index] @ signs[index]) / 2
        nearest[index] = differing.argmin()
        distance[index] = round(float(differing[nearest[index]]))
    return nearest, distance


def main() -> None:
    """Hash and compare; the clock starts with the images in memory."""
    options = json.loads(sys.argv[1])
    images = np.load(options["images"])[:, :, :, 0]
    start = time.perf_counter()
    nearest, distance = nearest_earlier(hashes(images))
    seconds = time.perf_counter() - start
    found = {
        str(bits): [(int(i), int(nearest[i])) for i in np.flatnonzero(distance <= bits)]
        for bits in options["bits"]
    }
    print(json.dumps({"seconds": seconds, "found": found}))


if __name__ == "__main__":
    main()
