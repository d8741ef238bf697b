"""In which precision is multiplied where nobody says."""

from typing import Any

import pytest

from glyphlab.models.precision import gains_by_bfloat16


@pytest.mark.parametrize(
    ("capabilities", "gains"),
    [
        # As PyTorch 2.13 tells them; benchmarks/precision.py measures what they come to.
        ({"cpu_name": "AMD EPYC", "avx512_bf16": True, "amx_bf16": False}, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, False),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, True),
        ({"cpu_name": "AMD EPYC", "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"architecture": "aarch64"}, False),
    ],
)
def test_bfloat16_is_taken_where_it_is_faster(capabilities: dict[str, Any], gains: bool) -> None:
    assert gains_by_bfloat16(capabilities) is gains
