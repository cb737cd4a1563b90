"""Tables say what they hold: reasons, what rows share, sums, plans and verdicts that changed."""

from __future__ import annotations

import pytest

from tests.invented import (
    LEDGER,
    NOTICES,
    PLAN,
    by_task,
)
from toolkit.figures import (
    estimates_table,
    ledger_table,
    plan_table,
    releases_table,
    table,
)
from toolkit.figures.cells import plain_cell


def test_a_missing_estimate_shows_its_reason() -> None:
    """The reason stands where the interval would, and nothing reads zero."""
    rows = estimates_table(by_task(), "By task").data["rows"]
    assert [plain_cell(cell) for cell in rows[-1][1:3]] == ["not measured", "needs a later task"]
    assert rows[-1][2]["words"]
    assert rows[-1][2]["parts"][0]["field"] == "reason"


def test_a_long_table_unfolds_and_loses_no_row() -> None:
    """Twelve rows are in sight, the rest one click away under the same heads; two more fold nothing."""
    one = by_task()[0]
    html = estimates_table([one] * 40, "By task").html()
    assert html.count('<summary><data class="num" value="28" data-count=""') == 1
    assert html.count('<th scope="row">') == 40
    assert "<details" not in estimates_table([one] * 14, "By task").html()


def test_an_empty_table_says_why() -> None:
    """The reason stands where rows would, in the text for readers without HTML too."""
    block = estimates_table([], "Slopes", empty="No attribute varies.")
    assert "No attribute varies." in block.html()
    assert "No attribute varies." in block.text


def test_what_all_rows_share_is_said_once() -> None:
    """Scope, method and margin move below the table; differing ones get a column."""
    same = estimates_table(by_task()[:3], "By task").data
    assert "Holds for" not in [c["title"] for c in same["columns"]]
    assert "models trained anew" in same["note"]
    other = [by_task()[0], by_task()[1].model_copy(update={"scope": "items"})]
    assert "Holds for" in [c["title"] for c in estimates_table(other, "By task").data["columns"]]


def test_ledger_adds_up() -> None:
    """The sum over tables is printed, and every reason with its count."""
    block = ledger_table(LEDGER, NOTICES)
    assert block.data["sentence"] == "412,312 rows read, 412,300 used, 12 rejected."
    reasons = [plain_cell(row[4]) for row in block.data["table"]["rows"]]
    assert "score outside its range: 9; unreadable line: 3" in reasons


def test_verdict_changes_are_named() -> None:
    """A release whose verdict is not the last one's says what it was."""
    block = releases_table(["r1", "r2", "r3"], [], ["healthy", "act", "act"])
    assert block.html().count("was healthy") == 1
    assert "was act" not in block.html()


def test_people_come_first_where_they_are_required() -> None:
    """The heaviest advice leads the plan."""
    advice = [row[2]["parts"][0] for row in plan_table(PLAN).data["rows"]]
    assert advice == ["People required", "Review a sample", "Review a sample", "Keep a watch sample"]


def test_the_plan_says_what_labels_are_for_and_how_they_are_drawn() -> None:
    """Below the number where tasks differ, once below the table where they do not."""
    rows = [row.model_copy(update={"purpose": "to know the bias", "drawn": "at random"}) for row in PLAN]
    block = plan_table(rows)
    assert not any("small" in row[3] for row in block.data["rows"])
    assert block.data["note"].startswith("Labels are there to know the bias. Answers are drawn at random.")
    rows[0] = rows[0].model_copy(update={"drawn": "by label"})
    block = plan_table(rows)
    drawn = {plain_cell({"parts": row[3]["small"]}) for row in block.data["rows"]}
    assert drawn == {"drawn by label", "drawn at random"}
    assert "Answers are drawn" not in block.data["note"]
    assert plan_table(PLAN).data["note"] == ""


def test_a_further_reason_of_many_tasks_is_said_once() -> None:
    """The strongest reason of a task always stands with it."""
    common, own = "Nobody was asked twice.", "The task is being lost."
    rows = [row.model_copy(update={"reasons": (own, f"Only {row.task}.", common)}) for row in PLAN]
    rows[0] = rows[0].model_copy(update={"reasons": (common,)})
    block = plan_table(rows)
    assert block.html().count(common) == 2  # as the first reason of one task, and in the note
    assert "on 3 of 4 tasks" in block.data["note"]
    assert all(f"Only {row.task}." in block.html() for row in PLAN[1:])


def test_a_reason_of_few_tasks_stays_with_them() -> None:
    """Three of eight share it: it is no reason of the stream."""
    rows = [row.model_copy(update={"task": f"{row.task} {i}", "reasons": ("First.",)}) for row in PLAN for i in "ab"]
    for place in range(3):
        rows[place] = rows[place].model_copy(update={"reasons": ("First.", "Second.")})
    block = plan_table(rows)
    assert "A further reason" not in block.data["note"]
    assert "Second." in block.html()


def test_what_labels_are_for_is_said_once_and_how_many_in_each_row() -> None:
    """Also where their number is capped, which differs from task to task."""
    what = "to know the bias to within 0.02"
    rows = [
        row.model_copy(update={"purpose": f"{what}; {n} are needed, but only 30 answers were judged"})
        for n, row in enumerate(PLAN, start=100)
    ]
    block = plan_table(rows)
    assert block.html().count(what) == 1
    assert block.data["note"].startswith(f"Labels are there {what}.")
    below = [plain_cell({"parts": row[3]["small"]}) for row in block.data["rows"]]
    assert sorted(below) == [f"{n} are needed, but only 30 answers were judged" for n in range(100, 104)]


def test_a_row_must_fit_its_head() -> None:
    """A table with a short row is refused."""
    with pytest.raises(ValueError, match="2 cells"):
        table("Any", ["a", "b"], [["x"]])
