"""What docs/evidence.md says of the experiments."""

from pathlib import Path

from glyphlab.lab.evidence.experiments import EXPERIMENTS

PAGE = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text("utf-8")


def test_the_tables_list_every_experiment_in_order_with_its_claim() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    names = [row[0].strip("`") for row in rows]
    assert names == 2 * list(EXPERIMENTS)
    for (_, claim, *_), experiment in zip(rows, EXPERIMENTS.values(), strict=False):
        assert claim.split()[0] == experiment.claim.split()[0]
        assert not set(claim.split()) - set(experiment.claim.removesuffix(".").split())
