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


def trial_rows(trials: Sequence[Trial], best: Trial) -> list[tuple[object, ...]]:
    """Rows for `trial_columns`, the best trials first, those without result last."""
    ordered = sorted(trials, key=lambda t: (-(t.value or 0.0), -(t.validation_accuracy or 0.0)))
    return [
        (
            f"{trial.number}{' (best)' if trial is best else ''}",
            trial.reason or trial.state,
            None if trial.validation_accuracy is None else f"{trial.validation_accuracy:.4f}",
            trial.epochs,
            f"{trial.seconds:.1f}",
            *(word(value) for value in trial.settings.values()),
        )
        for trial in ordered
    ]


def trial_columns(tuning: Tuning) -> tuple[str, ...]:
    """The headings of a table of trials."""
    return ("trial", "state", "validation accuracy", "epochs", "seconds", *tuning.space)


def _space(tuning: Tuning) -> str:
    rows = [
        (key, str(values), word(getattr(tuning.base, key))) for key, values in tuning.space.items()
    ]
    return _table(("key", "searched", "at the start"), rows)


def _trials(tuning: Tuning) -> str:
    rows = trial_rows(tuning.trials, tuning.best)
    more = len(rows) - SHOWN
    shown = [(number, plain(str(state)), *rest) for number, state, *rest in rows[:SHOWN]]
    table = _table(trial_columns(tuning), shown)
    return f"{table}\n\n{more} more are in trials.jsonl." if more > 0 else table


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
