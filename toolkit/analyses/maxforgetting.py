"""How much was lost since the best stage, once luck is taken out of the best?"""

from __future__ import annotations

from dataclasses import replace

from toolkit.analyses.estimates import change_of, change_terms, estimate_of, not_comparable, value_bounds
from toolkit.analyses.evidence import Evidence, items_of
from toolkit.analyses.measure import needs_arm
from toolkit.inference.bracket import Bracket, max_forgetting_brackets, mean_bracket
from toolkit.inference.nullband import null_band
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Change, Estimate

TOO_SHORT = "needs at least one stage after a task was learned"
NO_ITEMS = "the correction needs item-level scores, enough of each task to be halved"
NULL_BAND = "definition=null-band"


def max_forgetting_estimates(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """The cross-fit with its bracket, for the mean and each task, and the band of luck beside it."""
    base = Estimate(quantity="max_forgetting", axis="forgetting", arm=arm, level=evidence.level)
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return [base.model_copy(update={"reason": needs_arm(arm)})]
    if len(scores.stages) < 3:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    brackets = max_forgetting_brackets(scores, arm, items=evidence.items)
    if not brackets:
        return [base.model_copy(update={"reason": NO_ITEMS})]
    level = bonferroni(evidence.level, len(brackets))
    overall = _estimate(evidence, mean_bracket(brackets), arm, None, evidence.level)
    overall = _with_change(evidence, overall, brackets, arm)
    overall = overall.model_copy(update={"n": {**overall.n, "tasks": len(brackets)}})
    each = [_estimate(evidence, b, arm, task, level) for task, b in brackets.items()]
    several = len(brackets) > 1
    low, middle, high = null_band(scores, arm, list(brackets), level=evidence.level)
    band = base.model_copy(update={
        "value": middle, "low": low, "high": high, "group": NULL_BAND, "scope": "items",
        "n": overall.n, "method": "plug-in on drawn items if nothing were lost: what luck alone would show",
    })  # fmt: skip
    return [overall, *(e.model_copy(update={"simultaneous": several}) for e in each), band]


def _estimate(evidence: Evidence, bracket: Bracket, arm: str, task: str | None, level: float) -> Estimate:
    result = bracket.interval(level=level, bounds=value_bounds(evidence, difference=True))
    # The bracket is not value +- t se, and its test would be that of the cross-fit alone.
    result = replace(result, variance=None, df=None, p_value=None, parts=None)
    return estimate_of(result, quantity="max_forgetting", axis="forgetting", arm=arm, task=task, level=evidence.level)


def _with_change(evidence: Evidence, estimate: Estimate, new: dict[str, Bracket], arm: str) -> Estimate:
    """The difference of the cross-fit values to the baseline's."""
    against, old_scores = evidence.baseline_release, evidence.baseline_scores
    if evidence.baseline is None or against is None:
        return estimate
    reason = not_comparable(evidence.cube, evidence.baseline)
    old: dict[str, Bracket] = {}
    if reason is None and old_scores is not None and arm in old_scores.arms:
        old = max_forgetting_brackets(old_scores, arm, items=items_of(evidence.baseline))
    if reason is None and set(old) != set(new):
        reason = f"not comparable: {against} has other tasks, or no items"
    if reason is not None:
        return estimate.model_copy(update={"change": Change(against=against, reason=reason)})
    terms = change_terms([mean_bracket(new).cross_fit], [mean_bracket(old).cross_fit])
    return estimate.model_copy(update={"change": change_of(terms, against, evidence)})
