"""Gates, costs, scores of accepted samples and the trend of cost: by hand, SciPy, statsmodels, and simulation."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import proportion_confint

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses.costs import cost_trend
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.generation import synthetic_samples
from toolkit.analyses.yields import yields


def counts(rows):
    """Counts of samples as the reduction writes them, from the columns that a test cares for."""
    defaults = {
        "arm": "stream", "seed": 0, "stage": 1, "task": "task 1", "origin": "synthetic", "accepted": True,
        "parse_failed": 0, "label_wrong": 0, "cost": None, "tokens": None, "seconds": None,
    }  # fmt: skip
    frame = pd.DataFrame([defaults | row for row in rows])
    for name in ("parse_known", "label_checked"):
        if name not in frame:
            frame[name] = frame["n"]
    for name in ("cost", "tokens", "seconds"):
        if f"{name}_known" not in frame:
            frame[f"{name}_known"] = np.where(frame[name].notna(), frame["n"], 0)
        frame[name] = frame[name].astype(float)
    return pa.Table.from_pandas(frame, preserve_index=False)


def evidence(rows=None, judged=None, tasks=3, **fields):
    tables = {} if rows is None else {"samples": counts(rows)}
    if judged is not None:
        tables["judgements"] = judgements(judged)
    return Evidence(cube_from_tables(config(tasks, **fields), **tables))


def test_gates_of_one_run_have_wilson_intervals():
    """120 generated, 20 unreadable, of the other 100 are 70 accepted: each gate over what reached it."""
    found = yields(evidence([
        {"accepted": True, "n": 70}, {"accepted": False, "n": 50, "parse_failed": 20},
    ]))  # fmt: skip
    parse = found.one("acceptance_rate", group="gate=parse", stage=None)
    kept = found.one("acceptance_rate", group="gate=accepted", stage=None)
    assert (parse.low, parse.high) == pytest.approx(proportion_confint(100, 120, method="wilson"))
    assert (kept.low, kept.high) == pytest.approx(proportion_confint(70, 100, method="wilson"))
    assert (kept.value, kept.scope) == (pytest.approx(0.7), "items")


def test_gates_of_several_runs_have_t_over_seeds():
    failed = (10, 14, 20, 9)
    rows = [{"seed": seed, "n": 100, "parse_failed": n} for seed, n in enumerate(failed)]
    got = yields(evidence(rows)).one("acceptance_rate", group="gate=parse", stage=None)
    want = stats.ttest_1samp(1 - np.array(failed) / 100, 0).confidence_interval()
    assert (got.low, got.high, got.scope) == (pytest.approx(want.low), pytest.approx(min(want.high, 1)), "seeds")


def judged(scores, **columns):
    n = len(scores)
    base = {"item": np.arange(n), "target": "sample", "source": "synthetic", "rater": "judge", "score": scores}
    return pd.DataFrame(base | columns)


def test_rules_and_judges_that_say_yes_or_no_are_gates():
    """Grades are none, people are none, and a rule that is called as one of the gates keeps a name of its own."""
    passed = np.repeat([1.0, 0.0], [30, 10])
    rows = pd.concat([
        judged(passed, source="rule", rater="length"),
        judged(passed, source="rule", rater="parse"),
        judged(passed),
        judged(np.tile([0.0, 0.5], 20), rater="grader"),
        judged(passed, source="human", rater="person 1"),
    ])  # fmt: skip
    found = yields(evidence([{"n": 40}], rows)).select("acceptance_rate", stage=None)
    groups = {e.group: e for e in found}
    assert set(groups) == {"gate=parse", "gate=accepted", "gate=length", "gate=parse (rule)", "gate=judge"}
    got = groups["gate=length"]
    assert (got.low, got.high) == pytest.approx(proportion_confint(30, 40, method="wilson"))
    wide = yields(evidence([{"n": 40}], rows, feedback={"range": [0, 5]})).select("acceptance_rate", stage=None)
    assert "gate=judge" not in {e.group for e in wide}


def test_costs_of_accepted_samples_by_task_and_stage():
    """All that was spent, on rejected samples too, over what was accepted."""
    rows = [
        {"n": 80, "cost": 16.0, "tokens": 800.0},
        {"n": 20, "cost": 4.0, "tokens": 200.0, "accepted": False},
        {"n": 50, "cost": 15.0, "stage": 2, "task": "task 2", "tokens": 900.0},
    ]
    found = yields(evidence(rows))
    assert found.one("cost_per_accepted", task="task 1").value == pytest.approx(20 / 80)
    assert found.one("cost_per_accepted", stage=2).value == pytest.approx(15 / 50)
    tokens = found.one("tokens_per_accepted", task=None, stage=None)
    assert tokens.value == pytest.approx(1900 / 130)
    assert tokens.low is None
    assert "two seeds" in tokens.reason
    (seconds,) = found.select("seconds_per_accepted")
    assert "needs seconds" in seconds.reason


def test_costs_of_several_seeds_have_t_over_their_ratios():
    rows = [{"seed": seed, "n": n, "cost": 10.0} for seed, n in enumerate((20, 25, 40))]
    got = yields(evidence(rows)).one("cost_per_accepted", stage=1)
    want = stats.ttest_1samp([10 / 20, 10 / 25, 10 / 40], 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high))


def test_a_cost_known_of_a_part_counts_its_mean_for_the_rest_and_is_told():
    found = yields(evidence([{"n": 100, "cost": 25.0, "cost_known": 50}]))
    assert found.one("cost_per_accepted", stage=1).value == pytest.approx(0.5)
    assert [n.code for n in found.notices] == ["cost-partly-known"]


def test_where_nothing_was_accepted_a_cost_has_no_value():
    """Not dropped, which would make the pipeline look cheap."""
    rows = [{"n": 10, "cost": 1.0, "accepted": False}, {"seed": 1, "n": 10, "cost": 1.0}]
    got = yields(evidence(rows)).one("cost_per_accepted", stage=1)
    assert got.value is None
    assert "accepted in 1 of 2 runs" in got.reason


def test_scores_of_accepted_samples_alone():
    """Rejected ones and those of which nothing is known are left out; two judges of a sample err together."""
    rng = np.random.default_rng(1)
    item = np.repeat(np.arange(40), 2)
    score, rater = rng.random(80), np.tile(["a", "b"], 40)
    accepted = np.repeat(np.array([True] * 25 + [False] * 10 + [None] * 5, dtype=object), 2)
    rows = judged(score, item=item, rater=rater, accepted=accepted)
    found = yields(evidence([{"n": 40}], rows))
    got = found.one("accepted_score", group=None, stage=None)
    kept = accepted == True  # noqa: E712
    fit = OLS(score[kept], np.ones(50)).fit(cov_type="cluster", use_t=True,
                                            cov_kwds={"groups": item[kept], "use_correction": False})  # fmt: skip
    half = stats.t.ppf(0.975, 24) * fit.bse[0] * np.sqrt(25 / 24)
    assert (got.low, got.value, got.high) == pytest.approx((fit.params[0] - half, fit.params[0], fit.params[0] + half))
    by_rater = {e.group: e.value for e in found.select("accepted_score") if e.group}
    assert by_rater == {f"rater={r}": pytest.approx(score[kept & (rater == r)].mean()) for r in "ab"}


def test_a_cube_that_does_not_join_judgements_with_samples_says_so():
    found = yields(evidence([{"n": 40}], judged(np.linspace(0, 1, 40))))
    assert "log accepted in samples" in found.one("accepted_score").reason
    assert "target = sample" in yields(evidence([{"n": 40}])).one("accepted_score").reason


def stream(rng, seeds, stages, *, slope=0.0, quality=0.0, spread=0.1):
    """Log cost = seed + slope x stage + quality x label error + noise; labels get better along the stages."""
    rows = []
    for seed in range(seeds):
        level = rng.normal()
        for stage in range(1, stages + 1):
            error = 0.3 - 0.02 * stage + 0.05 * rng.normal()
            wrong = int(np.clip(round(1000 * error), 1, 999))
            log_cost = level + slope * stage - quality * wrong / 1000 + spread * rng.normal()
            rows.append(
                {"seed": seed, "stage": stage, "n": 1000, "label_wrong": wrong, "cost": 1000 * np.exp(log_cost)}
            )
    return rows


def test_the_trend_is_the_mean_of_the_seeds_slopes():
    rows = stream(np.random.default_rng(2), 4, 5, slope=-0.1)
    got = yields(evidence(rows)).one("cost_trend", group=None)
    frame = pd.DataFrame(rows)
    slopes = [stats.linregress(f["stage"], np.log(f["cost"] / f["n"])).slope for _, f in frame.groupby("seed")]
    want = stats.ttest_1samp(slopes, 0)
    ends = want.confidence_interval()
    assert (got.low, got.value, got.high) == pytest.approx(
        tuple(100 * np.expm1(x) for x in (ends.low, np.mean(slopes), ends.high))
    )
    assert got.p_value == pytest.approx(want.pvalue)
    assert (got.unit, got.scope) == ("% a stage", "seeds")


@pytest.mark.parametrize("seeds", [1, 4])
@pytest.mark.nightly
def test_dearer_because_better_is_told_from_dearer(seeds):
    """Cost rises as label errors fall, and only for that reason: at equal label error there is no trend."""
    rng = np.random.default_rng(3)
    runs, plain, outside = (200 if seeds == 1 else 60), 0, 0
    for _ in range(runs):
        rows = stream(rng, seeds, 8, slope=0.02, quality=4.0)
        log = evidence(rows, tasks=1)
        table = synthetic_samples(log.cube, "stream")
        whole, adjusted = (cost_trend(log, "stream", table, equal_quality=equal) for equal in (False, True))
        truth = 100 * np.expm1(0.02)
        plain += whole.low > truth
        outside += adjusted.low > truth or adjusted.high < truth
    assert outside / runs <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / runs)
    assert plain / runs >= (0.3 if seeds == 4 else 0.15)


def test_what_a_trend_needs_is_said():
    trend = [e.reason for e in yields(evidence([{"n": 5, "cost": 1.0}])).select("cost_trend")]
    assert "4 stages or more" in trend[0]
    assert "6 stages or more" in trend[1]
    assert "needs cost" in yields(evidence([{"n": 5}])).one("cost_trend", group=None).reason


def test_without_samples_it_says_so():
    found = yields(evidence())
    assert all(e.value is None and e.reason for e in found.estimates)
