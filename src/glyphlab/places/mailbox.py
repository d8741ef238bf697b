"""Calls of tasks on a cluster that the process which sent them answers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Generic, NamedTuple

from glyphlab.places.errors import SentError
from glyphlab.places.place import P, R


class Letter(NamedTuple):
    """A call that waits for its answer.

    Attributes
    ----------
    number : int
        Of the letter, by which it is answered.
    function : int
        Number of the function that is called.
    arguments, keywords
        What it is called with.
    """

    number: int
    function: int
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]


class Answer(NamedTuple):
    """What the call of a letter gave or raised."""

    number: int
    value: Any
    error: SentError | None


class Mailbox:
    """An actor that tasks leave letters with; all its methods run on one thread, by turns."""

    def __init__(self) -> None:
        self._letters: asyncio.Queue[Letter] = asyncio.Queue()
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._numbers = count()

    async def send(
        self, function: int, arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> Answer:
        """Leave a letter, and wait for the answer."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._letters.put(Letter(number, function, arguments, keywords))
        return await self._answers[number]

    async def take(self) -> list[Letter]:
        """Wait until there are letters, and give all of them."""
        letters = [await self._letters.get()]
        while not self._letters.empty():
            letters.append(self._letters.get_nowait())
        return letters

    async def answer(self, answers: Sequence[Answer]) -> None:
        """Give the answers to those who wait for them."""
        for answer in answers:
            waiting = self._answers.pop(answer.number)
            if not waiting.done():  # a task that was cancelled waits no more
                waiting.set_result(answer)


class Call(Generic[P, R]):
    """A function of another process, called through its mailbox.

    Parameters
    ----------
    mailbox : handle of a Mailbox
    function : int
        Its number.
    """

    def __init__(self, mailbox: Any, function: int) -> None:
        self._mailbox, self._function = mailbox, function

    def __call__(self, *arguments: P.args, **keywords: P.kwargs) -> R:
        """Call it; what it raises there is raised here."""
        sent = self._mailbox.send.remote(self._function, arguments, keywords)
        # Ray would give the core of a task that waits by `ray.get` to another process.
        answer: Answer = sent.future().result()
        if answer.error is not None:
            raise answer.error.made()
        value: R = answer.value
        return value

    def tell(self, *arguments: P.args, **keywords: P.kwargs) -> None:
        """Let it be called, without waiting; what it raises there is lost."""
        self._mailbox.send.remote(self._function, arguments, keywords)


def answered(letter: Letter, functions: Sequence[Callable[..., Any]]) -> Answer:
    """Do what a letter asks."""
    try:
        value = functions[letter.function](*letter.arguments, **letter.keywords)
    except Exception as error:  # it belongs to the task that called
        return Answer(letter.number, None, SentError.of(error))
    return Answer(letter.number, value, None)
