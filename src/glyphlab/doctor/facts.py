"""What glyphlab runs on: versions, processor, threads, memory, folders and variables.

Nothing is sent anywhere; what could give access to something is left out.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import torch

from glyphlab.data import catalog
from glyphlab.data.glyphs import cache_folder
from glyphlab.data.stores import shown
from glyphlab.files import is_there
from glyphlab.models.precision import choose_precision
from glyphlab.processes import available_cores
from glyphlab.training.device import choose_device
from glyphlab.version import __version__

Section = dict[str, str]

_DECIDING = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "RAY_ADDRESS")
_SECRET = ("TOKEN", "PASSWORD", "SECRET", "KEY")


def facts() -> dict[str, Section]:
    """Everything worth a line in a report of a defect, by section."""
    return {
        "glyphlab": {
            "glyphlab": __version__,
            "Python": f"{platform.python_version()} ({platform.python_implementation()})",
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "user": "root" if hasattr(os, "geteuid") and os.geteuid() == 0 else "not root",
        },
        "packages": dict(_packages()),
        "computing": _computing(),
        "folders": dict(_folders()),
        "variables": dict(_variables()),
    }


def _packages() -> Iterator[tuple[str, str]]:
    """The packages that glyphlab needs, and those of extras that are there."""
    for requirement in requires("glyphlab") or ():
        package, _, extra = requirement.partition("; ")
        name = "".join(_leading(package))
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if not extra or (found != "missing" and "dev" not in extra and "docs" not in extra):
            yield name, found


def _leading(requirement: str) -> Iterator[str]:
    """The signs of the name that a requirement begins with."""
    for sign in requirement:
        if not (sign.isalnum() or sign in "-_."):
            return
        yield sign


def _computing() -> Section:
    device = choose_device("auto")
    precision = str(choose_precision("auto", device)).removeprefix("torch.")
    found = {
        "processor": _processor(),
        "vector units": torch.backends.cpu.get_cpu_capability(),
        "cores": f"{available_cores()} of {os.cpu_count()}",
        "threads of PyTorch": str(torch.get_num_threads()),
        "device": str(device),
        "precision": precision,
    }
    if device.type == "cuda":
        found["GPU"] = torch.cuda.get_device_name(device)
        found["CUDA"] = str(torch.version.cuda)
    if hasattr(os, "getloadavg"):  # not on Windows
        found["load"] = f"{os.getloadavg()[0]:.1f} programs wanted a core in the last minute"
    memory = _memory()
    return found | ({"memory": memory} if memory else {})


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> str:
    """Memory of the machine, and how much of it is free, where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return ""
    amounts = {
        line.partition(":")[0]: int(line.split()[1]) / 2**20 for line in lines if ":" in line
    }
    return f"{amounts['MemTotal']:.1f} GiB, {amounts['MemAvailable']:.1f} free"


def _folders() -> Iterator[tuple[str, str]]:
    places = {
        "Datasets": catalog.home(),
        "cache": cache_folder(),
        "temporary files": Path(tempfile.gettempdir()),
        "working folder": Path.cwd(),
    }
    for name, place in places.items():
        above = next(folder for folder in (place, *place.parents) if is_there(folder))
        free = shutil.disk_usage(above).free / 2**30
        state = "" if os.access(above, os.W_OK) else ", not writable"
        yield name, f"{place} ({free:.1f} GiB free{state})"


def _variables() -> Iterator[tuple[str, str]]:
    for name, value in sorted(os.environ.items()):
        if name.startswith("GLYPHLAB_") or name in _DECIDING:
            hidden = any(word in name for word in _SECRET)
            yield name, "(hidden)" if hidden else shown(value)
    if sys.flags.optimize:
        yield "python -O", str(sys.flags.optimize)
