"""In which precision to multiply."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any, Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """Turn "auto", "float32" or "bfloat16" into a dtype for products and convolutions.

    "auto" takes bfloat16 only where the hardware multiplies in it; elsewhere it is emulated and
    slower than float32.
    """
    if name == "auto":
        return torch.bfloat16 if _computes_bfloat16(device.type) else torch.float32
    return torch.bfloat16 if name == "bfloat16" else torch.float32


@cache
def _computes_bfloat16(device_type: str) -> bool:
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device_type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[Any]:
    """Meanwhile products and convolutions are computed in `dtype`."""
    return torch.autocast(device.type, torch.bfloat16, dtype == torch.bfloat16)
