"""The server does what its OpenAPI document says, whatever is asked of it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import APIOperation
from tests.serving.running import Server, png, served

from glyphlab.serving.documents import openapi

PICTURES = [
    png(np.full((side, side), level, np.uint8)) for side in (1, 28, 90) for level in (0, 200)
]
for kind in ("image/*", "application/octet-stream"):
    schemathesis.openapi.media_type(kind, st.sampled_from(PICTURES) | st.binary())
OPERATIONS = [
    found.ok() for found in schemathesis.openapi.from_dict(openapi()).get_all_operations()
]
(PREDICT,) = (operation for operation in OPERATIONS if operation.path == "/api/predict")
NOT_CHECKED = CHECKS.get_by_names(["positive_data_acceptance"])
"""No schema says which bytes are an image."""

by_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda found: found.label)


def statuses(
    server: Server, operation: APIOperation, mode: GenerationMode = GenerationMode.POSITIVE
) -> Counter[int]:
    """Ask as the document allows, or as it does not; how often each status was the answer.

    Status, content type, headers and body of each answer are checked against the document, and none
    may be a failure of the server.
    """
    seen: Counter[int] = Counter()

    @settings(
        max_examples=60,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        address = f"http://127.0.0.1:{server.port}"
        seen[case.call_and_validate(address, excluded_checks=NOT_CHECKED).status_code] += 1

    ask()
    return seen


def test_the_document_is_served(running: Server) -> None:
    assert running.ask("/api/openapi.json").json == openapi()


@by_operation
def test_what_the_document_allows_is_answered_as_it_says(
    running: Server, operation: APIOperation
) -> None:
    seen = statuses(running, operation)
    assert set(seen) == ({200, 404, 422} if operation is PREDICT else {200})
    assert seen[200] * 4 >= seen.total()


def test_what_the_document_does_not_allow_is_refused_as_it_says(running: Server) -> None:
    assert {404, 422} <= set(statuses(running, PREDICT, GenerationMode.NEGATIVE))


@pytest.fixture(scope="module")
def guarded(runs: list[Path]) -> Iterator[Server]:
    with served(runs[:1], token="secret") as server:
        yield server


@by_operation
def test_without_its_token_a_server_answers_as_the_document_says(
    guarded: Server, operation: APIOperation
) -> None:
    open_to_all = operation.path in ("/healthz", "/readyz")
    assert set(statuses(guarded, operation)) == ({200} if open_to_all else {401})
