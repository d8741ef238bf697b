"""Optuna's part: the next trial, and whether to end one early, as functions of the trials so far.

The study is built anew from the records each time, in memory, so that a search that goes on after
a pause proposes what it would have proposed without one.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from glyphlab.extras import extra
from glyphlab.tuning.objective import PARTS
from glyphlab.tuning.ranges import Choices, Floats, Integers, Range, Space
from glyphlab.tuning.record import Trial

RANDOM_TRIALS = 10
"""So many are drawn at random, before their results guide the draw."""
ATTEMPTS = 20
"""Draws of settings that were not tried before, until the space is taken to be exhausted."""
KEPT_PERCENT = 50.0
UNJUDGED_TRIALS, UNJUDGED_PARTS = 5, 5
"""No trial is ended before so many are complete, nor before so many tenths of its training."""
LEAST_FOR_IMPORTANCE = 20


def check_installed() -> None:
    """Refuse, before any work, to search without Optuna.

    Raises
    ------
    InputError
        Naming what to install.
    """
    with extra("tune", "Tuning"):
        import optuna  # noqa: F401


def propose(
    space: Space,
    ended: Sequence[Trial],
    running: Sequence[Mapping[str, Any]],
    *,
    number: int,
    seed: int,
) -> dict[str, Any] | None:
    """Settings for the next trial, by the multivariate tree-structured Parzen estimator.

    A pure function: the same trials, number and seed give the same settings.

    Parameters
    ----------
    space : mapping of key to Range
    ended : sequence of Trial
    running : sequence of mapping
        Settings of trials that have no result yet; they are taken to be bad, so that the next
        is another.
    number, seed : int
        Of the trial; of the search.

    Returns
    -------
    dict or None
        None where no draw gives settings that were not tried before.

    Notes
    -----
    J. Bergstra, R. Bardenet, Y. Bengio & B. Kégl, "Algorithms for hyper-parameter optimization",
    NIPS 2011; multivariate as in S. Falkner, A. Klein & F. Hutter, "BOHB", ICML 2018.
    """
    tried = [trial.settings for trial in ended] + list(running)
    with _quiet():
        from optuna.samplers import TPESampler

        study = _study(space, ended, running)
        for attempt in range(ATTEMPTS):
            words = np.random.SeedSequence([seed, number, attempt]).generate_state(1)
            study.sampler = TPESampler(
                n_startup_trials=RANDOM_TRIALS,
                multivariate=True,
                constant_liar=True,
                seed=int(words[0]),
            )
            asked = study.ask(_distributions(space)).params
            settings = {key: values.tidy(asked[key]) for key, values in space.items()}
            if settings not in tried:
                return settings
            study = _study(space, ended, running)
    return None


def should_end(space: Space, ended: Sequence[Trial], values: Mapping[int, float]) -> bool:
    """Whether a trial is to be ended early: at this tenth it is below the median of the others.

    Parameters
    ----------
    space : mapping of key to Range
    ended : sequence of Trial
    values : mapping of int to float
        Its objective at each tenth of its training so far.
    """
    if max(values) >= PARTS:
        return False
    with _quiet():
        from optuna.pruners import PercentilePruner
        from optuna.trial import TrialState, create_trial

        pruner = PercentilePruner(
            KEPT_PERCENT, n_startup_trials=UNJUDGED_TRIALS, n_warmup_steps=UNJUDGED_PARTS
        )
        own = create_trial(state=TrialState.RUNNING, intermediate_values=dict(values))
        return bool(pruner.prune(_study(space, ended, ()), own))


def importances(space: Space, ended: Sequence[Trial], seed: int) -> dict[str, float]:
    """Each key's share in the variance of the results, most first; empty for too few trials.

    Notes
    -----
    F. Hutter, H. Hoos & K. Leyton-Brown, "An efficient approach for assessing hyperparameter
    importance", ICML 2014 (fANOVA), of complete trials.
    """
    complete = [trial for trial in ended if trial.state == "complete"]
    if len(complete) < LEAST_FOR_IMPORTANCE or len(space) < 2:
        return {}
    with _quiet():
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        evaluator = FanovaImportanceEvaluator(seed=seed)
        found = get_param_importances(_study(space, complete, ()), evaluator=evaluator)
    return {key: float(share) for key, share in found.items()}


def _study(space: Space, ended: Sequence[Trial], running: Sequence[Mapping[str, Any]]) -> Any:
    """A study in memory that holds these trials."""
    import optuna
    from optuna.trial import TrialState, create_trial

    distributions = _distributions(space)
    study = optuna.create_study(direction="maximize")
    for trial in sorted(ended, key=lambda trial: trial.number):
        # One that failed counts as one that was ended before it reached anything: the worst.
        complete = trial.state == "complete"
        study.add_trial(
            create_trial(
                state=TrialState.COMPLETE if complete else TrialState.PRUNED,
                value=trial.value,
                params=dict(trial.settings),
                distributions=distributions,
                intermediate_values={} if trial.state == "failed" else dict(trial.values),
            )
        )
    for settings in running:
        study.add_trial(
            create_trial(
                state=TrialState.RUNNING, params=dict(settings), distributions=distributions
            )
        )
    return study


def _distributions(space: Space) -> dict[str, Any]:
    return {key: _distribution(values) for key, values in space.items()}


def _distribution(values: Range) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    match values:
        case Floats(low, high, log):
            return FloatDistribution(low, high, log=log)
        case Integers(low, high, log):
            return IntDistribution(low, high, log=log)
        case Choices(choices):
            return CategoricalDistribution(choices)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's log and its warnings of what is experimental from the screen."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)
