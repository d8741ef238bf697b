"""What the OpenAPI document allows and what not, asked of a server, whose answers are checked."""

from collections import Counter
from typing import Any

import numpy as np
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import APIOperation
from tests.serving.running import Server, png

from glyphlab.serving.documents import openapi

PICTURES = [
    png(np.full((side, side), level, np.uint8)) for side in (1, 28, 90) for level in (0, 200)
]
for kind in ("image/*", "application/octet-stream"):
    schemathesis.openapi.media_type(kind, st.sampled_from(PICTURES) | st.binary())
SCHEMA: Any = schemathesis.openapi.from_dict(openapi())
OPERATIONS: list[APIOperation[Any, Any, Any, Any]] = [
    found.ok() for found in SCHEMA.get_all_operations()
]
(PREDICT,) = (operation for operation in OPERATIONS if operation.path == "/api/predict")
NOT_CHECKED: list[Any] = CHECKS.get_by_names(["positive_data_acceptance"])
"""No schema says which bytes are an image."""


def statuses(
    server: Server,
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode = GenerationMode.POSITIVE,
    examples: int = 60,
    seed: int | None = None,
) -> Counter[int]:
    """Ask as the document allows, or as it does not; how often each status was the answer.

    Status, content type, headers and body of each answer are checked against the document, and none
    may be a failure of the server. Without a seed the questions are always the same.
    """
    seen: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        derandomize=seed is None,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        address = f"http://127.0.0.1:{server.port}"
        seen[case.call_and_validate(address, excluded_checks=NOT_CHECKED).status_code] += 1

    asking: Any = ask if seed is None else seeded(seed)(ask)
    asking()
    return seen
