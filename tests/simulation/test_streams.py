"""Are simulated streams read without a rejected row, analysed, and true to the truth that they name?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit.analyses import ANALYSES, Evidence
from toolkit.analyses.churn import churn
from toolkit.analyses.recurrence import recurrence
from toolkit.cube import reduce_stream
from toolkit.errors import UsageError
from toolkit.logs import read_stream
from toolkit.results import Estimate
from toolkit.simulation.streams import SCENARIOS, write_stream
from toolkit.simulation.streams.draw import draw
from toolkit.simulation.streams.effects import population_scores
from toolkit.simulation.streams.truths import true_values

# What the analyses must notice in a log, and nothing else.
NOTICED = {"dropouts": {"items-differ"}}


def analysed(folder: Path) -> dict[str, Estimate]:
    with read_stream(folder) as log:
        assert {notice.code for notice in log.notices} == NOTICED.get(folder.name, set())
        assert all(entry.rejected == 0 for entry in log.ledger.entries().values())
        evidence = Evidence(reduce_stream(log))
    estimates = [e for analysis in ANALYSES.values() for e in analysis(evidence).estimates]
    return {e.id: e for e in (*estimates, *churn(evidence), *recurrence(evidence))}


DAILY = {"dropouts", "few-seeds", "matrix", "two-seeds"}


@pytest.mark.parametrize(
    "name", [name if name in DAILY else pytest.param(name, marks=pytest.mark.nightly) for name in SCENARIOS]
)
def test_every_scenario_is_read_and_its_truth_found(name: str, tmp_path: Path) -> None:
    """No row rejected; every true value has its estimate, and nearly all intervals that claim it cover it."""
    truth = json.loads(write_stream(tmp_path / name, name, seed=1).read_text())
    found = analysed(tmp_path / name)
    unknown = {i for i in truth["values"] if i not in found}
    assert {i.split("/")[0] for i in unknown} <= ({"max_forgetting"} if name == "matrix" else set())
    claims = [(found[i], value) for i, value in truth["values"].items() if i in found and found[i].has_interval]
    covered = np.mean([e.low <= value <= e.high for e, value in claims])
    # With one training run the intervals speak of that run, and not of others.
    assert covered >= (0.80 if name == "few-seeds" else 0.88)


def test_default_estimates_lie_near_the_truth(tmp_path: Path) -> None:
    """Means over all tasks lie within three points of the truth: about three standard errors."""
    truth = json.loads(write_stream(tmp_path / "s", seed=2).read_text())["values"]
    found = analysed(tmp_path / "s")
    named = ("average_accuracy", "learning_accuracy", "backward_transfer", "zero_shot_transfer", "max_forgetting",
             "feedback_bias", "agreement", "label_error_rate", "acceptance_rate", "parse_failure_rate")  # fmt: skip
    ids = [f"{name}/stream/all" for name in named]
    ids += ["forward_transfer/stream:isolated/all", "joint_gap/joint:stream/all"]
    for i in ids:
        assert found[i].value == pytest.approx(truth[i], abs=0.035), i
    assert truth["forward_transfer/stream:isolated/all"] > 0.05
    assert truth["backward_transfer/stream/all"] < -0.05


def test_no_effect_and_ceiling_are_what_they_say() -> None:
    none = true_values(SCENARIOS["no-effect"])
    for name in ("forward_transfer/stream:isolated/all", "backward_transfer/stream/all", "max_forgetting/stream/all",
                 "zero_shot_transfer/stream/all", "joint_gap/joint:stream/all"):  # fmt: skip
        assert none[name] == pytest.approx(0, abs=1e-12)
    assert true_values(SCENARIOS["ceiling"])["average_accuracy/stream/all"] > 0.95


@pytest.mark.parametrize("name", ["default", "recurrence", "clusters", "shared-items", "matrix"])
def test_population_scores_are_the_mean_of_many_draws(name: str) -> None:
    """Answers of very many items and runs average to the population's scores in every cell."""
    scenario = replace(SCENARIOS[name], tasks=3, seeds=60, items=(3000,), own_items=False, steps=())
    scenario = replace(scenario, recurrence=3 * scenario.recurrence)  # six points, which cannot be overlooked
    R = population_scores(scenario)
    drawn = draw(scenario, np.random.default_rng(3)).y.mean(axis=(1, -1))
    np.testing.assert_array_equal(np.isfinite(drawn), np.isfinite(R))
    np.testing.assert_allclose(drawn, R, atol=0.02)


def test_recurrence_takes_away_from_late_stages_only() -> None:
    scenario = SCENARIOS["recurrence"]
    loss = population_scores(replace(scenario, recurrence=0.0)) - population_scores(scenario)
    stream = loss[scenario.arms.index("stream")]
    arrivals = np.arange(scenario.tasks)
    assert np.abs(stream[arrivals + 1, arrivals]).max() < 1e-6
    assert stream[-1, 0] > 0.02


def test_mistakes_come_back_as_often_as_the_chain_says(tmp_path: Path) -> None:
    """Shares of fixed, never-wrong and isolated answers that are wrong, within two and a half points; they differ."""
    truth = json.loads(write_stream(tmp_path / "recurrence", "recurrence").read_text())["values"]
    found = analysed(tmp_path / "recurrence")
    parts = {part: f"recurrence_rate/stream/all/part={part}" for part in ("fixed", "never", "isolated")}
    for i in parts.values():
        assert found[i].value == pytest.approx(truth[i], abs=0.025)
    assert truth[parts["never"]] < truth[parts["isolated"]] < truth[parts["fixed"]] - 0.1


def test_the_same_seed_gives_the_same_files_and_another_seed_the_same_truth(tmp_path: Path) -> None:
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_stream(tmp_path / folder, "few-tasks", seed=seed)
    for file in ("evaluations.parquet", "feedback.parquet", "stream.toml", "truth.json"):
        a, b, c = ((tmp_path / folder / file).read_bytes() for folder in "abc")
        assert a == b != c
    one, other = (json.loads((tmp_path / folder / "truth.json").read_text())["values"] for folder in "ac")
    assert one == other


def test_clusters_and_shared_items_are_in_the_log(tmp_path: Path) -> None:
    """Five items a cluster; one set of items in all tasks; a fifth of the rows gone and one seed of one arm."""
    import pyarrow.parquet as pq

    rows = {}
    for name in ("clusters", "shared-items", "dropouts"):
        write_stream(tmp_path / name, name)
        rows[name] = pq.read_table(tmp_path / name / "evaluations.parquet").to_pandas()
    sizes = rows["clusters"].groupby("cluster")["item"].nunique()
    assert set(sizes) == {5}
    assert rows["shared-items"].groupby("item")["task"].nunique().eq(8).all()
    lost = rows["dropouts"]
    assert set(lost[lost["arm"] == "isolated"]["seed"]) == {0, 1, 2}
    full = sum(SCENARIOS["dropouts"].items) * 2 * 9 * 4
    assert len(lost[lost["arm"] == "stream"]) == pytest.approx(0.8 * full, rel=0.02)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there are default, no-effect"):
        write_stream(tmp_path / "s", "nonsense")
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(UsageError, match="something already"):
        write_stream(tmp_path / "used")
    with pytest.raises(UsageError, match="negative"):
        write_stream(tmp_path / "s", seed=-1)
    assert not (tmp_path / "s").exists()
