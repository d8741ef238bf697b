"""What a person decides about single images of an audit: a file that cleaning reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from glyphlab.auditing.findings import Audit, Findings, Record
from glyphlab.errors import InputError
from glyphlab.files import read_limited, write_text

Part = Literal["train", "test"]
Place = tuple[Part, int]
"""Where an image is: in which Dataset of the audit, and at which index."""

_MAXIMUM_BYTES = 500_000_000


class Decision(Record):
    """What shall become of one image, whatever the audit proposes.

    Attributes
    ----------
    part : {"train", "test"}
        Which Dataset of the audit it belongs to.
    index, id : int, str
        Its place there, and its id.
    action : {"keep", "drop", "relabel"}
        "keep" leaves it as it is.
    label : str or None
        The class that "relabel" gives it; None for the other two.
    """

    part: Part
    index: Annotated[int, Field(ge=0)]
    id: str
    action: Literal["keep", "drop", "relabel"]
    label: str | None = None

    @model_validator(mode="after")
    def _label_belongs_to_relabel(self) -> "Decision":
        if (self.action == "relabel") != (self.label is not None):
            raise ValueError("relabel needs a label, and keep and drop have none")
        return self


class Decisions(Record):
    """All decisions about the images of one audit.

    Attributes
    ----------
    train, test : str, str or None
        Fingerprints of the two Datasets; None if the audit has no test images.
    decisions : list of Decision
        One for an image at most.
    """

    format: Literal["glyphlab.decisions"] = "glyphlab.decisions"
    format_version: Literal[1] = 1
    train: str
    test: str | None = None
    decisions: list[Decision] = Field(default_factory=list)


def no_decisions(audit: Audit) -> Decisions:
    """The Decisions on an audit before there is any."""
    return Decisions(train=audit.fingerprint, test=audit.test.fingerprint if audit.test else None)


def save_decisions(path: Path, decisions: Decisions) -> None:
    """Write Decisions as JSON, atomically.

    Raises
    ------
    InputError
        If the place can't be written to, or the disk is full.
    """
    write_text(path, decisions.model_dump_json(indent=2) + "\n")


def load_decisions(path: Path) -> Decisions:
    """Read a file of Decisions.

    Raises
    ------
    InputError
        If there is no such file, or it is no file of Decisions.
    """
    return parse_decisions(read_limited(path, "decisions file", _MAXIMUM_BYTES), str(path))


def parse_decisions(content: bytes, where: str = "The text") -> Decisions:
    """Read Decisions from JSON.

    Raises
    ------
    InputError
        Naming `where`, the key that is wrong, and what is allowed.
    """
    try:
        return Decisions.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise InputError(
            f"{where} holds no usable decisions ({_explain(error.errors()[0])}); correct it, or "
            "decide again on the audit's page."
        ) from error


def check_decisions(decisions: Decisions, audit: Audit, where: str = "The file") -> None:
    """Refuse Decisions that are not about the images of an audit.

    Parameters
    ----------
    decisions : Decisions
    audit : Audit
        Its findings name ids; an id of an image that is in none of them can't be compared.
    where : str
        What the message calls the file.

    Raises
    ------
    InputError
        If a fingerprint differs, an index is out of range, an id is another one than the audit
        has at that index, there is no such class, or an image is decided twice.
    """
    own = no_decisions(audit)
    if (decisions.train, decisions.test) != (own.train, own.test):
        raise InputError(
            f"{where} decides about other images than this audit of {audit.names}; give the "
            "decisions that were made on its page."
        )
    ids, decided = _known_ids(audit), set[Place]()
    for decision in decisions.decisions:
        place = (decision.part, decision.index)
        problem = "it is decided twice" if place in decided else _problem(decision, audit, ids)
        if problem:
            raise InputError(
                f"{where}, {decision.part} image {decision.index:,} ({decision.id!r}): {problem}; "
                "correct or remove the decision."
            )
        decided.add(place)


def _problem(decision: Decision, audit: Audit, ids: dict[Place, str]) -> str | None:
    findings = audit if decision.part == "train" else audit.test
    if findings is None:
        return "the audit has no test images"
    if decision.index >= findings.n:
        return f"{findings.dataset} has only {findings.n:,} images"
    known = ids.get((decision.part, decision.index), decision.id)
    if known != decision.id:
        return f"the audit calls it {known!r}"
    if decision.label is not None and decision.label not in findings.classes:
        return f"there is no class {decision.label}, only {', '.join(findings.classes)}"
    return None


def _known_ids(audit: Audit) -> dict[Place, str]:
    """The id of each image that occurs in a finding."""
    ids = dict(_ids_within("train", audit))
    if audit.test:
        ids |= _ids_within("test", audit.test)
    for leak in audit.leaks:
        ids |= {("test", leak.index): leak.id, ("train", leak.of): leak.of_id}
    for source in audit.leak_sources:
        ids |= {("train", source.index): source.id, ("test", source.of): source.of_id}
    return ids


def _ids_within(part: Part, findings: Findings) -> Iterator[tuple[Place, str]]:
    for copies in (findings.duplicates, findings.near_duplicates, findings.label_conflicts):
        for copy in copies:
            yield (part, copy.index), copy.id
            yield (part, copy.of), copy.of_id
    for error in findings.label_errors:
        yield (part, error.index), error.id
    for outlier in findings.outliers:
        yield (part, outlier.index), outlier.id


def _explain(error: Any) -> str:
    message = error["msg"].removeprefix("Value error, ")
    key = ".".join(map(str, error["loc"]))
    lowered = f"{message[:1].lower()}{message[1:]}"
    return f"{key}: {lowered}" if key else lowered
