"""Diversity of samples: known cluster models, copies, matched sizes, coverage, and logs that lack this or that."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.builders import config, cube_from_tables, sample_rows
from toolkit.analyses.diversity import diversity
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.inference.diversity import kind_entropy, rarefied_vendi, unit_rows, vendi_score
from toolkit.inference.quantiles import t_quantile

CENTRES = np.random.default_rng(1).normal(size=(40, 12))


def points(rng, n, clusters):
    return CENTRES[rng.integers(0, clusters, n)] + 0.02 * rng.normal(size=(n, 12))


def rows(clusters, *, seeds=1, n=40, human=None, tasks=1, random_seed=0):
    """`clusters`: one number a stage; people's samples in `human` clusters, 60 a stage and task."""
    rng = np.random.default_rng(random_seed)
    parts = []
    for j in range(tasks):
        for stage, count in enumerate(clusters, 1):
            place = {"stage": stage, "task": f"task {j + 1}"}
            parts += [
                pd.DataFrame({**place, "seed": seed, "embedding": list(points(rng, n, count)), "cell_size": n})
                for seed in range(seeds)
            ]
            if human:
                people = pd.DataFrame({**place, "seed": 0, "embedding": list(points(rng, 60, human)), "cell_size": 60})
                parts.append(people.assign(origin="human"))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(sample=np.arange(len(frame)), origin=frame.get("origin", pd.Series(dtype=object)))


def evidence(frame, old=None):
    def cube(part):
        return cube_from_tables(config(3), sample_rows=sample_rows(part))

    return Evidence(cube(frame)) if old is None else Evidence(cube(frame), cube(old), "before")


def found(frame, old=None):
    return Analysis(diversity(evidence(frame, old)))


def test_few_clusters_are_less_diverse_than_many():
    """The Vendi score of 40 samples in 3, 6, 12 clusters, each the score of the set itself."""
    frame = rows((3, 6, 12))
    got = found(frame).select("diversity", group=None, task=None)
    by_stage = {e.stage: e for e in got}
    for stage in (1, 2, 3):
        want = vendi_score(np.stack(list(frame.loc[frame["stage"] == stage, "embedding"])).astype(np.float32))
        assert by_stage[stage].value == pytest.approx(want, rel=1e-6)
        assert by_stage[stage].low < want < by_stage[stage].high
        assert by_stage[stage].simultaneous
    assert by_stage[1].value < by_stage[2].value < by_stage[3].value
    assert by_stage[None].value == pytest.approx(np.mean([by_stage[k].value for k in (1, 2, 3)]))
    assert by_stage[None].scope == "items"
    assert by_stage[None].unit == "effective samples"


def test_seeds_give_t_over_seeds():
    frame = rows((5, 5), seeds=4)
    got = found(frame).one("diversity", task=None, stage=None, group=None)
    each = [
        np.mean([vendi_score(np.stack(list(part["embedding"])).astype(np.float32)) for _, part in run.groupby("stage")])
        for _, run in frame.groupby("seed")
    ]
    want = stats.ttest_1samp(each, 0).confidence_interval()
    assert (got.value, got.low, got.high) == pytest.approx((np.mean(each), want.low, want.high), rel=1e-5)
    assert (got.scope, got.n["seeds"], got.n["compared"]) == ("seeds", 4, 40)


def test_all_are_compared_at_the_size_of_the_smallest_that_is_large_enough():
    """Stages of 90, 30 and 8 samples: 30 for all, and the last has none; a size of its own would make it differ."""
    frame = rows((10, 10, 10), n=90)
    small = frame.groupby("stage").cumcount()
    frame = frame[small < frame["stage"].map({1: 90, 2: 30, 3: 8})].assign(cell_size=1)
    got = {e.stage: e for e in found(frame).select("diversity", group=None, task=None)}
    assert set(got) == {None, 1, 2}
    assert got[1].n == {"samples": 90, "compared": 30, "seeds": 1}
    X = np.stack(list(frame.loc[frame["stage"] == 1, "embedding"])).astype(np.float32)
    want = rarefied_vendi(unit_rows(X), 30, random_seed=5, draws=400, variance=False).value
    assert got[1].value == pytest.approx(want, rel=0.03)
    assert "random subsamples, standard deviation between them" in got[1].method


def test_people_and_the_gate_stand_beside_the_accepted_samples():
    """A gate that passes one cluster alone: accepted below generated, both at the size of the accepted."""
    frame = rows((12,), n=80, human=20)
    near = [np.linalg.norm(np.asarray(e) - CENTRES[0]) < 2 for e in frame["embedding"]]
    frame["accepted"] = (frame["origin"] == "human") | (frame.index % 2 == 0) | np.array(near)
    frame.loc[(frame["origin"] != "human") & (frame.index % 2 == 0), "embedding"] = pd.Series(
        [CENTRES[0] + 0.01 * np.sin(np.arange(12) * i) for i in range(len(frame))]
    )
    sizes = frame.assign(origin=frame["origin"].fillna("")).groupby(["origin", "accepted"])["stage"].transform("size")
    got = found(frame.assign(cell_size=sizes))
    accepted, generated, people = (got.one("diversity", task=None, stage=1, group=g)
                                   for g in (None, "side=generated", "side=human"))  # fmt: skip
    assert accepted.value < generated.value < people.value
    assert accepted.n["compared"] == generated.n["compared"] == people.n["compared"]
    assert "seeds" not in people.n


def test_generated_samples_are_drawn_as_the_log_has_them():
    """40 of 40 accepted and 40 of 400 rejected are kept: ten rejected stand beside each accepted one."""
    frame = rows((4,), n=80).assign(accepted=np.arange(80) < 40, cell_size=np.where(np.arange(80) < 40, 40, 400))
    got = found(frame).one("diversity", task=None, stage=1, group="side=generated")
    assert got.n["samples"] == 44  # 4 accepted beside 40 rejected


def test_the_trend_is_of_the_ratio_to_people():
    """Two tasks, 12 to 3 clusters beside people's 12: falling; as many as people's: not."""
    falling = found(rows((12, 9, 6, 3), seeds=3, human=12, tasks=2)).one("diversity_trend", group=None)
    assert falling.high < 0
    assert falling.unit == "ratio per stage"
    assert falling.scope == "seeds"
    level = found(rows((12, 12, 12, 12), seeds=3, human=12, tasks=2)).one("diversity_trend", group=None)
    assert level.low < 0 < level.high


def test_harder_tasks_are_no_trend_where_people_vary_less_too():
    """One task a stage, each less varied by nature than the last: the raw diversity falls, the ratio does not."""
    rng = np.random.default_rng(3)
    parts = []
    for stage, clusters in enumerate((16, 8, 4), 1):
        for origin, seeds in (("human", 1), ("synthetic", 4)):
            for seed in range(seeds):
                made = {"stage": stage, "task": f"task {stage}", "seed": seed, "origin": origin, "cell_size": 60}
                parts.append(pd.DataFrame({**made, "embedding": list(points(rng, 60, clusters))}))
    frame = pd.concat(parts, ignore_index=True)
    ratio = found(frame).one("diversity_trend", group=None)
    raw = found(frame[frame["origin"] != "human"]).one("diversity_trend", group=None)
    assert ratio.low < 0 < ratio.high
    assert raw.high < 0
    assert raw.unit == "effective samples per stage"


def test_one_run_has_a_trend_over_its_stages():
    got = found(rows((20, 14, 9, 5, 2), n=60, human=20)).one("diversity_trend", group=None)
    assert got.high < 0
    assert (got.scope, got.df) == ("tasks", 3)


def test_the_change_is_at_one_size_for_both_releases():
    """The baseline has 30 samples a stage: both are compared at 30, and the change is the difference there."""
    new, old = rows((4, 4), n=60), rows((12, 12), n=30, random_seed=9)
    got = found(new, old).one("diversity", task=None, stage=None, group=None)
    before = found(old, new).one("diversity", task=None, stage=None, group=None)
    assert got.n["compared"] == before.n["compared"] == 30
    assert got.change.value == pytest.approx(got.value - before.value)
    assert got.change.high < 0
    several = found(rows((4, 4), seeds=3), rows((12, 12), seeds=3)).one("diversity", task=None, stage=None, group=None)
    assert several.change.high < 0


def test_other_embeddings_are_not_compared():
    old = rows((4,))
    old["embedding"] = [np.asarray(e)[:5] for e in old["embedding"]]
    got = found(rows((4,)), old).one("diversity", task=None, stage=None, group=None)
    assert got.change.value is None
    assert "dimensions" in got.change.reason


def test_texts_alone_have_distinct_pairs_as_headline():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"words": [rng.integers(0, 99, 9) for _ in range(30)], "target_label": list("abc") * 10})
    got = found(frame.assign(attr_tone=["calm", "angry"] * 15, attr_size=np.arange(30.0), cell_size=30))
    assert "neighbouring words" in got.one("diversity", task=None, stage=None, group=None).method
    entropy = got.one("diversity", task=None, stage=None, group="measure=label-entropy")
    assert entropy.value == pytest.approx(kind_entropy(np.repeat([0, 1, 2], 10), 30).value)
    assert got.select("diversity", group="measure=attr_tone")
    assert not got.select("diversity", group="measure=attr_size")
    assert not got.select("diversity", group="measure=vendi")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame({"stage": [1] * 40}), "needs at least 20 samples a stage"),
        (rows((3,), n=1), "needs at least 20 samples a stage"),
        (rows((3,)).assign(origin="human"), "needs samples"),
        (rows((3,)).assign(embedding=[[0.0] * 12] * 40), "needs at least 20 samples a stage"),
        (rows((3,)).assign(embedding=[None] * 40), "needs at least 20 samples a stage"),
        (rows((3,)).assign(embedding=[[np.nan] * 12] * 40), "needs at least 20 samples a stage"),
    ],
    ids=["neither", "one sample", "people alone", "zero", "none", "nan"],
)
def test_what_is_missing_is_said(frame, reason):
    for quantity in ("diversity", "diversity_trend"):
        got = found(frame).one(quantity, group=None)
        assert got.value is None
        assert reason in got.reason


def test_without_a_table_of_samples():
    got = diversity(Evidence(cube_from_tables(config(1))))
    assert all("needs samples" in e.reason for e in got)


def test_equal_embeddings_are_one_effective_sample_without_interval():
    got = found(rows((3, 3, 3)).assign(embedding=[[1.0] * 12] * 120))
    whole = got.one("diversity", task=None, stage=None, group=None)
    assert whole.value == pytest.approx(1)
    assert whole.low is None
    assert "says nothing" in whole.reason
    assert got.one("diversity_trend", group=None).low is None
    copies = got.one("diversity", task=None, stage=None, group="measure=distinct-samples")
    assert copies.value == pytest.approx(1 / 40)


def test_missing_and_zero_embeddings_are_left_out():
    """Ten of forty without one: 30 are compared, of whatever is left."""
    frame = rows((6,))
    frame.loc[:4, "embedding"] = pd.Series([[0.0] * 12] * 5)
    frame.loc[5:9, "embedding"] = None
    got = found(frame).one("diversity", task=None, stage=None, group=None)
    assert (got.n["samples"], got.n["compared"]) == (30, 30)


def test_a_stage_without_people_uses_the_nearest_stage_of_the_task():
    """People wrote at stages 1 and 2 only: the ratio has three stages all the same, people's estimates two."""
    frame = rows((12, 8, 4), seeds=3, human=12)
    frame = frame[(frame["origin"] != "human") | (frame["stage"] < 3)]
    got = found(frame)
    trend = got.one("diversity_trend", group=None)
    assert (trend.unit, trend.n["stages"]) == ("ratio per stage", 3)
    assert {e.stage for e in got.select("diversity", group="side=human", task=None)} == {None, 1, 2}


@pytest.mark.slow
def test_intervals_of_one_run_cover_and_those_of_a_bootstrap_do_not():
    """Zipf's law over 400 texts with copies: the truth from 2,000 sets; a bootstrap makes copies and falls below it."""
    rng = np.random.default_rng(8)
    centres, share = np.random.default_rng(1).normal(size=(400, 24)), 1 / np.arange(1, 401)
    share /= share.sum()

    def drawn(n):
        return unit_rows(centres[rng.choice(400, n, p=share)])

    truth = np.mean([vendi_score(drawn(50)) for _ in range(2000)])
    covered, naive = [], []
    for repeat in range(300):
        X = drawn(150)
        got = rarefied_vendi(X, 50, draws=15, random_seed=repeat)
        half = t_quantile(0.95, 149) * (got.variance + got.subsampling) ** 0.5
        covered.append(abs(got.value - truth) <= half)
        if repeat < 100:
            X = X[:50]
            again = [vendi_score(X[rng.integers(0, 50, 50)]) for _ in range(100)]
            low, high = np.quantile(again, [0.025, 0.975])
            naive.append(low <= truth <= high)
    assert 0.95 - 2.6 * (0.95 * 0.05 / 300) ** 0.5 <= np.mean(covered) <= 0.99
    assert np.mean(naive) < 0.8
