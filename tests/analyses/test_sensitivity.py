"""Sensitivity, specificity and the share corrected by them: by hand, against Wilson, and covering the truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.analyses.test_feedback import evidence
from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import ANALYSES, Evidence
from toolkit.analyses.sensitivity import sensitivity
from toolkit.inference.rogan_gladen import Calibration, rogan_gladen

GROUP = "definition=rogan-gladen"


def judged_rows(called, right, *, labelled, **columns):
    """A judge's verdict on every item, people's on those `labelled`."""
    base = pd.DataFrame({"item": np.arange(len(called)), **columns})
    judge = base.assign(source="synthetic", rater="judge", score=np.asarray(called, dtype=float), probability=np.nan)
    human = base.assign(source="human", rater="person 1", score=np.asarray(right, dtype=float))
    return pd.concat([judge, human[labelled]])


def drawn(rng, n, share, se, sp):
    right = rng.random(n) < share
    called = np.where(right, rng.random(n) < se, rng.random(n) >= sp)
    return called, right


def found(rows, **fields):
    return {(e.quantity, e.group, e.task): e for e in sensitivity(evidence(rows, **fields))}


def test_plain_counts_are_wilson_and_the_published_correction():
    """One judge, one seed, items their own clusters: statsmodels' Wilson, and rogan_gladen of the counts."""
    rng = np.random.default_rng(1)
    called, right = drawn(rng, 400, 0.7, 0.9, 0.8)
    labelled = np.arange(400) < 120
    got = found(judged_rows(called, right, labelled=labelled))
    a, hit = int(right[labelled].sum()), int((called & right)[labelled].sum())
    b, spotted = 120 - a, int((~called & ~right)[labelled].sum())
    for part, count, n in (("sensitivity", hit, a), ("specificity", spotted, b)):
        one = got["agreement", f"part={part}", None]
        assert one.value == pytest.approx(count / n)
        assert (one.low, one.high) == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-9)
        assert one.n["labels"] == n
    want = rogan_gladen(int(called.sum()), 400, Calibration(a, hit, b, spotted))
    one = got["corrected_score", GROUP, None]
    assert (one.value, one.low, one.high) == pytest.approx((want.value, want.low, want.high), abs=1e-12)
    assert one.value == pytest.approx((called.mean() + spotted / b - 1) / (hit / a + spotted / b - 1))
    assert "taken to be the same" in one.method


def test_a_scale_from_one_to_three_is_a_score_again():
    rng = np.random.default_rng(2)
    called, right = drawn(rng, 300, 0.6, 0.9, 0.9)
    labelled = np.arange(300) < 100
    plain = found(judged_rows(called, right, labelled=labelled))["corrected_score", GROUP, None]
    rows = judged_rows(called, right, labelled=labelled)
    table = judgements(rows.assign(score=1 + 2 * rows["score"]))
    cube = cube_from_tables(config(1, feedback={"range": [1, 3]}), judgements=table)
    (got,) = (e for e in sensitivity(Evidence(cube)) if e.group == GROUP and e.task is None)
    assert (got.low, got.value, got.high) == pytest.approx((1 + 2 * plain.low, 1 + 2 * plain.value, 1 + 2 * plain.high))


@pytest.mark.parametrize("labels", [60, 400])
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.nightly
def test_coverage_with_weights_and_clusters(labels, size):
    """400 answers in clusters alike, people see what the judge called wrong three times as often, with that chance.

    Labels without their weights are the control: sensitivity then seems far lower than it is.
    """
    rng = np.random.default_rng([labels, size])
    replicates, hits, measured, off, plain_off = 100, 0, 0, [], []
    for _ in range(replicates):
        topic = np.repeat(rng.beta(6, 4, 400 // size), size)
        called, right = drawn(rng, 400, topic, 0.88, 0.85)
        chance = np.where(called, 0.5, 1.5)
        chance = np.minimum(chance * labels / chance.sum(), 1.0)
        labelled = rng.random(400) < chance
        rows = judged_rows(called, right, labelled=labelled, cluster=np.arange(400) // size, probability=chance)
        got = found(rows)
        one = got["corrected_score", GROUP, None]
        if one.value is not None:
            measured += 1
            hits += one.low <= 0.6 <= one.high
        off.append(got["agreement", "part=sensitivity", None].value - 0.88)
        if labelled.mean() < 0.9:
            plain_off.append((called & right & labelled).sum() / (right & labelled).sum() - 0.88)
    assert measured >= 0.9 * replicates
    assert hits / measured >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / measured)
    assert abs(np.mean(off)) < 0.015
    if labels < 400:
        assert np.mean(plain_off) < -0.05


def test_labels_of_every_answer_are_worth_clusters_where_clusters_are_copies():
    """Each answer four times in its cluster: the interval is that of one of each."""
    rng = np.random.default_rng(4)
    called, right = drawn(rng, 150, 0.6, 0.85, 0.85)
    once = found(judged_rows(called, right, labelled=np.arange(150) < 90))
    four = found(judged_rows(
        np.repeat(called, 4), np.repeat(right, 4), labelled=np.arange(600) < 360, cluster=np.arange(600) // 4
    ))  # fmt: skip
    a, b = once["corrected_score", GROUP, None], four["corrected_score", GROUP, None]
    assert (b.value, b.low, b.high) == pytest.approx((a.value, a.low, a.high), abs=1e-9)
    assert (a.n["clusters"], b.n["clusters"]) == (90, 90)


def test_tasks_stand_beside_and_hold_together():
    rng = np.random.default_rng(5)
    called, right = drawn(rng, 400, 0.6, 0.9, 0.85)
    task = np.where(np.arange(400) % 2, "task 1", "task 2")
    got = found(judged_rows(called, right, labelled=np.arange(400) < 200, task=task), tasks=2)
    parts = [got["corrected_score", GROUP, name] for name in ("task 1", "task 2")]
    assert all(part.simultaneous and part.has_interval for part in parts)
    assert "agreement" in {e[0] for e in got}


def test_a_judge_that_guesses_is_refused():
    rng = np.random.default_rng(6)
    called, right = rng.random(300) < 0.5, rng.random(300) < 0.5
    one = found(judged_rows(called, right, labelled=np.arange(300) < 150))["corrected_score", GROUP, None]
    assert one.value is None
    assert "too near 1" in one.reason


def test_what_is_missing_is_said():
    rng = np.random.default_rng(7)
    called, right = drawn(rng, 100, 0.6, 0.9, 0.9)
    rows = judged_rows(called, right, labelled=np.arange(100) < 50)
    (fine,) = sensitivity(evidence(rows.assign(score=rows["score"] * 0.9 + 0.05)))
    assert "right or wrong" in fine.reason
    assert sensitivity(evidence(rows[rows["source"] == "synthetic"])) == []
    right[:] = True
    got = found(judged_rows(called, right, labelled=np.arange(100) < 50))
    assert "people call wrong" in got["agreement", "part=specificity", None].reason
    assert "at least 5" in got["corrected_score", GROUP, None].reason


def test_the_page_of_alignment_shows_both_methods():
    rng = np.random.default_rng(8)
    called, right = drawn(rng, 300, 0.6, 0.9, 0.85)
    page = ANALYSES["divergence"](evidence(judged_rows(called, right, labelled=np.arange(300) < 100)))
    people = page.one("corrected_score", task=None, stage=None, group=None)
    other = page.one("corrected_score", task=None, group=GROUP)
    assert abs(people.value - other.value) < 0.1
    assert page.one("agreement", group="part=sensitivity").measured
