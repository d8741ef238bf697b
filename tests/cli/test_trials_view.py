"""Many trainings on the screen."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from glyphlab.cli import trials_view
from glyphlab.cli.manner import manner
from glyphlab.cli.trials_view import Trials, watch_trials
from glyphlab.training.status import Status

Capture = pytest.CaptureFixture[str]
TITLES = [f"mlp, seed {seed}" for seed in range(4)]


def status(step: int = 50, steps: int = 100) -> Status:
    return Status(
        epoch=max(step // 25, 1),
        epochs=steps // 25,
        step=step,
        steps=steps,
        loss=0.25,
        train_accuracy=0.9,
        learning_rate=0.1,
        images_per_second=1_234.0,
        peak_share=0.0,
        seconds_left=12.0,
        validation_accuracy=0.875,
    )


def clock(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


def drawn(trials: Trials, lines: int = 20) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=120).print(trials_view._table(trials, lines))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_the_summary_counts_and_tells_rate_and_time_left() -> None:
    trials = Trials(TITLES, clock(0.0, 0.0, 30.0))
    assert trials.summary() == "0 of 4 trainings done, 4 waiting"
    trials.note(TITLES[0], "done")
    trials.note(TITLES[1], "running", "node-2", status(50))
    # One and a half of four in 30 seconds: three a minute, and two and a half are left.
    assert trials.summary() == "1 of 4 trainings done, 1 running, 2 waiting, 3/min, 50 s left"


def test_the_table_says_where_each_training_is_and_how_far() -> None:
    trials = Trials(TITLES[:3], lambda: 0.0)
    trials.note(TITLES[0], "running", "node-2", status(100))
    trials.note(TITLES[0], "done")
    trials.note(TITLES[1], "running", "node-3", status(50))
    heading, *rows, summary = (" ".join(line.split()) for line in drawn(trials))
    assert heading == "training state node epoch loss train validation images/s left"
    assert rows[0] == "mlp, seed 0 done node-2 4/4 0.250 0.900 0.875 1,234"
    assert rows[1] == "mlp, seed 1 running node-3 2/4 0.250 0.900 0.875 1,234 12 s"
    assert rows[2] == "mlp, seed 2 waiting"
    assert summary.startswith("1 of 3 trainings done")


def test_on_this_machine_there_is_no_column_for_nodes() -> None:
    trials = Trials(TITLES)
    trials.note(TITLES[0], "running", "", status())
    assert "node" not in drawn(trials)[0]


def test_a_low_terminal_shows_those_that_run_and_the_last_that_ended() -> None:
    trials = Trials([f"t{number}" for number in range(20)])
    for number in range(6):
        trials.note(f"t{number}", "running")
    for number in range(4):
        trials.note(f"t{number}", "done")
    assert [row.title for row in trials.shown(3)] == ["t3", "t4", "t5"]
    assert [row.title for row in trials.shown(7)] == ["t0", "t1", "t2", "t3", "t4", "t5", "t6"]
    assert drawn(trials, 3)[-2] == "… and 17 more"


def test_what_is_done_stays_so_though_a_word_of_it_comes_late() -> None:
    trials = Trials(TITLES)
    trials.note(TITLES[0], "done")
    trials.note(TITLES[0], "running", "", status())
    assert trials.rows[TITLES[0]].state == "done"


def test_trainings_may_come_as_they_are_noted() -> None:
    trials = Trials()
    trials.note("new", "running")
    assert [row.title for row in trials.shown(5)] == ["new"]


def test_in_a_log_each_training_that_ends_has_a_line(capsys: Capture) -> None:
    manner.reset()
    with watch_trials(TITLES) as note:
        assert note is not None
        note(TITLES[0], "running", "node-2", status(50))
        note(TITLES[0], "running", "node-2", status(100))
        note(TITLES[0], "done")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mlp, seed 0 on node-2: epoch 4/4, loss 0.250, train 0.900")
    assert "; 1 of 4 trainings done, 3 waiting" in line


def test_in_a_log_those_that_run_have_a_line_now_and_then(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials_view, "SECONDS_BETWEEN_LINES", 0.0)
    with watch_trials(TITLES) as note:
        assert note is not None
        note(TITLES[0], "running", "", status(50))
    assert capsys.readouterr().err.startswith("mlp, seed 0: epoch 2/4, 12 s left, loss")


def test_quiet_shows_nothing(capsys: Capture) -> None:
    manner.speak("quiet", from_words=True)
    try:
        with watch_trials(TITLES) as note:
            assert note is None
    finally:
        manner.reset()
    assert capsys.readouterr().err == ""
