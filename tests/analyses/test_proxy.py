"""The judge's course beside people's: slopes by least squares, and a gap that grows only where it does."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.proxy import proxy_drift

STAGES = 6


def evidence(frame):
    return Evidence(cube_from_tables(config(STAGES, feedback={"range": [0, 1]}), judgements=judgements(frame)))


def course(rng, judge_rise, human_rise, *, judged=300, share=0.2):
    """Scores that rise by so much a stage: the judge of all items, people of a random share, with its probability."""
    rows = []
    for stage in range(1, STAGES + 1):
        item = np.arange(judged) + stage * judged
        quality = 0.5 + 0.1 * rng.normal(size=judged)
        judge = quality + judge_rise * stage + 0.05 * rng.normal(size=judged)
        human = quality + human_rise * stage + 0.05 * rng.normal(size=judged)
        seen = rng.random(judged) < share
        base = {"stage": stage, "task": f"task {stage}"}
        rows.append(pd.DataFrame({"item": item, "score": judge, "source": "synthetic", "rater": "judge",
                                  "probability": np.nan, **base}))  # fmt: skip
        rows.append(pd.DataFrame({"item": item[seen], "score": human[seen], "source": "human", "rater": "person 1",
                                  "probability": share, **base}))  # fmt: skip
    return pd.concat(rows)


def by_group(found):
    return {e.group: e for e in found}


def test_a_judge_that_sees_progress_where_people_do_not():
    """Two points a stage for the judge, none for people: the gap's interval holds two points and not zero."""
    got = by_group(proxy_drift(evidence(course(np.random.default_rng(1), 0.02, 0.0))))
    gap, judge, human = got[None], got["part=judge"], got["part=human"]
    assert 0 < gap.low < 0.02 < gap.high
    assert judge.low < 0.02 < judge.high
    assert human.low < 0 < human.high
    assert (gap.n["stages"], gap.scope) == (STAGES, "tasks")


def test_the_judges_slope_is_least_squares_over_stages_of_equal_size():
    frame = course(np.random.default_rng(2), 0.02, 0.02)
    got = by_group(proxy_drift(evidence(frame)))["part=judge"]
    means = frame[frame["source"] == "synthetic"].groupby("stage")["score"].mean()
    assert got.value == pytest.approx(stats.linregress(means.index, means).slope, rel=0.02)


def test_coverage_where_both_rise_alike():
    """The gap does not change: covered in about 95 % of logs."""
    rng = np.random.default_rng(3)
    logs, hits = 150, 0
    for _ in range(logs):
        gap = by_group(proxy_drift(evidence(course(rng, 0.01, 0.01, judged=120))))[None]
        hits += gap.low <= 0 <= gap.high
    assert hits / logs >= 0.95 - 2.6 * np.sqrt(0.05 * 0.95 / logs)


def test_too_few_stages_say_what_is_missing():
    frame = course(np.random.default_rng(4), 0.0, 0.0)
    short = proxy_drift(evidence(frame[frame["stage"] < 3]))
    assert all("three stages" in e.reason for e in short)
    only = proxy_drift(evidence(frame[frame["source"] == "synthetic"]))
    assert all(e.value is None and "people" in e.reason for e in only)
