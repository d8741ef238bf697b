"""Tasks that are done here."""

from collections.abc import Iterator
from pathlib import Path

from tests.places import tasks

from glyphlab.places.local import HERE
from glyphlab.places.place import Task


def test_each_is_done_before_the_next_is_asked_for() -> None:
    told: list[str] = []

    def given() -> Iterator[Task[int]]:
        for number in (1, 2):
            told.append(f"asked {number}")
            yield Task(str(number), tasks.double, (number,))

    for task, result in HERE.run(given()):
        told.append(f"done {task.label}: {result}")
    assert told == ["asked 1", "done 1: 2", "asked 2", "done 2: 4"]


def test_values_and_functions_are_themselves() -> None:
    value = object()
    assert HERE.put(value).get() is value
    assert HERE.calling(tasks.double) is tasks.double


def test_a_task_works_in_the_folder_itself(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    ((_, before),) = HERE.run([Task("write", tasks.write_more, ("a",), folder=tmp_path)])
    assert before == ["old"]
    assert (tmp_path / "lines.txt").read_text() == "a"
