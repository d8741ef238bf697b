"""One search for near duplicates, in a process of its own.

Usage: python benchmarks/search_copies.py '{"images": "….npy", "others": "….npy", "threads": 2}'
Without others, inside the images. The clock starts with the opened files; reading them counts.
"""

import json
import resource
import sys
import time

import numpy as np
import torch

from glyphlab.auditing.near_duplicates import near_duplicates, near_duplicates_between


def main() -> None:
    """Search, and print what was found and what it took."""
    options = json.loads(sys.argv[1])
    torch.set_num_threads(options["threads"])
    images = np.load(options["images"], mmap_mode="r")
    start = time.perf_counter()
    if "others" in options:
        found = near_duplicates_between(images, np.load(options["others"], mmap_mode="r"))
    else:
        found = near_duplicates(images)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_megabytes": usage.ru_maxrss / 1024,
        "found": [(match.index, match.of) for match in found],
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
