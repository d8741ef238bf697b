"""How this run of the command speaks: how much, and whether a result has standard output alone."""

from dataclasses import dataclass
from typing import Literal

Volume = Literal["quiet", "normal", "verbose"]


@dataclass
class Manner:
    """What the global options decide; there is one, `manner`, set anew by each run of the command.

    Attributes
    ----------
    volume : {"quiet", "normal", "verbose"}
        Results and errors only; remarks and progress, too; details, too.
    debug : bool
        Whether an error shows its traceback.
    alone : bool
        Whether JSON or CSV goes to standard output, and nothing else may.
    mute : bool
        Whether another process speaks for this one: only errors are told.
    words : tuple of str
        The words behind the command's name.
    """

    volume: Volume = "normal"
    debug: bool = False
    alone: bool = False
    mute: bool = False
    words: tuple[str, ...] = ()
    _from_words: bool = False

    def reset(self) -> None:
        """Forget what an earlier run chose."""
        self.volume, self.debug, self.alone, self._from_words = "normal", False, False, False
        self.mute, self.words = False, ()

    def speak(self, volume: Volume, *, from_words: bool) -> None:
        """Choose a volume: the last word counts, and any word before a file or the environment."""
        if from_words or not self._from_words:
            self.volume, self._from_words = volume, from_words


manner = Manner()
