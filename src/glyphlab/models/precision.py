"""In which precision to multiply."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """Turn "auto", "float32" or "bfloat16" into a dtype for products and convolutions.

    "auto" takes bfloat16 only where the hardware multiplies faster in it; elsewhere it is slower
    than float32.
    """
    if name == "auto":
        return torch.bfloat16 if _computes_bfloat16(device.type) else torch.float32
    return torch.bfloat16 if name == "bfloat16" else torch.float32


@cache
def _computes_bfloat16(device_type: str) -> bool:
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device_type == "cpu" and gains_by_bfloat16(torch.cpu.get_capabilities())


def gains_by_bfloat16(capabilities: Mapping[str, Any]) -> bool:
    """Whether a processor multiplies faster in bfloat16 than in float32.

    With AMX it does. With the vectors of AVX-512 alone an AMD processor does; one of Intel takes as
    many of its bfloat16 products at a time as of the others, and the conversions come on top.

    Parameters
    ----------
    capabilities : mapping
        As `torch.cpu.get_capabilities` tells.
    """
    if capabilities.get("amx_bf16"):
        return True
    is_intel = "Intel" in str(capabilities.get("cpu_name", ""))
    return bool(capabilities.get("avx512_bf16")) and not is_intel


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Meanwhile products and convolutions are computed in `dtype`."""
    return torch.autocast(device.type, torch.bfloat16, dtype == torch.bfloat16)
