"""One process at a time in a folder."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from glyphlab.errors import InputError
from glyphlab.locking import in_turn, only_here

HOLDING = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from glyphlab.locking import only_here\n"
    "with only_here(Path(sys.argv[1]), 'training', 'rest'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


def test_who_comes_second_is_told_so_and_may_come_again_later(tmp_path: Path) -> None:
    place = tmp_path / "new" / "run"
    sentence = rf"Another training is at work in {place} at this moment; wait for it, or rest\."
    with only_here(place, "training", "rest"):
        with pytest.raises(InputError, match=sentence), only_here(place, "training", "rest"):
            pytest.fail("two are at work")
        with only_here(tmp_path / "other", "training", "rest"):
            pass
    with only_here(place, "training", "rest"):
        assert list(place.iterdir()) == []


def test_a_process_that_is_killed_holds_nothing_any_more(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="at work"), only_here(tmp_path, "training", "rest"):
            pytest.fail("two are at work")
        other.send_signal(signal.SIGKILL)
    with only_here(tmp_path, "training", "rest"):
        pass


def test_those_who_take_turns_wait_for_each_other(tmp_path: Path) -> None:
    done: list[str] = []

    def second() -> None:
        with in_turn(tmp_path):
            done.append("second")

    with in_turn(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        time.sleep(0.2)
        done.append("first")
    other.join(timeout=30)
    assert done == ["first", "second"]


def test_a_place_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = "Can't write .*file/run: .*; choose another place"
    with (
        pytest.raises(InputError, match=sentence),
        only_here(tmp_path / "file" / "run", "training", "rest"),
    ):
        pytest.fail("there is no such place")
