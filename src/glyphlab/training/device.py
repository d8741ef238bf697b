"""Where to compute."""

import platform

import torch

from glyphlab.errors import InputError


def choose_device(name: str) -> torch.device:
    """Turn "auto", "cpu", "cuda" or "mps" into a device; "auto" takes the fastest present.

    Raises
    ------
    InputError
        If the device named is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not present.get(name.split(":")[0], True):
        raise InputError(f"There is no device {name} on this machine; use device=auto or cpu.")
    return torch.device(name)


def describe_machine(device: torch.device) -> str:
    """One line for a report: processor or GPU, threads, and system."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {platform.system()}"
    threads = torch.get_num_threads()
    return f"{platform.machine()} CPU, {threads} threads, {platform.system()}"
