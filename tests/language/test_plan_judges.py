"""Of several judges, a reason of the people plan says which one it is about."""

from __future__ import annotations

from toolkit.language.pieces import text_of
from toolkit.language.plan import plan_reason
from toolkit.results import Estimate


def said(group: str | None) -> str:
    found = Estimate(
        quantity="feedback_bias", axis="feedback", task="a", group=group, value=0.1, low=0.05, high=0.15, scope="items"
    )
    return text_of(plan_reason(found, "act", (0.0, 1.0)))


def test_the_judge_is_named_where_there_are_several() -> None:
    """After what is said and before the number; a lone judge needs no name, and another part is none."""
    assert said("rater=judge-b").startswith("The judge's bias is beyond its margin (judge-b): ")
    assert said(None).startswith("The judge's bias is beyond its margin: ")
    assert said("definition=x").startswith("The judge's bias is beyond its margin: ")
