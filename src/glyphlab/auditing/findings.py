"""What an audit found: plain records, which are written to a JSON file as they are."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator


def _readable(text: object) -> object:
    """Text that can be written as UTF-8; file names of strangers need not be such."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_readable)]
"""A string from outside."""


class Record(BaseModel):
    """One finding or figure; immutable, and unknown keys in a file are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class UnreadableFile(Record):
    """A file that could not be read: its path inside the source, and why."""

    id: Text
    reason: Text


class Copy(Record):
    """An image that repeats another one.

    Attributes
    ----------
    index, id, label : int, str, str
        The image's place in its Dataset, its id, and the name of its class.
    of, of_id, of_label : int, str, str
        The same of the image that it repeats: an earlier one of its Dataset, or for a leak one of
        the training images.
    distance : float
        0 for the same pixels; else see `glyphlab.auditing.near_duplicates`.
    """

    index: int
    id: Text
    label: Text
    of: int
    of_id: Text
    of_label: Text
    distance: float = 0.0


class LabelError(Record):
    """An image whose label is likely wrong.

    Attributes
    ----------
    index, id, label : int, str, str
        The image's place in its Dataset, its id, and the name of its class.
    suggested : str
        The class that it more likely belongs to.
    score : float
        How surely the label is right, 0 to 1, by models that have not seen the image.
    """

    index: int
    id: Text
    label: Text
    suggested: Text
    score: float


class Outlier(Record):
    """An image that is unlike those of every class; the higher its score, the more so."""

    index: int
    id: Text
    label: Text
    score: float


class Balance(Record):
    """How many images each class has, and what their inequality costs.

    Attributes
    ----------
    counts : dict of str to int
    p_value : float
        Of Pearson's chi-square test against equal frequencies.
    recall : dict of str to float, or None
        Of each class, by models that have not seen the image.
    accuracy, balanced_accuracy : float or None
        Of these models: over all images, and the mean of the recalls.
    """

    counts: dict[Text, int]
    p_value: float
    recall: dict[Text, float] | None = None
    accuracy: float | None = None
    balanced_accuracy: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_sentence(cls, content: object) -> object:
        """Leave out what earlier versions wrote, too: an English sentence of these figures."""
        if isinstance(content, dict):
            return {key: value for key, value in content.items() if key != "sentence"}
        return content


class Noise(Record):
    """How many images bear the label of another class, as confident learning estimates it.

    Images of no class at all, whose label is as wrong, are not counted.

    Attributes
    ----------
    rate, rate_ci95 : float, (float, float)
        The share of all images, and its 95 % interval.
    class_rates : dict of str to float
        Of the images that bear a label, the share that bears it wrongly.
    joint : list of lists of float
        Share of all images by label (row) and by true class (column), in the order of the classes.
    """

    rate: float
    rate_ci95: tuple[float, float]
    class_rates: dict[Text, float]
    joint: list[list[float]]


class Groups(Record):
    """What the ids suggest as groups, which a random split would tear apart.

    Attributes
    ----------
    where, pattern : str
        The part of the ids that names the group, and the regular expression that finds it.
    groups : int
        How many there are.
    shared : int or None
        Of the second Dataset, how many images are of a group that the first one has, too.
    """

    where: Text
    pattern: Text
    groups: int
    shared: int | None = None


class Findings(Record):
    """What is wrong inside one Dataset; each list has the surest finding first.

    Attributes
    ----------
    dataset, fingerprint : str
    n : int
        Images.
    classes : list of str
    unreadable : list of UnreadableFile
    balance : Balance
    duplicates : list of Copy
        Images with the pixels of an earlier one.
    near_duplicates : list of Copy
        Images that are an earlier one but for a small change.
    label_conflicts : list of Copy
        Images outvoted by others with the same pixels; `of` is one with another label.
    label_errors : list of LabelError
    noise : Noise or None
        None where labels were not judged.
    outliers : list of Outlier
    groups : Groups or None
        None where the ids suggest none.
    predicted : list of int or None
        Index of the class that models which have not seen the image take it for.
    """

    dataset: Text
    fingerprint: Text
    n: int
    classes: list[Text]
    unreadable: list[UnreadableFile]
    balance: Balance
    duplicates: list[Copy]
    near_duplicates: list[Copy]
    label_conflicts: list[Copy]
    label_errors: list[LabelError] = []
    noise: Noise | None = None
    outliers: list[Outlier] = []
    groups: Groups | None = None
    predicted: list[int] | None = None


class LeakEffect(Record):
    """What leaks do to an accuracy: that of models trained on all training images.

    Attributes
    ----------
    accuracy, accuracy_ci95, n
        On all test images.
    without_leaks, without_leaks_ci95, n_without_leaks
        On those that are no copies of training images.
    on_leaks : float
        On those that are.
    """

    accuracy: float
    accuracy_ci95: tuple[float, float]
    n: int
    without_leaks: float
    without_leaks_ci95: tuple[float, float]
    n_without_leaks: int
    on_leaks: float


class Audit(Findings):
    """The findings of one Dataset, the training images, and of a second one, the test images.

    Attributes
    ----------
    leaks : list of Copy
        Test images that repeat a training image; `of` is its place in the training images.
    leak_sources : list of Copy
        Training images that repeat a test image: what to leave out of a training.
    leak_effect : LeakEffect or None
        None without leaks, or where labels were not judged.
    test : Findings or None
    seconds : float
        How long it took.
    """

    leaks: list[Copy] = []
    leak_sources: list[Copy] = []
    leak_effect: LeakEffect | None = None
    test: Findings | None = None
    seconds: float = 0.0

    @property
    def names(self) -> str:
        """The names of the audited Datasets, in words."""
        return f"{self.dataset} and {self.test.dataset}" if self.test else self.dataset
