"""The summary of a search in Markdown, and its Recipe as a file."""

from collections.abc import Sequence

from glyphlab.markdown import code, plain
from glyphlab.training.recipe import Recipe
from glyphlab.tuning.ranges import word
from glyphlab.tuning.record import Trial
from glyphlab.tuning.result import Tuning

SHOWN = 200
"""The best trials that the table holds; the file trials.jsonl holds all."""


def summary_markdown(tuning: Tuning, command: str | None = None) -> str:
    """Everything that was found, for a person; and the command that asked for it, if any did."""
    parts = [
        f"# Tuning {plain(tuning.model)} on {plain(tuning.dataset)}",
        *map(plain, tuning.sentences()),
    ]
    if command:
        parts.append(f"Made by {code(command)}.")
    parts += ["## The search", _space(tuning), "## Trials", _trials(tuning)]
    if tuning.importances:
        parts += ["## What mattered", _importances(tuning)]
    parts += ["## The Recipe", f"```toml\n{best_recipe(tuning).to_toml()}```"]
    return "\n\n".join(parts) + "\n"


def best_recipe(tuning: Tuning) -> Recipe:
    """The chosen Recipe with the seed that the search started from, for trainings to come."""
    return tuning.recipe.replace(seed=tuning.base.seed)


def best_toml(tuning: Tuning) -> str:
    """The same as a file, that says where it comes from."""
    said = [f"glyphlab tune, {tuning.model} on {tuning.dataset}, seed {tuning.seed}."]
    said += tuning.sentences()
    lines = "".join(f"# {' '.join(sentence.split())}\n" for sentence in said)
    return lines + best_recipe(tuning).to_toml()


TRIAL_COLUMNS = ("trial", "state", "validation accuracy", "epochs", "seconds")
"""The headings above `trial_cells`."""


def trial_cells(trial: Trial, tuning: Tuning) -> tuple[object, ...]:
    """What a table of trials says of one."""
    return (
        f"{trial.number} (best)" if trial == tuning.best else str(trial.number),
        trial.reason or trial.state,
        None if trial.validation_accuracy is None else f"{trial.validation_accuracy:.4f}",
        trial.epochs,
        f"{trial.seconds:.1f}",
    )


def _space(tuning: Tuning) -> str:
    rows = [(key, str(values), _at_start(tuning, key)) for key, values in tuning.space.items()]
    return _table(("key", "searched", "at the start"), rows)


def _at_start(tuning: Tuning, key: str) -> str:
    value = getattr(tuning.base, key)
    return "the model's own" if value is None else word(value)


def _trials(tuning: Tuning) -> str:
    rows = []
    for trial in tuning.ranked[:SHOWN]:
        number, state, *figures = trial_cells(trial, tuning)
        rows.append((number, plain(str(state)), *figures, *map(word, trial.settings.values())))
    more = len(tuning.trials) - len(rows)
    table = _table((*TRIAL_COLUMNS, *tuning.space), rows)
    return f"{table}\n\n{more} more are in trials.jsonl." if more else table


def _importances(tuning: Tuning) -> str:
    rows = [(key, f"{share:.0%}") for key, share in tuning.importances.items()]
    told = (
        f"Each key's share in the variance of the {tuning.count('complete')} complete trials "
        "(fANOVA); of few trials a rough guess."
    )
    return f"{told}\n\n{_table(('key', 'share'), rows)}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    cells = [["–" if cell is None else str(cell) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
