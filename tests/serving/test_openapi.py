"""The server does what its OpenAPI document says, whatever is asked of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation
from tests.serving.documented import OPERATIONS, PREDICT, statuses
from tests.serving.running import Server, served

from glyphlab.serving.documents import openapi

by_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda found: found.label)


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
