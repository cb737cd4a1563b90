"""What stands behind a number: counts, level and stage, and how much more would settle a verdict?"""

from __future__ import annotations

from toolkit.language.numbers import NBSP, Number, digits
from toolkit.language.pieces import Parts, joined, power_text
from toolkit.results import Estimate

_WORDS = ("no one two three four five six seven eight nine ten eleven twelve").split()  # noqa: SIM905


def counts(estimate: Estimate) -> Parts:
    """What stands behind a number: "4,000 items, 5 seeds, 8 tasks"."""
    known: list[Parts] = [
        (Number(digits(count, 0), count, estimate.id, f"n.{kind}"), f"{NBSP}{_kind(kind, count)}")
        for kind, count in estimate.n.items()
    ]
    return joined(known, ", ")


def _kind(kind: str, count: int) -> str:
    shown = kind.replace("_", " ")
    return shown.rstrip("s") if count == 1 else shown


def counted(count: int, one: str, *, plural: str = "s") -> str:
    """`count` of something, with the number in words up to twelve."""
    shown = _WORDS[count] if 0 <= count < len(_WORDS) else digits(count, 0)
    return f"{shown} {one if count == 1 else one + plural}"


def settling(estimate: Estimate) -> Parts:
    """What would settle an unclear verdict: "About 1,400 test items or 6 seeds would settle it (80 % power)."."""
    if not estimate.settled_by:
        return ()
    known: list[Parts] = [
        (Number(digits(count, 0), count, estimate.id, f"settled_by.{kind}"), f"{NBSP}{_settler(kind, estimate)}")
        for kind, count in estimate.settled_by.items()
    ]
    return ("About ", *joined(known, " or "), " in all would settle it (", power_text(), " power).")


def _settler(kind: str, estimate: Estimate) -> str:
    if kind == "items":
        return "human labels" if "labels" in estimate.n else "test items"
    return kind


def level_text(level: float) -> str:
    """The nominal coverage: "95 %"."""
    return f"{level * 100:g}{NBSP}%"


def level_of(estimate: Estimate) -> Number:
    """The nominal coverage of one estimate's interval: "95 %"."""
    return Number(level_text(estimate.level), estimate.level, estimate.id, "level")


def stage_of(estimate: Estimate, stage: int | None = None) -> Number:
    """The number of an estimate's stage."""
    shown = estimate.stage if stage is None else stage
    return Number(f"{shown}", float(shown or 0), estimate.id, "stage")
