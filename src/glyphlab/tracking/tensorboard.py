"""TensorBoard: event files in the folder of the run."""

from collections.abc import Sequence

from torch.utils.tensorboard import SummaryWriter

from glyphlab.tracking.tracker import Ending, Entry, Status, Tracked

FOLDER = "tensorboard"
TAGS = {
    "loss": "loss/train",
    "validation_loss": "loss/validation",
    "train_accuracy": "accuracy/train",
    "validation_accuracy": "accuracy/validation",
    "learning_rate": "learning_rate",
    "images_per_second": "images_per_second",
}
"""The figures of an epoch, and under which name each is drawn."""


class TensorBoard:
    """Writes a training to `tensorboard/` in its folder, see `Tracker`."""

    def __init__(self, training: Tracked, history: Sequence[Entry]) -> None:
        folder = training.path / FOLDER
        goes_on = any(folder.glob("events.*"))
        self._training = training
        self._writer = SummaryWriter(folder, purge_step=len(history) + 1 if goes_on else None)
        for entry in () if goes_on else history:
            self.note_epoch(entry)

    def note_epoch(self, entry: Entry) -> None:
        """Write the figures so that they can be seen at once."""
        for key, tag in TAGS.items():
            if key in entry:
                self._writer.add_scalar(tag, entry[key], int(entry["epoch"]))
        self._writer.flush()

    def finish(self, ending: Ending) -> None:
        """Write the Recipe with what came of it, for the table of trainings, and the mistakes."""
        figures = {f"final/{key}": value for key, value in ending.figures.items()}
        self._writer.add_hparams(dict(self._training.parameters), figures, run_name=".")
        if len(ending.mistakes):
            self._writer.add_images("mistakes", ending.mistakes, dataformats="NHWC")

    def close(self, status: Status) -> None:
        """Close the event file."""
        self._writer.close()
