"""Figures and tables stay readable where one stage stands out, and where all tasks are alike."""

from __future__ import annotations

import re

from toolkit.figures import Curve, agreement, curves, frontier, over_stages, plan_table
from toolkit.results import Estimate, PlanRow


def point(stage: int, wrong: float) -> tuple[Estimate, Estimate]:
    """Diversity with the share of wrong labels of one stage."""
    shared = {"axis": "generation", "stage": stage, "scope": "items"}
    spread = {"value": 1.5 + 0.1 * stage, "low": 1.4, "high": 2.0, "unit": "effective samples"}
    varied = Estimate.model_validate({"quantity": "diversity"} | spread | shared)
    share = {"value": wrong, "low": wrong / 2, "high": wrong, "unit": "share"}
    return varied, Estimate.model_validate({"quantity": "label_error_rate"} | share | shared)


def test_one_bad_stage_does_not_press_the_others_together() -> None:
    """The scale is that of the root where one share is five times the middle one; its axis says so."""
    for shares, rooted in (((0.01, 0.03, 0.06, 0.86), True), ((0.01, 0.03, 0.06, 0.08), False)):
        block = frontier({"accepted": [point(place, share) for place, share in enumerate(shares)]}, "c")
        assert ("root scale" in block.data["svg"]) is rooted


def test_without_any_pair_the_table_says_so() -> None:
    assert frontier({}, "c").kind == "table"


def test_a_peak_between_the_ends_is_said() -> None:
    """The stage furthest beyond both ends; a line that only climbs names its ends alone."""

    def line(*values: float) -> str:
        found = [
            Estimate(quantity="score_divergence", axis="alignment", unit="share", stage=k, value=v)
            for k, v in enumerate(values, start=1)
        ]
        return str(over_stages({"x": found}, "c").data["alt"]).replace("\u00a0", " ")

    assert line(0.02, 0.03, 0.86, 0.06) == "x: 2.0 % at stage 1, 86.0 % at stage 3, 6.0 % at stage 4."
    assert line(0.02, 0.03, 0.05, 0.06) == "x: 2.0 % at stage 1, 6.0 % at stage 4."


def test_tasks_of_which_the_same_is_said_share_a_row() -> None:
    """Their names stand together, the number is a task's; another reason or risk is a row of its own."""
    row = PlanRow(task="a", risk="standard", advice="required", labels=100, why="w", reasons=("w",))
    rows = [row, row.model_copy(update={"task": "x", "labels": 7}), row.model_copy(update={"task": "b"})]
    html = plan_table(rows).html()
    assert html.count("<tr>") == 3
    assert re.search(r"<bdi>a</bdi>, <bdi>b</bdi></th>", html)
    assert "100</data> a task" in html
    assert "7</data> a task" not in html


def test_what_most_labels_are_for_is_said_once() -> None:
    """In three rows or more it stands below the table alone; another purpose stays with its number."""
    row = PlanRow(task="a", risk="standard", advice="review", labels=1, why="w", reasons=("w",), purpose="to know p")
    rows = [row.model_copy(update={"task": name, "labels": place}) for place, name in enumerate("abc", start=1)]
    rows.append(row.model_copy(update={"task": "d", "purpose": "to know q"}))
    html = plan_table(rows).html()
    assert html.count("to know p") == 1
    assert html.count("to know q") == 1
    assert plan_table(rows[:2]).html().count("to know p") == 2


def test_of_many_arms_only_the_two_compared_have_bands() -> None:
    """Five bands would lie over each other; the note says so, and the caption still compares the two."""
    arms = ("stream", "isolated", "replay", "fresh", "distilled")
    lines = [Curve("a", arm, (1, 2), (0.2, 0.5), (0.1, 0.4), (0.3, 0.6)) for arm in arms]
    few, many = (curves(lines[:count], "c").data for count in (3, 5))
    bands = [svg.count("fill-opacity: 0.18") for svg in (few["svg"], many["svg"])]
    assert bands == [3, 2]
    assert many["note"] == "Intervals are drawn for stream and isolated alone. The numbers behind this figure hold all."
    assert not few["note"]
    assert many["alt"] == "stream ended above isolated on 0 of 1 tasks."


def test_of_many_bars_the_lowest_and_the_highest_are_said() -> None:
    found = [
        Estimate(quantity="agreement", axis="alignment", unit="share", task=f"t{place}", value=share)
        for place, share in enumerate((0.9, 0.8, 0.95, 0.85, 0.7, 0.75, 0.88))
    ]
    assert "From t4, 70" in agreement(found, None).data["alt"]
    assert "to t2, 95" in agreement(found, None).data["alt"]
