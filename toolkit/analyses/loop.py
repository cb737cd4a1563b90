"""Does the judge's bias at one stage go with the errors of the next, within tasks and seeds?

An observation, no proof of a cause. The bias on a task's items at a stage, judge minus human, beside the error of the
student on that task one stage later, or of the samples' labels. Effects of task x seed take out what is always so of
a task in a run, effects of the stage what all tasks share then. No lagged error stands among the regressors, which
would bias the slope (Nickell 1981); where the bias itself answers to earlier errors, a bias in proportion to one over
the number of stages remains.

The bias is measured on few labels, and that draws the slope towards zero; how far is told by its reliability.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.generation import label_wrong, no_share, synthetic_samples
from toolkit.analyses.judgements import paired, weighted_mean
from toolkit.inference.panel import PanelFit, within_fit
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

FEWEST_CELLS = 10
FEWEST_CLUSTERS = 4
SPARE = 5  # cells beyond one for each effect
CELL = ["task", "seed", "stage"]
ALL = ""  # the task of a cell over all tasks
ON_LABELS = "on=label-error"
RELIABILITY = "part=reliability"
UNITS = {None: "score per point of feedback", ON_LABELS: "share per point of feedback"}

Target = Literal["answer", "sample"]


def lagged_effects(evidence: Evidence, arm: str = "stream") -> tuple[Estimate, ...]:
    """Errors of the next stage per point of bias: of the student (no group), and of labels (`on=label-error`).

    With four tasks or more the tasks of one student at one stage are compared with each other (effects of task x seed
    and seed x stage, clusters by task); else the seeds of a stage (task x seed and stage, clusters by seed). CR2 with
    Bell-McCaffrey degrees of freedom. Beside each stands the share of the bias's variation that is no measurement
    error (`part=reliability`).
    """
    return (*_student(evidence, arm), *_labels(evidence, arm))


def _student(evidence: Evidence, arm: str) -> tuple[Estimate, ...]:
    base = _base(evidence, arm, None)
    rows = _judged_by_both(evidence, arm, "answer", "sample")
    if isinstance(rows, str):
        return (base.model_copy(update={"reason": rows}),)
    errors = student_errors(evidence, arm)
    if errors is None:
        return (base.model_copy(update={"reason": "needs evaluations: scores of each task at each stage"}),)
    return _effect(base, following(bias_cells(rows), errors))


def _labels(evidence: Evidence, arm: str) -> tuple[Estimate, ...]:
    """Of the same task where samples of it are made again, else of all samples of the seed's next stage."""
    base = _base(evidence, arm, ON_LABELS)
    rows = _judged_by_both(evidence, arm, "sample", "answer")
    if isinstance(rows, str):
        return (base.model_copy(update={"reason": rows}),)
    samples = synthetic_samples(evidence.cube, arm)
    if samples is None or not samples["label_checked"].any():
        need = "needs verified_label beside target_label in samples"
        return (base.model_copy(update={"reason": need}),)
    same = following(bias_cells(rows), label_errors(samples))
    again = same[same.groupby(["task", "seed"])["stage"].transform("size") > 1]
    if len(again) >= FEWEST_CELLS:
        return _effect(base, again)
    return _effect(base, following(bias_cells(rows.assign(task=ALL)), label_errors(samples.assign(task=ALL))))


def _base(evidence: Evidence, arm: str, group: str | None) -> Estimate:
    return no_share(evidence, arm, "lagged_effect", None, unit=UNITS[group]).model_copy(update={"group": group})


def _judged_by_both(evidence: Evidence, arm: str, *targets: Target) -> pd.DataFrame | str:
    """Rows of `judgements.paired` of the first target that judge and people scored, or what is missing."""
    found = [paired(evidence.cube, arm=arm, target=target) for target in targets]
    for pairs in found:
        if not isinstance(pairs, str) and (pairs.rows["judge"] - pairs.rows["human"]).notna().any():
            return pairs.rows
    return next((p for p in found if isinstance(p, str)), "needs numeric judgements on both sides")


def bias_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """[row] task, seed, stage, bias (judge minus human) and noise, the variance of its error; nan from a single item.

    rows: as `judgements.paired` gives
    """
    import pandas as pd

    cells = []
    for (task, seed, stage), part in rows.groupby(CELL):
        statistic = weighted_mean(part, (part["judge"] - part["human"]).to_numpy(dtype=float))
        if statistic is not None:
            noise = np.nan if statistic.influence is None else float((statistic.influence**2).sum())
            cells.append((task, seed, stage, float(statistic.values[0]), noise))
    return pd.DataFrame(cells, columns=[*CELL, "bias", "noise"])


def student_errors(evidence: Evidence, arm: str) -> pd.DataFrame | None:
    """[row] task, seed, stage and error: how far the score lies from the best one possible."""
    import pandas as pd

    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return None
    R = scores.arm(arm)
    low, high = evidence.bounds
    error = high - R if evidence.config.higher_is_better else R - low
    s, k, j = np.nonzero(np.isfinite(R))
    return pd.DataFrame({
        "task": np.array(scores.tasks, dtype=object)[j], "seed": np.array(scores.seeds)[s], "stage": k,
        "error": error[s, k, j],
    })  # fmt: skip


def label_errors(samples: pd.DataFrame) -> pd.DataFrame:
    """[row] task, seed, stage and error: share of wrong labels among accepted samples, of cells that were verified."""
    import pandas as pd

    cells = [(*place, *label_wrong(part)) for place, part in samples.groupby(CELL)]
    frame = pd.DataFrame(cells, columns=[*CELL, "wrong", "checked"])
    frame = frame[frame["checked"] > 0]
    return frame.assign(error=frame["wrong"] / frame["checked"])[[*CELL, "error"]]


def following(cells: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    """Each cell's bias with the error of the next stage."""
    return cells.merge(errors.assign(stage=errors["stage"] - 1), on=CELL)


def _effect(base: Estimate, rows: pd.DataFrame) -> tuple[Estimate, ...]:
    counts = {"cells": len(rows), **{f"{name}s": int(rows[name].nunique()) for name in CELL if name != "task"}}
    tasks, seeds = int(rows["task"].nunique()), counts["seeds"]
    if not (rows["task"] == ALL).all():
        counts["tasks"] = tasks
    base = base.model_copy(update={"n": counts})
    if len(rows) < FEWEST_CELLS:
        reason = (
            f"needs {FEWEST_CELLS} cells of task, seed and stage with judgements by judge and people and an error at "
            f"the next stage; {len(rows)} have both"
        )
        return (base.model_copy(update={"reason": reason}),)
    if max(tasks, seeds) < FEWEST_CLUSTERS:
        more = "seeds" if (rows["task"] == ALL).all() else "tasks or seeds"
        return (base.model_copy(update={"reason": f"needs {FEWEST_CLUSTERS} {more}: errors are alike within them"}),)
    within = tasks >= FEWEST_CLUSTERS
    stage = rows.groupby(["seed", "stage"] if within else ["stage"]).ngroup().to_numpy()
    unit = rows.groupby(["task", "seed"]).ngroup().to_numpy()
    cluster = rows["task" if within else "seed"].to_numpy()
    if len(rows) - len(set(unit)) - len(set(stage)) + 1 < SPARE:
        reason = f"needs more stages at which the same tasks are judged: {len(rows)} cells, about as many effects"
        return (base.model_copy(update={"reason": reason}),)
    x, y = rows["bias"].to_numpy(dtype=float), rows["error"].to_numpy(dtype=float)
    try:
        fit = within_fit(y, x[:, None], unit=unit, cluster=cluster, period=stage)
    except ValueError:
        reason = "needs a bias that differs between stages within tasks and seeds"
        return (base.model_copy(update={"reason": reason}),)
    return _estimate(base, fit, within=within), _reliability(base, fit, rows)


def _estimate(base: Estimate, fit: PanelFit, *, within: bool) -> Estimate:
    if not fit.usable:
        return base.model_copy(update={"value": fit.slope, "reason": "needs errors that vary within tasks and seeds"})
    low, high = fit.interval(base.level)
    compared = "task x seed and seed x stage, CR2 by task" if within else "task x seed and stage, CR2 by seed"
    return base.model_copy(update={
        "value": fit.slope, "low": low, "high": high, "scope": "tasks" if within else "seeds",
        "se": float(np.sqrt(fit.variance)), "df": fit.df, "p_value": fit.p_value,
        "method": f"least squares with effects of {compared}, Bell-McCaffrey t; not corrected for errors in the bias",
    })  # fmt: skip


def _reliability(base: Estimate, fit: PanelFit, rows: pd.DataFrame) -> Estimate:
    """Share of the bias's variation within the effects that is no measurement error."""
    group = RELIABILITY if base.group is None else f"{base.group},{RELIABILITY}"
    base = base.model_copy(update={"group": group, "unit": "share"})
    noise = rows["noise"].to_numpy(dtype=float)
    if not np.isfinite(noise).any():
        return base.model_copy(update={"reason": "needs two items or more that judge and people judged in a cell"})
    value = fit.reliability(np.where(np.isfinite(noise), noise, np.nanmean(noise)))
    return base.model_copy(update={
        "value": value,
        "reason": "a plug-in share that scales another estimate's slope: no interval is made for it",
    })  # fmt: skip
