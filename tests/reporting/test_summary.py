"""A message about a report says what the report says, and nothing that a name in the log makes it say."""

from __future__ import annotations

from tests.reporting.support_results import axis, judged, some_results
from toolkit.reporting.summary import report_url, summary_markdown
from toolkit.results import PlanRow


def _results(**more: object):
    estimate = judged("act", provisional=False)
    head = axis("act", headline=estimate.id)
    return some_results(head, axis("not measured", name="alignment"), estimates=(estimate,), **more)


def test_verdict_axes_and_link() -> None:
    """The first line has the verdict, each axis a row with its number, the last line the link."""
    lines = summary_markdown(_results(), url="https://example.org/r").splitlines()
    assert lines[0] == "# Tickets, release 1: act"
    assert "1 of 5 axes measured; nothing to compare with." in lines
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 3  # head, forgetting, alignment
    assert "10.0 points lost" in rows[1]
    assert rows[2].startswith("| Human alignment | Not measured | –")
    assert lines[-1] == "[The report](https://example.org/r)"
    assert "report](" not in summary_markdown(_results())


def test_people_come_with_reason_and_labels_and_are_few() -> None:
    """Five tasks at most, with the strongest reason of each."""
    plan = tuple(
        PlanRow(task=f"t{k}", risk="standard", advice="review", labels=30, why="a. b.", reasons=("First.", "Second."))
        for k in range(8)
    )
    text = summary_markdown(_results(people_plan=plan))
    assert text.count("review, 30 labels. First.") == 5
    assert "and 3 more tasks" in text
    assert "Second" not in text


def test_names_stay_text() -> None:
    """Neither links, images, mentions, tables, headings nor HTML come from a name."""
    name = "# <b>x</b> | ![i](http://e.x) @all `c` www.e.x\n## two"
    text = summary_markdown(_results(title=name, sentence=name))
    assert "<b>" not in text
    assert "![" not in text
    assert "\n## " not in text
    assert " @all" not in text
    assert "www.e" not in text
    assert r"\|" in text
    assert "](http" not in text


def test_addresses() -> None:
    """Looks and revisions lie where the layout puts them; without a public address there is none."""
    assert report_url("", _results()) == ""
    assert report_url("https://e.org/r/", _results()) == "https://e.org/r/tickets/1/index.html"
    assert report_url("https://e.org", _results(revision=2)) == "https://e.org/tickets/1/r2/index.html"
    look = _results(look=True, release="2026-11-24T000000Z")
    assert report_url("https://e.org", look) == "https://e.org/tickets/looks/2026-11-24T000000Z/index.html"
