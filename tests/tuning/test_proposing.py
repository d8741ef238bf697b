"""What Optuna proposes, as a function of the trials so far."""

import subprocess
import sys
from typing import Any

import pytest
from tests.tuning.trials import SPACE, good_at, trial

from glyphlab.errors import InputError
from glyphlab.tuning import proposing
from glyphlab.tuning.proposing import check_installed, importances, propose, should_end
from glyphlab.tuning.ranges import Choices, Space
from glyphlab.tuning.record import Trial


def searched(trials: int, seed: int = 0) -> list[Trial]:
    """So many trials, one after the other, of which only the learning rate matters."""
    ended: list[Trial] = []
    for number in range(trials):
        settings = propose(SPACE, ended, [], number=number, seed=seed)
        assert settings is not None
        ended.append(trial(number, good_at(settings["learning_rate"]), **settings))
    return ended


def test_proposals_lie_in_the_space_and_have_few_digits() -> None:
    for found in searched(12):
        assert found.settings.keys() == SPACE.keys()
        for key, values in SPACE.items():
            assert values.holds(found.settings[key])
        assert len(f"{found.settings['rotation']:g}".replace(".", "").strip("0")) <= 3


def test_the_same_trials_number_and_seed_give_the_same_proposal() -> None:
    ended = searched(14)
    for count in (0, 3, 14):  # By chance, and by the results.
        some = ended[:count]
        first = propose(SPACE, some, [], number=count, seed=0)
        assert first == propose(SPACE, list(reversed(some)), [], number=count, seed=0)
        assert first != propose(SPACE, some, [], number=count + 1, seed=0)
        assert first != propose(SPACE, some, [], number=count, seed=1)


def test_results_guide_the_proposals() -> None:
    ended = searched(40)
    before = [t.settings["learning_rate"] for t in ended[: proposing.RANDOM_TRIALS]]
    after = [t.settings["learning_rate"] for t in ended[-10:]]
    near = [0.003 < rate < 0.03 for rate in after]
    assert sum(near) > sum(0.003 < rate < 0.03 for rate in before)
    assert sum(near) >= 7


def test_a_trial_that_failed_counts_as_bad() -> None:
    ended = [
        trial(n, None, "failed", learning_rate=0.05 + n / 1000)
        if n % 2
        else trial(n, 0.9, learning_rate=0.001 + n / 10_000)
        for n in range(20)
    ]
    proposed = [propose(SPACE, ended, [], number=n, seed=0) for n in range(20, 40)]
    assert sum(p["learning_rate"] < 0.03 for p in proposed if p) >= 15


def test_nothing_is_tried_twice_and_an_exhausted_space_ends_the_search() -> None:
    space: Space = {"batch_size": Choices((64, 128, 256))}
    ended: list[Trial] = []
    running: list[dict[str, Any]] = []
    for number in range(3):
        settings = propose(space, ended, running, number=number, seed=0)
        assert settings is not None
        if number == 1:
            running.append(settings)
        else:
            ended.append(Trial(number, "complete", settings, 0.5, 0.5, 1.0))
    tried = {t.settings["batch_size"] for t in ended} | {r["batch_size"] for r in running}
    assert tried == {64, 128, 256}
    assert propose(space, ended, running, number=3, seed=0) is None


def test_a_trial_below_the_median_half_way_is_ended() -> None:
    ended = [trial(n, 0.5 + n / 100) for n in range(5)]
    assert should_end(SPACE, ended, {2: 0.6, 6: 0.4}) is False, "its best so far counts"
    assert should_end(SPACE, ended, {2: 0.4, 6: 0.51}) is True
    assert should_end(SPACE, ended, {2: 0.4, 6: 0.53}) is False


def test_a_trial_is_not_judged_early_nor_at_its_end_nor_by_few_others() -> None:
    ended = [trial(n, 0.5) for n in range(5)]
    assert should_end(SPACE, ended, {4: 0.1}) is False
    assert should_end(SPACE, ended, {6: 0.1, 10: 0.1}) is False
    assert should_end(SPACE, ended[:4], {6: 0.1}) is False
    others = [*ended[:4], trial(4, None, "pruned"), trial(5, None, "failed")]
    assert should_end(SPACE, others, {6: 0.1}) is False


def test_what_mattered_is_found_in_enough_trials() -> None:
    ended = searched(25)
    shares = importances(SPACE, ended, 0)
    assert next(iter(shares)) == "learning_rate"
    assert sum(shares.values()) == pytest.approx(1.0)
    assert importances(SPACE, ended[:19], 0) == {}


def test_nothing_of_optunas_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    ended = searched(12)
    should_end(SPACE, ended, {6: 0.1})
    importances(SPACE, ended * 2, 0)
    assert capfd.readouterr() == ("", "")


def test_the_log_of_others_studies_stays_as_it_was() -> None:
    import optuna

    before = optuna.logging.get_verbosity()
    searched(1)
    assert optuna.logging.get_verbosity() == before


def test_without_optuna_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"optuna.*pip install 'glyphlab\[tune\]'"):
        check_installed()


def test_optuna_is_not_imported_before_a_search() -> None:
    code = "import sys, glyphlab.tuning.tune; print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
