"""Tasks are done by processes of this machine as anywhere else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import tasks

from glyphlab.errors import GlyphlabError, InputError
from glyphlab.places.place import Task
from glyphlab.places.processes_place import Processes


def numbers(n: int, taken: list[int]) -> Iterator[Task[int]]:
    for i in range(n):
        taken.append(i)
        yield Task(f"double {i}", tasks.double, (i,))


def test_each_task_comes_back_with_its_result() -> None:
    done = {task.arguments[0]: result for task, result in Processes(2).run(numbers(9, []))}
    assert done == {i: 2 * i for i in range(9)}


def test_tasks_are_done_in_other_processes() -> None:
    results = Processes(2).run([Task("pid", os.getpid) for _ in range(4)])
    assert os.getpid() not in {pid for _, pid in results}


def test_tasks_are_taken_as_there_is_room_for_them() -> None:
    taken: list[int] = []
    results = Processes(1).run(numbers(1_000, taken))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 1_000


def test_a_call_comes_back_here_and_brings_the_answer() -> None:
    place = Processes(2)
    called: list[int] = []

    def triple(number: int) -> int:
        called.append(os.getpid())
        return 3 * number

    calling = place.calling(triple)
    run = place.run([Task("ask", tasks.ask, (calling, i)) for i in range(5)])
    assert sorted(result for _, result in run) == [0, 3, 6, 9, 12]
    assert called == [os.getpid()] * 5


def test_what_a_call_raises_is_raised_in_the_task() -> None:
    place = Processes(1)
    calling = place.calling(lambda: tasks.refuse("this"))
    [(_, said)] = place.run([Task("ask", tasks.ask_and_forgive, (calling,))])
    assert said == "this can't be used; give another."


def test_what_a_task_raises_is_raised_here() -> None:
    with pytest.raises(InputError, match=r"^x can't be used; give another.$"):
        list(Processes(2).run([Task("refuse", tasks.refuse, ("x",))]))
    with pytest.raises(KeyError, match="a defect"):
        list(Processes(2).run([Task("fail", tasks.fail)]))


def test_a_process_that_is_killed_is_one_sentence() -> None:
    with pytest.raises(GlyphlabError, match="The process that did doomed was ended from outside"):
        list(Processes(2).run([Task("doomed", tasks.die_always)]))


def test_a_shared_value_and_a_folder_are_given(tmp_path: Path) -> None:
    place = Processes(1)
    shared = place.put("a line\n")
    assert shared.get() == "a line\n"
    task = Task("write", tasks.write_more, ("a line\n",), folder=tmp_path)
    list(place.run([task, task]))
    assert (tmp_path / "lines.txt").read_text() == "a line\na line\n"


def test_no_process_is_no_place() -> None:
    with pytest.raises(InputError, match="There are 0 processes"):
        Processes(0)
