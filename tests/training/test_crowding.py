"""Whether a training says that other programs take its cores."""

import logging
from collections.abc import Iterator

import pytest
import torch

from glyphlab.training import crowding
from glyphlab.training.crowding import Cores, Use

SAID = "Other programs use the cores, too, for which the 2 threads"


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    crowding._warn.cache_clear()
    yield
    torch.set_num_threads(threads)
    crowding._warn.cache_clear()


def said(caplog: pytest.LogCaptureFixture, *uses: Use | None) -> list[str]:
    """What is logged while a process uses so much of the cores, from its begin on."""
    told = iter(uses)
    cores = Cores(lambda: next(told))
    with caplog.at_level(logging.WARNING, logger="glyphlab"):
        for _ in uses[1:]:
            cores.look()
    return caplog.messages


BEGIN = Use(100.0, 50.0, 1_000)


def test_two_threads_that_are_kept_from_their_cores_are_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # 4 of the 20 seconds that two threads have in 10; 140 times a second taken off a core.
    (message,) = said(caplog, BEGIN, Use(110.0, 54.0, 2_400))
    assert message.startswith(SAID)
    assert "OMP_NUM_THREADS=1" in message


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(Use(110.0, 69.0, 2_400), id="it gets 19 of 20 seconds"),
        pytest.param(Use(110.0, 54.0, 1_100), id="it waits by its own will, as for images"),
        pytest.param(Use(109.0, 51.0, 9_000), id="it has been looked at too shortly"),
        pytest.param(None, id="the system does not tell"),
    ],
)
def test_nothing_is_said_where_the_cores_are_its_own(
    later: Use | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert said(caplog, BEGIN, later) == []


def test_it_is_said_once_in_a_process(caplog: pytest.LogCaptureFixture) -> None:
    crowded = Use(110.0, 54.0, 2_400)
    assert len(said(caplog, BEGIN, crowded)) == 1
    assert len(said(caplog, BEGIN, crowded)) == 1


def test_a_training_is_looked_at_once(caplog: pytest.LogCaptureFixture) -> None:
    calm, crowded = Use(110.0, 69.0, 1_000), Use(120.0, 70.0, 9_000)
    assert said(caplog, BEGIN, calm, crowded) == []


def test_one_thread_is_not_told_to_be_one(caplog: pytest.LogCaptureFixture) -> None:
    torch.set_num_threads(1)
    assert said(caplog, BEGIN, Use(110.0, 51.0, 9_000)) == []


def test_the_system_tells_what_a_process_uses() -> None:
    before = crowding._use()
    sum(range(3_000_000))
    after = crowding._use()
    assert before is not None
    assert after is not None
    assert after.busy > before.busy
    assert after.seconds > before.seconds
