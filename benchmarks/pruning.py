"""What ending trials early saves, and what it costs: searches without it, replayed with it.

    python benchmarks/pruning.py FOLDER… [--orders 200] [--out FILE]

Each FOLDER is one of `glyphlab tune … --no-prune`. Its trials are given to each pruner of Optuna's,
in the order they had and in random orders; a trial that a pruner would have ended is not known
further. Saved: the share of all training that was not done. Lost: the validation accuracy of the
best trial of all less that of the best that was left.
"""

import argparse
import random
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna

from glyphlab.tuning.objective import PARTS
from glyphlab.tuning.record import Trial, best_of, read_trials
from measuring import machine, publish, table

PRUNERS: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "median, from 20 % on": lambda: optuna.pruners.MedianPruner(5, 2),
    "median, from 50 % on": lambda: optuna.pruners.MedianPruner(5, 5),
    "lowest quarter, from 20 % on": lambda: optuna.pruners.PercentilePruner(75.0, 5, 2),
    "lowest quarter, from 50 % on": lambda: optuna.pruners.PercentilePruner(75.0, 5, 5),
    "successive halving, by 2": lambda: optuna.pruners.SuccessiveHalvingPruner(2, 2),
    "successive halving, by 4": lambda: optuna.pruners.SuccessiveHalvingPruner(2, 4),
    "Hyperband, by 3": lambda: optuna.pruners.HyperbandPruner(2, PARTS, 3),
}


def replay(trials: Sequence[Trial], pruner: optuna.pruners.BasePruner) -> tuple[float, float, bool]:
    """Share of training saved, accuracy lost, and whether the best trial was ended."""
    study = optuna.create_study(direction="maximize", pruner=pruner, study_name="replay")
    done, left = 0, list[Trial]()
    for trial in trials:
        asked = study.ask()
        for part, value in sorted(trial.values.items()):
            asked.report(value, part)
            if part < PARTS and asked.should_prune():
                study.tell(asked, state=optuna.trial.TrialState.PRUNED)
                done += part
                break
        else:
            study.tell(asked, trial.value)
            done += PARTS
            left.append(trial)
    best, found = best_of(trials), best_of(left)
    assert best is not None
    assert found is not None
    lost = (best.validation_accuracy or 0.0) - (found.validation_accuracy or 0.0)
    return 1 - done / (PARTS * len(trials)), lost, found != best


def measure(folder: Path, orders: int) -> list[dict[str, Any]]:
    """Every pruner on the trials of one search."""
    trials = [t for t in read_trials(folder / "trials.jsonl") if t.state == "complete"]
    shuffled = [random.Random(seed).sample(trials, len(trials)) for seed in range(orders)]
    rows = []
    for name, make in PRUNERS.items():
        saved, lost, gone = zip(*(replay(order, make()) for order in shuffled), strict=True)
        own = replay(trials, make())
        rows.append(
            {
                "search": folder.name,
                "n": len(trials),
                "pruner": name,
                "saved": statistics.mean(saved),
                "lost": statistics.mean(lost),
                "best_ended": statistics.mean(gone),
                "saved_own_order": own[0],
                "lost_own_order": own[1],
            }
        )
    return rows


def main() -> None:
    """Replay, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("results/pruning.json"))
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rows = [row for folder in options.folders for row in measure(folder, options.orders)]
    lines = table(
        ("search", "pruner", "saved", "accuracy lost", "best ended", "own order: saved", "lost"),
        [
            (
                f"{row['search']} (n = {row['n']})",
                row["pruner"],
                f"{row['saved']:.0%}",
                f"{100 * row['lost']:.2f} points",
                f"{row['best_ended']:.0%}",
                f"{row['saved_own_order']:.0%}",
                f"{100 * row['lost_own_order']:.2f} points",
            )
            for row in rows
        ],
    )
    facts = {"machine": machine(), "orders": options.orders, "rows": rows}
    publish("pruning", facts, list(lines), options.out)


if __name__ == "__main__":
    main()
