"""How is a number printed: on which scale, with how many digits, with which sign and unit?

Digits follow the interval: the last printed digit is worth at most a tenth of the interval's width, so
that nobody reads precision that is not there. Scores on [0, 1] read as points of a hundred, shares as %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from toolkit.results import Estimate

MINUS = "−"
NBSP = "\u00a0"
Range = tuple[float, float]
Field = Literal["value", "low", "high", "margin", "change.value", "change.low", "change.high"]
Source = Literal[
    "estimate", "monitor", "ledger", "plan", "axis", "results", "warning", "assumption", "judged", "choice", "count"
]

_SHARES = frozenset({"share", "rate", "proportion", "probability", "fraction"})
_BARE = frozenset({"", "1", "none", "coefficient", "correlation", "index", "ratio"})
_FEEDBACK = "points of the feedback scale"
_ONE = {
    "feedback points": "feedback point",
    "points": "point",
    "stages": "stage",
    "samples": "sample",
    "items": "item",
    "labels": "label",
    "steps": "step",
    "tasks": "task",
    "seeds": "seed",
    "tokens": "token",
    "seconds": "second",
}
_COUNTS = frozenset({"samples", "items", "labels", "steps", "tasks", "seeds", "tokens"})


@dataclass(frozen=True)
class Scale:
    """What a raw value is multiplied by when printed, and the unit that follows it.

    `whole` scales count things and print without decimals where no interval asks for more.
    """

    factor: float
    unit: str
    whole: bool = False

    def unit_after(self, text: str) -> str:
        """The unit as it follows the printed number: with a space that does not break, singular after 1."""
        if not self.unit:
            return ""
        if self.unit in _ONE and text.lstrip(MINUS + "-") in {"1", "1.0"}:
            return NBSP + _ONE[self.unit]
        head, _, tail = self.unit.partition(" ")
        if text.lstrip(MINUS + "-") in {"1", "1.0"}:
            head = _ONE.get(head, head)
        return NBSP + (f"{head} {tail}" if tail else head)


@dataclass(frozen=True)
class Number:
    """One printed number and the field of the estimate that it stands for.

    text: as printed; value: as in results.json (raw scale and sign); id, field: which number that is, of an
    estimate unless `source` says another part of results.json, a choice of this toolkit, or a count of what a page
    shows.
    """

    text: str
    value: float
    id: str
    field: str
    source: Source = "estimate"


def scale_of(unit: str, score_range: Range = (0.0, 1.0), *, difference: bool = False) -> Scale:
    """The scale for `unit`.

    "score" reads as points on a stream scored in [0, 1] or [0, 100], and bare on another scale. Shares read
    as %, and a difference of shares as points. Whatever follows the first word stays ("score per stage").
    """
    head, _, tail = unit.strip().partition(" ")
    rest = f" {tail}" if tail else ""
    if head == "score":
        if score_range == (0.0, 1.0):
            return Scale(100.0, "points" + rest)
        return Scale(1.0, ("points" if score_range == (0.0, 100.0) else "") + rest)
    if head in _SHARES:
        return Scale(100.0, ("points" if difference else "%") + rest)
    if head == "%":
        return Scale(1.0, "%" + rest)
    if head in _BARE or unit.startswith("odds ratio"):
        return Scale(1.0, "" if unit.startswith("odds ratio") else rest.strip())
    if unit.startswith(_FEEDBACK):  # not to be taken for points of the score, which may stand beside them
        return Scale(1.0, f"feedback points{unit.removeprefix(_FEEDBACK)}")
    if unit.startswith("points of "):  # of another scale: which one is said once, not after every number
        return Scale(1.0, "points")
    return Scale(1.0, unit.strip(), whole=head in _COUNTS and not tail)


def decimals(
    low: float | None, high: float | None, value: float | None = None, *, whole: bool = False, most: int = 3
) -> int:
    """Decimals such that one unit of the last digit is at most a tenth of the interval's width.

    Arguments on the printed scale. Without a usable interval: three significant digits and at most `most`
    decimals, none where things are counted (`whole`).
    """
    if low is not None and high is not None:
        width = high - low
        if math.isfinite(width) and width > 0:
            return max(0, min(6, -math.floor(math.log10(width / 10) + 1e-9)))
    if whole:
        return 0
    known = [abs(x) for x in (value, low, high) if x is not None and math.isfinite(x) and x != 0]
    if not known:
        return 1
    return max(0, min(most, 2 - math.floor(math.log10(known[0]))))


def digits(number: float, places: int) -> str:
    """`number` with `places` decimals, thousands separated, a typographic minus, and no negative zero."""
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    text = f"{number:,.{places}f}"
    if text.startswith("-"):
        text = MINUS + text[1:] if any(c in "123456789" for c in text) else text[1:]
    return text


def plain(number: float) -> str:
    """A number that was chosen, not estimated (a margin): the digits it was given, typographic minus."""
    return f"{number:,.6g}".replace("-", MINUS)


def usable(number: float | None) -> bool:
    """Whether there is a number at all: neither None nor not-a-number."""
    return number is not None and not math.isnan(number)


def places_of(estimate: Estimate, scale: Scale) -> int:
    """Decimals for everything that is printed about `estimate`."""
    low, high, value = (None if x is None else x * scale.factor for x in (estimate.low, estimate.high, estimate.value))
    return decimals(low, high, value, whole=scale.whole, most=1 if scale.factor == 100 else 3)


def number(estimate: Estimate, field: Field, scale: Scale, *, sign: int = 0) -> Number | None:
    """The printed number of one field, or None where the estimate has none.

    sign 0 prints it as it is; -1 and +1 print it multiplied by that (a loss of -0.031 reads "3.1").
    """
    source: object = estimate
    for part in field.split("."):
        source = getattr(source, part, None)
    if not isinstance(source, (int, float)) or not usable(float(source)):
        return None
    raw = float(source)
    shown = raw * scale.factor * (sign or 1)
    if field == "margin":
        return Number(plain(shown), raw, estimate.id, field)
    if field.startswith("change") and estimate.change is not None:
        low, high, value = (
            None if x is None else x * scale.factor
            for x in (estimate.change.low, estimate.change.high, estimate.change.value)
        )
        places = decimals(low, high, value, whole=scale.whole, most=1 if scale.factor == 100 else 3)
    else:
        places = places_of(estimate, scale)
    return Number(digits(shown, places), raw, estimate.id, field)
