"""How did an estimate change since the baseline release: better or worse, by how much, how surely?"""

from __future__ import annotations

from toolkit.language.numbers import Range, number
from toolkit.language.phrases import UNIT_RANGE, must, scale_for
from toolkit.language.pieces import Name, Part, Parts, quoted
from toolkit.language.wordings import better_side
from toolkit.results import Estimate


def change(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """The difference to the baseline release, as better or worse: "1.2 worse than 2026.10 (0.1 to 2.3)"."""
    what = estimate.change
    if what is None:
        return ()
    if what.value is None:
        return ("not compared with ", Name(what.against), ": ", _why_not(estimate, what.reason))
    scale = scale_for(estimate, score_range)
    side = better_side(estimate)
    if side == 0:  # a bias is worse the further it lies from zero
        side = -1 if (estimate.value or 0) >= 0 else 1
    turned = side * what.value
    better, worse = ("better", "worse")
    sign = 1 if what.value >= 0 else -1
    value = must(number(estimate, "change.value", scale, sign=sign))
    word = better if turned >= 0 else worse
    if not any(c in "123456789" for c in value.text):
        head: Parts = ("as in ", Name(what.against))
    else:
        head = (value, f" {word} than ", Name(what.against))
    if what.low is None or what.high is None:
        return (*head, " (", _why_not(estimate, what.reason), ")") if what.reason else head
    if what.low < 0 < what.high:  # both directions are open: each end says which it is
        words = (worse, better) if side > 0 else (better, worse)
        low = must(number(estimate, "change.low", scale, sign=-1))
        high = must(number(estimate, "change.high", scale))
        return (*head, " (", low, f" {words[0]} to ", high, f" {words[1]})")
    low = must(number(estimate, "change.low", scale, sign=sign))
    high = must(number(estimate, "change.high", scale, sign=sign))
    return (*head, " (", *((low, " to ", high) if sign > 0 else (high, " to ", low)), ")")


def _why_not(estimate: Estimate, reason: str | None) -> Part:
    return quoted(reason.rstrip("."), estimate.id, "change.reason") if reason else "no reason was logged"
