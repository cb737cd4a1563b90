"""At which gate are samples lost, what does one that passes cost, and how good is it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.analyses.costs import cost_notices, costs
from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.generation import NO_SAMPLES, SHARE, by_stage, no_share, ratio_estimate, synthetic_samples
from toolkit.analyses.judgements import given_judgements, weighted_mean
from toolkit.inference.interval import Bounds
from toolkit.inference.ladder import interval
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

NO_JUDGED = "needs judgements of samples in feedback (target = sample, item = the sample's id) with numeric scores"


def yields(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Acceptance by gate, what an accepted sample costs, its mean judgement, and the trend of its cost.

    Beside the estimates of `generation`, which has acceptance and cost over all.
    """
    judged = judged_samples(evidence, arm)
    rows = synthetic_samples(evidence.cube, arm)
    if rows is None:
        found = [no_share(evidence, arm, "cost_per_accepted", NO_SAMPLES)]
        return Analysis((*found, *judge_gates(evidence, arm, judged), *accepted_score(evidence, arm, judged)))
    estimates = [
        *_gates(evidence, arm, rows),
        *judge_gates(evidence, arm, judged),
        *costs(evidence, arm, rows),
        *accepted_score(evidence, arm, judged),
    ]
    return Analysis(tuple(estimates), tuple(cost_notices(rows)))


def _parsed(rows: pd.DataFrame) -> tuple[float, float]:
    return float((rows["parse_known"] - rows["parse_failed"]).sum()), float(rows["parse_known"].sum())


def _accepted_of_parsed(rows: pd.DataFrame) -> tuple[float, float]:
    known = rows[rows["accepted"].notna()]
    parsed = known["parse_known"] - known["parse_failed"]
    return float(parsed[known["accepted"].astype(bool)].sum()), float(parsed.sum())


def _gates(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Iterator[Estimate]:
    """What passes: output that can be read, and of that what is accepted; over all and by stage."""
    needs = "needs parse_ok and accepted in samples"
    for gate, part, need in (("parse", _parsed, "needs parse_ok in samples"), ("accepted", _accepted_of_parsed, needs)):
        base = no_share(evidence, arm, "acceptance_rate", need).model_copy(update={"group": f"gate={gate}"})
        whole = ratio_estimate(base, part, rows)
        yield whole
        if whole.measured:
            yield from by_stage(base, part, rows)


def judged_samples(evidence: Evidence, arm: str) -> pd.DataFrame:
    """[row] judgements of samples with a number; each sample of a seed is a cluster."""
    import pandas as pd

    table = evidence.cube.table("judgements")
    if table is None:
        return pd.DataFrame({"source": []})
    frame = given_judgements(table.to_pandas(), arm=arm, target="sample")
    frame = frame[frame["score"].notna()]
    cluster = frame.groupby(["seed", "stage", "task", "item"], dropna=False).ngroup()
    people = frame["source"] == "human"
    drawn = bool(frame.loc[people, "probability"].notna().all())  # with a known probability, all of them
    weight = (1 / frame["probability"]).where(people & drawn, 1.0)
    return frame.assign(cluster=cluster, weight=weight.astype(float))


def judge_gates(evidence: Evidence, arm: str, judged: pd.DataFrame) -> Iterator[Estimate]:
    """Share of samples that each rule, and each judge that says yes or no, lets pass (scores 0 and 1 only)."""
    scale = evidence.config.feedback.range or evidence.config.score_range
    if judged.empty:
        return
    for (rater, source), rows in judged[judged["source"] != "human"].groupby(["rater", "source"]):
        binary = rows[rows.groupby("criterion")["score"].transform(lambda s: s.isin((0, 1)).all()).astype(bool)]
        if binary.empty or not (source == "rule" or scale == (0, 1)):
            continue
        called = f"{rater} ({source})" if rater in ("parse", "accepted") else rater  # those are gates of their own
        for criterion, part in binary.groupby("criterion"):
            group = f"gate={called}" + (f",criterion={criterion}" if binary["criterion"].nunique() > 1 else "")
            base = no_share(evidence, arm, "acceptance_rate", None).model_copy(update={"group": group})
            yield _mean_score(base, part, SHARE, binary=True)


def _mean_score(
    base: Estimate, rows: pd.DataFrame, bounds: Bounds, *, binary: bool = False, level: float | None = None
) -> Estimate:
    statistic = weighted_mean(rows, rows["score"].to_numpy(dtype=float), difference=False)
    if statistic is None:
        return base
    found = named(base, interval([statistic], level=level or base.level, bounds=bounds, binary=binary))
    counts = {"labels": len(rows), **{key: n for key, n in found.n.items() if key != "items"}}
    return found.model_copy(update={"n": counts, "simultaneous": base.simultaneous})


def accepted_score(evidence: Evidence, arm: str, judged: pd.DataFrame) -> Iterator[Estimate]:
    """Mean judgement of the samples that were accepted, by judges; beside it by stage, each judge's and people's."""
    unit = "points of the feedback scale"
    base = no_share(evidence, arm, "accepted_score", NO_JUDGED, unit=unit)
    scored = judged[judged["source"] != "rule"]
    if "accepted" not in scored or (len(scored) and scored["accepted"].isna().all()):
        reason = (
            "needs to know which of the judged samples were accepted: log accepted in samples, their ids as item in "
            "feedback, and run again from the log"
        )
        yield base if scored.empty else base.model_copy(update={"reason": reason})
        return
    kept = scored[scored["accepted"].astype("boolean").fillna(False).astype(bool)]
    judges, people = kept[kept["source"] == "synthetic"], kept[kept["source"] == "human"]
    bounds = evidence.config.feedback.range or evidence.config.score_range
    if judges.empty:
        need = "needs synthetic judgements (target = sample) of samples that were accepted"
        base = base.model_copy(update={"reason": need})
    yield _mean_score(base, judges, bounds)
    stages = sorted(judges["stage"].unique())
    for stage in stages:
        at = base.model_copy(update={"stage": int(stage), "simultaneous": len(stages) > 1})
        level = bonferroni(base.level, len(stages))
        yield _mean_score(at, judges[judges["stage"] == stage], bounds, level=level)
    parts = [(f"rater={rater}", rows) for rater, rows in judges.groupby("rater")]
    parts = parts if len(parts) > 1 else []
    for group, rows in [*parts, ("source=human", people)]:
        if len(rows):
            yield _mean_score(base.model_copy(update={"group": group}), rows, bounds)
