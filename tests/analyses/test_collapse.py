"""Collapse along rounds: a known law from end to end, shares from counts by hand, and what is said of bad input."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import special, stats

from tests.builders import config, cube_from_tables, sample_rows
from toolkit.analyses import Evidence
from toolkit.analyses.collapse import collapse
from toolkit.results import Estimate
from toolkit.results.quantities import QUANTITIES


def frame(points, *, origin="synthetic", **fields):
    """Rows of embeddings [sample, dimension]."""
    return pd.DataFrame({"embedding": list(np.asarray(points, dtype=float)), "origin": origin, **fields})


def evidence(*frames, baseline=None, tasks=1, **tables):
    rows = pd.concat(frames, ignore_index=True)
    if "sample" not in rows:
        rows = rows.assign(sample=np.arange(len(rows)))
    cube = cube_from_tables(config(tasks), sample_rows=sample_rows(rows), **tables)
    return Evidence(cube) if baseline is None else Evidence(cube, baseline.cube, "before")


def one(estimates, quantity, **fields) -> Estimate:
    wanted = {"task": None, "stage": None, "group": None, **fields}
    (found,) = [e for e in estimates if e.quantity == quantity and all(getattr(e, k) == v for k, v in wanted.items())]
    return found


def counts(*rows):
    """Rows (seed, stage, origin, accepted, n)."""
    made = [
        {"arm": "stream", "seed": s, "stage": k, "task": "task 1", "origin": o, "accepted": a, "n": n}
        for s, k, o, a, n in rows
    ]
    return pa.Table.from_pylist(made)


def stream(rng, seeds=1, stages=(1, 2, 3, 4), n=60, dims=4, sd=lambda stage: 1.0, shared=False):
    """Human samples of one task by seed (`shared`: the same in all), and normal samples with a spread by stage."""
    parts = []
    people = rng.normal(size=(n, dims))
    for seed in range(seeds):
        people = people if shared else rng.normal(size=(n, dims))
        parts.append(frame(people, origin="human", seed=seed))
        parts += [frame(sd(k) * rng.normal(size=(n, dims)), seed=seed, stage=k) for k in stages]
    rows = pd.concat(parts, ignore_index=True)
    own = np.arange(len(rows))
    if shared:
        human = (rows["origin"] == "human").to_numpy()
        own[human] = np.tile(np.arange(n), seeds)
        own[~human] += n * seeds
    return rows.assign(sample=own)


def test_refitting_is_recovered_from_a_log():
    """A normal fitted to its own 100 samples: each stage's median follows generations x (psi - log), the spread that
    a mean over dimensions would hide; the distance from people grows along the rounds."""
    rng = np.random.default_rng(0)
    size, dims = 100, 300
    parts, mean, sd = [frame(rng.normal(size=(size, dims)), origin="human")], np.zeros(dims), np.ones(dims)
    for generation in range(201):
        samples = mean + sd * rng.normal(size=(size, dims))
        if generation % 40 == 0:
            parts.append(frame(samples, stage=generation))
        mean, sd = samples.mean(0), samples.std(0, ddof=1)
    found = collapse(evidence(*parts))
    half = (size - 1) / 2
    for generation in range(0, 201, 40):
        got = one(found, "median_log_variance", stage=generation)
        assert got.value == pytest.approx(generation * (special.psi(half) - np.log(half)), abs=0.25)
    assert one(found, "median_log_variance", stage=200).high < -1.2
    assert one(found, "divergence_growth").low > 0
    assert one(found, "tail_mass", stage=0).low <= 0.05 <= one(found, "tail_mass", stage=0).high


def test_narrow_samples_lose_their_tails_round_by_round():
    found = collapse(evidence(stream(np.random.default_rng(1), n=200, sd=lambda k: 0.85 ** (k - 1))))
    assert one(found, "tail_mass", stage=1).high > 0.05
    assert one(found, "tail_mass", stage=4).high < 0.05
    assert one(found, "sample_divergence", stage=4, group="measure=mmd").p_value < 0.02


@pytest.mark.parametrize(("seeds", "shared"), [(1, False), (4, False), (4, True)])
@pytest.mark.nightly
def test_under_no_difference_everything_covers(seeds, shared):
    """Tail mass .05, log variance 0, slope 0 within their intervals; p of the distance over all holds its level."""
    rng = np.random.default_rng(2)
    inside, p, runs = [], [], 40
    for _ in range(runs):
        found = collapse(evidence(stream(rng, seeds, n=40, dims=3, shared=shared)))
        whole = [
            (one(found, "tail_mass"), 0.05),
            (one(found, "median_log_variance"), 0),
            (one(found, "divergence_growth"), 0),
        ]
        inside.append([e.low <= truth <= e.high for e, truth in whole])
        p.append(one(found, "sample_divergence", group="measure=energy").p_value)
    assert (np.mean(inside, axis=0) >= 0.85).all()
    assert np.mean(np.array(p) <= 0.05) <= 0.15


def test_several_seeds_have_t_over_seeds():
    """Human samples of each seed's own: nothing shared is added to the variance between seeds."""
    found = collapse(evidence(stream(np.random.default_rng(3), 4)))
    got = one(found, "median_log_variance", stage=2)
    assert got.scope == "seeds"
    assert (got.high - got.low) / 2 == pytest.approx(stats.t.ppf(0.975, got.df) * got.se)
    assert got.df == pytest.approx(3)


def test_a_distance_that_levels_off_has_a_limit():
    """Spread .8, .65, then .6 for good: the squared distance of the last rounds is the limit; without growth there is
    none to tell."""
    spreads = {1: 0.8, 2: 0.65, **dict.fromkeys(range(3, 9), 0.6)}
    rng = np.random.default_rng(9)
    found = collapse(evidence(stream(rng, 3, stages=tuple(spreads), n=200, sd=spreads.__getitem__)))
    limit = one(found, "divergence_growth", group="model=saturating")
    assert limit.low <= limit.value <= limit.high < np.inf
    assert limit.value == pytest.approx(one(found, "sample_divergence", stage=8, group="measure=mmd").value, rel=0.25)
    assert one(found, "divergence_growth", group="part=prediction,model=saturating").value < 0
    flat = collapse(evidence(stream(rng, 3, stages=tuple(spreads))))
    assert "level off" in one(flat, "divergence_growth", group="model=saturating").reason


def test_each_task_is_held_against_its_own_people():
    """Tasks far apart, samples like their own people's: no distance, though the tasks' samples differ widely."""
    rng = np.random.default_rng(4)
    parts = []
    for j in range(1, 5):
        parts.append(frame(rng.normal(10 * j, 1, (50, 3)), origin="human", task=f"task {j}", stage=j))
        parts.append(frame(rng.normal(10 * j, 1, (50, 3)), task=f"task {j}", stage=j))
    got = one(collapse(evidence(*parts, tasks=4)), "sample_divergence", group="measure=mmd")
    assert got.value < 0.02
    assert got.p_value > 0.05


def test_the_change_to_the_baseline():
    rng = np.random.default_rng(5)
    before = evidence(stream(rng, n=200))
    found = collapse(evidence(stream(rng, n=200, sd=lambda k: 0.6), baseline=before))
    change = one(found, "median_log_variance").change
    assert change.high < 0
    assert change.low <= 2 * np.log(0.6) <= change.high
    assert "bandwidth" in one(found, "sample_divergence", group="measure=mmd").change.reason
    assert one(found, "sample_divergence", group="measure=energy").change.low is not None


def test_shares_of_real_data():
    """Twenty human samples at the start, then eighty synthetic ones a stage; rejected ones do not count."""
    table = counts((0, 1, "human", None, 20), *[(0, k, "synthetic", True, 80) for k in range(1, 6)],
                   (0, 5, "synthetic", False, 500), (0, 4, "human", True, 10))  # fmt: skip
    found = collapse(Evidence(cube_from_tables(config(1), samples=table)))
    share = {(e.stage, e.group): e.value for e in found if e.quantity == "real_data_share"}
    assert share[None, None] == pytest.approx(30 / 430)
    assert share[2, "regime=replace"] == 0
    assert share[4, "regime=replace"] == pytest.approx(10 / 90)
    assert share[5, "regime=accumulate"] == pytest.approx(30 / 430)
    assert share[5, "regime=window"] == pytest.approx(10 / 250)
    assert "count" in one(found, "real_data_share").reason


def test_shares_that_differ_by_seed_have_an_interval():
    table = counts(
        *[(s, 1, o, True, n) for s, h in enumerate((20, 30, 40)) for o, n in (("human", h), ("synthetic", 100 - h))]
    )
    got = one(collapse(Evidence(cube_from_tables(config(1), samples=table))), "real_data_share")
    want = stats.ttest_1samp([0.2, 0.3, 0.4], 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high))


class TestBadInput:
    def test_no_samples(self):
        found = collapse(Evidence(cube_from_tables(config(1))))
        assert all(e.reason for e in found)
        assert {e.quantity for e in found} <= set(QUANTITIES)

    def test_no_people(self):
        found = collapse(evidence(frame(np.zeros((50, 3)))))
        assert "origin = human" in one(found, "tail_mass").reason

    def test_few_samples(self):
        rng = np.random.default_rng(6)
        found = collapse(evidence(frame(rng.normal(size=(10, 3))), frame(rng.normal(size=(50, 3)), origin="human")))
        for quantity in ("tail_mass", "median_log_variance", "sample_divergence"):
            assert "at least 20" in one(found, quantity).reason

    def test_constant_embeddings(self):
        found = collapse(evidence(frame(np.ones((50, 3))), frame(np.ones((50, 3)), origin="human")))
        assert "all the same" in one(found, "median_log_variance").reason
        assert "all the same" in one(found, "sample_divergence").reason
        assert one(found, "tail_mass").value == pytest.approx(0.05)

    def test_one_round(self):
        found = collapse(evidence(stream(np.random.default_rng(7), stages=(1,))))
        assert "at 4 stages" in one(found, "divergence_growth").reason
        assert one(found, "tail_mass").has_interval

    def test_labels_alone(self):
        """Without embeddings the rarity of labels speaks of the tails; without labels too, nothing does."""
        rows = {"stage": [1] * 200, "origin": ["synthetic"] * 100 + ["human"] * 100}
        labels = np.random.default_rng(8).choice(list("abc"), 200)
        found = collapse(evidence(pd.DataFrame({**rows, "target_label": labels})))
        assert one(found, "tail_mass").has_interval
        assert "embedding" in one(found, "median_log_variance").reason
        assert "log parsed_label" in one(collapse(evidence(pd.DataFrame(rows))), "tail_mass").reason
