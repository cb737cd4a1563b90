"""How many samples with one form of feedback are worth one with another, where students learned from each?

Two arms are compared whose feedback has different forms (critique against scalar, preference or rubric): the steps
that each needs to the highest score which both reach, so that nothing is extrapolated. Log ratios, t over tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt

from toolkit.analyses.curves import Curve, scaled_curves
from toolkit.analyses.evidence import Evidence
from toolkit.inference.quantiles import t_quantile
from toolkit.inference.speed import time_to_threshold
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
FEWEST = 3
ORDER = ("critique", "rubric", "preference", "scalar")  # what is worth more stands first
NEEDS_FORMS = "needs two arms whose feedback has different forms (critique, preference, rubric, scalar)"
NEEDS_CURVES = "needs learning curves (scores with `step`) of both arms on three tasks, each rising past its first step"


def equivalent_samples(evidence: Evidence) -> list[Estimate]:
    """For each pair of forms: samples of the second form that one of the first is worth, at the same score."""
    base = Estimate(quantity="critique_equivalent_samples", axis="feedback", arm=None, level=evidence.level,
                    unit="samples")  # fmt: skip
    forms = arms_by_form(evidence)
    known = [form for form in ORDER if form in forms]
    if len(known) < 2:
        return [base.model_copy(update={"reason": NEEDS_FORMS})]
    curves = scaled_curves(evidence)
    return [_worth(base, curves, forms, first, second) for first, second in combinations(known, 2)]


def arms_by_form(evidence: Evidence) -> dict[str, str]:
    """The arm of each form of feedback: those of which all judgements have one form, the first arm by name."""
    table = evidence.cube.table("judgements")
    if table is None:
        return {}
    frame = table.select(["arm", "form"]).to_pandas().dropna()
    single = frame.groupby("arm")["form"].agg(lambda forms: forms.iloc[0] if forms.nunique() == 1 else None).dropna()
    return {str(form): str(arm) for arm, form in sorted(single.items(), reverse=True)}


def _worth(
    base: Estimate, curves: Mapping[tuple[str, str, int], Curve], forms: Mapping[str, str], first: str, second: str
) -> Estimate:
    named = base.model_copy(update={"arm": forms[first], "against": forms[second], "group": f"form={first}:{second}"})
    by_task: dict[str, list[float]] = {}
    left_out = 0
    for (arm, task, seed), curve in curves.items():
        other = curves.get((forms[second], task, seed))
        if arm != forms[first] or other is None:
            continue
        ratio = _log_ratio(curve, other)
        if ratio is None:
            left_out += 1
        else:
            by_task.setdefault(task, []).append(ratio)
    means = np.array([np.mean(ratios) for ratios in by_task.values()])
    n = {"tasks": len(means), "runs": sum(map(len, by_task.values())), "left_out": left_out}
    if len(means) < FEWEST or np.ptp(means) == 0:
        return named.model_copy(update={"reason": NEEDS_CURVES, "n": n})
    half = t_quantile(base.level, len(means) - 1) * float(means.std(ddof=1)) / len(means) ** 0.5
    value = float(means.mean())
    return named.model_copy(update={
        "value": float(np.exp(value)), "low": float(np.exp(value - half)), "high": float(np.exp(value + half)),
        "n": n, "scope": "tasks", "method": "log ratio of steps to the highest score that both reach, t over tasks",
    })  # fmt: skip


def _log_ratio(curve: Curve, other: Curve) -> float | None:
    """log(steps of the other / steps of this) to the highest common score; None where a first step is past it."""
    level = min(curve[1].max(), other[1].max())
    if level <= max(curve[1][0], other[1][0]):
        return None
    steps = [time_to_threshold(*c, level) for c in (other, curve)]
    return float(np.log(steps[0] / steps[1])) if min(steps) > 0 else None
