"""Which estimates of the judge belong together: bias by attribute, slopes, what stands beside?"""

from __future__ import annotations

from toolkit.analyses import Analysis
from toolkit.results import Estimate


def group_means(analysis: Analysis) -> list[Estimate]:
    """The bias within values of attributes, without the slopes on numeric ones."""
    found = analysis.select("feedback_bias_by_attribute")
    return [e for e in found if "=slope" not in (e.group or "")]


def slopes(analysis: Analysis) -> list[Estimate]:
    """Slopes of the bias on numeric attributes and on length, per standard deviation."""
    found = [e for e in analysis.select("feedback_bias_by_attribute") if (e.group or "").endswith("=slope")]
    return [*found, *(e for e in analysis.select("length_bias", group=None) if e.measured)]


def beside_the_bias(analysis: Analysis) -> list[Estimate]:
    """Length at the same human score and in preferences, and rules against people and judges."""
    found = [*analysis.select("feedback_bias"), *analysis.select("length_bias")]
    return [e for e in found if (e.group or "").startswith("part=")]
