"""Few human labels in a stream: unbiased where the judge is not, at the promised coverage, and what is missing said."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.analyses.judged_logs import estimates_of, hide, rows_of, scored
from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.corrected import corrected
from toolkit.inference.ppi import ppi_mean
from toolkit.results import Estimate


def test_one_seed_is_ppi_plus_plus():
    """Value and interval as from the plain arrays, up to how the weight is tuned."""
    rng = np.random.default_rng(1)
    y, f = scored(600, rng)
    hidden = hide(y, 60, rng)
    got = estimates_of(rows_of(f, hidden))["corrected_score/stream/all"]
    seen = np.isfinite(hidden)
    plain = ppi_mean(y[seen], f[seen], f[~seen], bounds=(0, 1))
    assert got.value == pytest.approx(plain.value, abs=0.4 * np.sqrt(plain.variance))
    assert got.high - got.low == pytest.approx(plain.high - plain.low, rel=0.05)
    assert got.n == {"labels": 60, "items": 600, "clusters": 60}
    assert (got.scope, got.axis, got.method) == ("items", "alignment", "PPI++, t")
    assert 1.5 * 60 < estimates_of(rows_of(f, hidden))["labels_saved/stream/all"].value < 10 * 60


@pytest.mark.parametrize("seeds", [1, pytest.param(4, marks=pytest.mark.nightly)])
def test_the_truth_is_covered_and_the_judge_alone_misses_it(seeds):
    """New students and new items: 40 labels a seed of 300 items; the judge is .2 too kind."""
    rng = np.random.default_rng(seeds)
    hits, scopes, replicates = 0, set(), 60
    for _ in range(replicates):
        parts = []
        for seed in range(seeds):
            y, f = scored(300, rng)
            shift = 0.03 * rng.normal() if seeds > 1 else 0.0
            parts.append(rows_of(np.clip(f + shift, 0, 1), hide(y + shift, 40, rng), seed=seed))
        got = estimates_of(pd.concat(parts))["corrected_score/stream/all"]
        hits += got.low <= 0.5 <= got.high
        scopes.add(got.scope)
    assert scopes == {"items" if seeds == 1 else "seeds"}
    spread = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - spread <= hits / replicates <= 0.99 + spread
    assert f.mean() > 0.65


def test_unequal_chances_are_undone():
    """People saw mostly what the judge scored low; the control forgets the chances."""
    rng = np.random.default_rng(3)
    hits, errors, forgotten, replicates = 0, [], [], 60
    for _ in range(replicates):
        f = rng.random(800)
        y = (2 * f - 1) ** 2  # no straight line, so that the judge cannot make up for who was seen
        chance = np.where(f < 0.3, 0.15, 0.03)
        hidden = np.where(rng.random(800) < chance, y, np.nan)
        rows = rows_of(f, hidden, probability=chance)
        got = estimates_of(rows, sampling="unknown")["corrected_score/stream/all"]
        hits += got.low <= 1 / 3 <= got.high
        errors.append(got.value - 1 / 3)
        without = estimates_of(rows.assign(probability=np.nan), sampling="unknown")["corrected_score/stream/all"]
        forgotten.append(without.value - 1 / 3)
        assert "items that people saw" not in got.method
        assert "items that people saw" in without.method
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(replicates) + 0.005
    assert abs(np.mean(forgotten)) > 0.02
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)


def stages(rng, *, loss, labels, same, size=400, seeds=1, arm="stream"):
    """Task 1 at its arrival and at the last of three stages, `loss` lower by people; the judge sees half of it."""
    parts = []
    for seed in range(seeds):
        y1, f1 = scored(size, rng)
        own = loss + 0.02 * rng.normal() if seeds > 1 else loss
        y3 = y1 - own + 0.05 * rng.normal(size=size)
        f3 = f1 - own / 2 + 0.05 * rng.normal(size=size)
        first = hide(y1, labels, rng)
        last = np.where(np.isfinite(first), y3, np.nan) if same else hide(y3, labels, rng)
        common = {"seed": seed, "task": "task 1", "arm": arm}
        parts += [rows_of(f1, first, stage=1, **common), rows_of(f3, last, stage=3, **common)]
    return pd.concat(parts)


@pytest.mark.parametrize(
    ("same", "seeds"),
    [(True, 1), (False, 4), *(pytest.param(*case, marks=pytest.mark.nightly) for case in ((False, 1), (True, 4)))],
)
def test_forgetting_by_peoples_measure(same, seeds):
    """A loss of .1 of which the judge sees half: covered, on the same items or others, over one seed or four."""
    rng = np.random.default_rng(10 * seeds + same)
    hits, widths, replicates = 0, [], 50
    for _ in range(replicates):
        found = estimates_of(stages(rng, loss=0.1, labels=40, same=same, seeds=seeds), tasks=3)
        got = found["backward_transfer/stream/all/part=human-corrected"]
        hits += got.low <= -0.1 <= got.high
        widths.append(got.high - got.low)
    spread = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - spread <= hits / replicates <= 0.99 + spread
    assert got.axis == "forgetting"
    assert got.scope == ("items" if seeds == 1 else "seeds")
    assert np.mean(widths) < (0.06 if same and seeds == 1 else 0.2)


def test_paired_forgetting_is_ppi_of_the_differences():
    """The same items labelled at both stages: the arrays of differences give the same numbers."""
    rng = np.random.default_rng(5)
    rows = stages(rng, loss=0.1, labels=40, same=True)
    got = estimates_of(rows, tasks=3)["backward_transfer/stream/task%201/part=human-corrected"]
    wide = rows.pivot_table(index="item", columns=["source", "stage"], values="score")
    y, f = (wide[source, 3] - wide[source, 1] for source in ("human", "synthetic"))
    seen = y.notna().to_numpy()
    plain = ppi_mean(y[seen], f[seen], f[~seen], gate=False)
    assert got.value == pytest.approx(plain.value, abs=0.15 * np.sqrt(plain.variance))
    assert got.high - got.low == pytest.approx(plain.high - plain.low, rel=0.05)


@pytest.mark.parametrize("shared", [True, pytest.param(False, marks=pytest.mark.nightly)])
def test_transfer_against_isolated(shared):
    """Experience brings .15 by people; a bias of the judge that differs between the arms does not matter."""
    rng = np.random.default_rng(6)
    hits, replicates = 0, 50
    for _ in range(replicates):
        parts = []
        for seed in range(3):
            for arm, level, bias in (("stream", 0.15, 0.0), ("isolated", 0.0, 0.2)):
                y, f = scored(200, rng, bias)
                own = level + 0.02 * rng.normal()
                parts.append(rows_of(f + own, hide(y + own, 30, rng), seed=seed, arm=arm))
        found = estimates_of(pd.concat(parts), scale=(-2, 3), seeds_shared=shared)
        got = found["forward_transfer/stream:isolated/task%201/part=human-corrected"]
        hits += got.low <= 0.15 <= got.high
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert (got.scope, got.axis, got.n["seeds"]) == ("seeds", "transfer", 3)


def test_what_is_missing_is_said():
    rng = np.random.default_rng(7)
    y, f = scored(100, rng)
    rows = rows_of(f, hide(y, 20, rng))
    for source, word in (("human", "synthetic"), ("synthetic", "human")):
        found = estimates_of(rows[rows["source"] == source])
        assert {e.quantity for e in found.values()} == {"corrected_score", "labels_saved", "labels_needed"}
        assert all(e.value is None and word in e.reason for e in found.values())
    named = rows.assign(label="right", score=np.nan)
    assert "numeric" in estimates_of(named)["corrected_score/stream/all"].reason
    empty = cube_from_tables(config(1))
    assert all(e.reason for e in corrected(Evidence(empty)))
    few = estimates_of(stages(rng, loss=0.1, labels=5, same=True), tasks=3)
    assert "10 items" in few["backward_transfer/stream/task%201/part=human-corrected"].reason
    assert "backward_transfer/stream/all/part=human-corrected" not in few


def test_a_judge_whose_errors_are_too_few_is_not_relied_on():
    """Right or wrong, and judge and people never differ: Wilson on the labels alone, and no labels saved."""
    y = (np.arange(300) % 4 > 0).astype(float)
    hidden = np.where(np.arange(300) < 40, y, np.nan)
    found = estimates_of(rows_of(y, hidden))
    assert "human labels alone" in found["corrected_score/stream/all"].method
    saved = found["labels_saved/stream/all"]
    assert saved.value is None
    assert "too few of the judge's errors" in saved.reason


def test_labels_needed_follow_the_margin():
    """Half the half-width takes about four times the labels; the margin in points of the scale is the caller's."""
    rng = np.random.default_rng(8)
    y, f = scored(4000, rng)
    rows = rows_of(f, hide(y, 60, rng))
    wide, narrow, default = (
        estimates_of(rows, half_width=h)["labels_needed/stream/all"].value for h in (0.04, 0.02, None)
    )
    assert narrow / wide == pytest.approx(4, rel=0.25)
    assert narrow == default  # 2 % of the scale


def test_every_estimate_is_whole_or_says_why_not():
    """Never nan; without a value or an interval there is a reason; ids are unique; the same cube, the same numbers."""
    rng = np.random.default_rng(9)
    rows = pd.concat([stages(rng, loss=0.1, labels=30, same=False, seeds=3), stages(rng, loss=0, labels=8, same=True)
                      .assign(task="task 2", item=lambda d: d["item"] + 1000)])  # fmt: skip
    found = list(estimates_of(rows, tasks=3).values())
    again = list(estimates_of(rows.sample(frac=1, random_state=1), tasks=3).values())
    for estimate, other in zip(found, again, strict=True):
        assert isinstance(estimate, Estimate)
        assert (estimate.value is not None and estimate.low is not None) or estimate.reason
        for number in (estimate.value, estimate.low, estimate.high, estimate.se):
            assert number is None or np.isfinite(number)
        assert other.value == (None if estimate.value is None else pytest.approx(estimate.value, abs=1e-10))


def test_labels_of_arrow_types_are_read():
    """A cube read back from disk has dictionary-free columns and nulls; nothing depends on pandas' nan."""
    rng = np.random.default_rng(10)
    y, f = scored(80, rng)
    table = judgements(rows_of(f, hide(y, 30, rng)))
    probability = pa.array([None] * table.num_rows, pa.float64())
    table = table.set_column(table.column_names.index("probability"), "probability", probability)
    settings = config(1, feedback={"range": [0, 1]})
    got = corrected(Evidence(cube_from_tables(settings, judgements=table)))[0]
    assert got.low < got.value < got.high


def test_tasks_are_covered_together():
    """Three tasks over four seeds: all three intervals hold at once; the same labels serve every one of them."""
    rng = np.random.default_rng(11)
    hits, replicates = 0, 40
    for _ in range(replicates):
        parts = []
        for task in (1, 2, 3):
            for seed in range(4):
                y, f = scored(150, rng, bias=0.1 * task)
                shift = 0.03 * rng.normal()
                rows = rows_of(f + shift, hide(y + shift, 25, rng), seed=seed, task=f"task {task}")
                parts.append(rows.assign(item=rows["item"] + 1000 * task))
        found = estimates_of(pd.concat(parts), tasks=3, scale=(-1, 2))
        each = [found[f"corrected_score/stream/task%20{task}"] for task in (1, 2, 3)]
        assert all(e.simultaneous and "pooled over tasks" in e.method for e in each)
        hits += all(e.low <= 0.5 <= e.high for e in each)
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)


def test_labels_that_are_all_alike_leave_the_variation_between_seeds():
    """Every label of a seed says the same: no number is made up, whatever the seeds do."""
    rng = np.random.default_rng(9)
    rows = []
    for seed in range(3):
        f = np.clip(0.9 + 0.05 * rng.normal(size=60), 0, 1)
        y = np.where(np.arange(60) < 30, 1.0 - 0.1 * seed, np.nan)
        rows.append(rows_of(f, y, seed=seed, stage=1, task="task 1"))
    got = estimates_of(pd.concat(rows))["corrected_score/stream/all"]
    assert got.value == pytest.approx(0.9)
    assert got.low is None or got.low < got.value < got.high
