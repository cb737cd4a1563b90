"""Which estimates of forgetting belong together?"""

from __future__ import annotations

from toolkit.analyses import Analysis
from toolkit.analyses.families import SHRUNK
from toolkit.analyses.maxforgetting import NULL_BAND
from toolkit.results import Estimate


def definitions(analysis: Analysis, *quantities: str) -> list[Estimate]:
    """What one word means by several definitions: of each quantity the whole, then its `definition=...` groups.

    The band of luck is no definition.
    """
    found = []
    for quantity in quantities:
        whole = [e for e in analysis.select(quantity, task=None) if e.group is None]
        others = [e for e in analysis.select(quantity) if (e.group or "").startswith("definition=")]
        found += [*whole, *(e for e in others if e.group != NULL_BAND)]
    return [e for e in found if e.measured]


def beside_luck(forgetting: Analysis) -> list[Estimate]:
    """The loss since the best stage, and what luck alone would show."""
    return [e for e in forgetting.select("max_forgetting", task=None) if e.group in (None, NULL_BAND) and e.measured]


def luck_name(estimate: Estimate) -> str:
    """What the rows of `beside_luck` are called."""
    return "luck alone" if estimate.group else "one task" if estimate.n.get("tasks") == 1 else "all tasks"


def tasks_of(analysis: Analysis, quantity: str) -> tuple[list[Estimate], list[Estimate]]:
    """Each task's estimate of a quantity as measured, and drawn towards the mean."""
    each = [e for e in analysis.select(quantity, group=None) if e.task is not None and e.measured]
    each = [e for e in each if e.against == each[0].against]
    return each, [e for e in analysis.select(quantity, group=SHRUNK) if e.against == each[0].against]
