"""Tasks that are done here, one after the other."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic

from glyphlab.places.place import P, R, T, Task


@dataclass(frozen=True, eq=False)
class Here(Generic[T]):
    """A value of this process."""

    value: T

    def get(self) -> T:
        """The value."""
        return self.value


class Local:
    """Here: a training keeps all cores busy, so that tasks wait for each other."""

    at_once = 1
    is_here = True

    def put(self, value: T) -> Here[T]:
        """Keep a value."""
        return Here(value)

    def calling(self, function: Callable[P, R]) -> Callable[P, R]:
        """Give the function itself."""
        return function

    def run(self, tasks: Iterable[Task[R]]) -> Iterator[tuple[Task[R], R]]:
        """Do tasks, and give each with its result as soon as it has ended."""
        for task in tasks:
            folder = {} if task.folder is None else {"folder": task.folder}
            yield task, task.function(*task.arguments, **folder)


HERE = Local()
