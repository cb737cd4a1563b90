"""Does the releases page show every publication once, in order, and say what is old, replaced or broken?"""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from tests.reporting.support_results import axis, some_results
from toolkit.figures import sheet
from toolkit.reporting.history import read_history
from toolkit.reporting.index import publish_index, shelf, write_index
from toolkit.reporting.index_page import Publication, render_index
from toolkit.reporting.layout import Layout
from toolkit.reporting.prune import MARK

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def publish(layout: Layout, entry: str, *, finished: dt.datetime = NOW, every: str | None = None) -> None:
    """Put a results.json where a publication lies, following the newest one."""
    head = read_history(layout, "tickets").head
    release, _, rest = entry.partition("/")
    look = release == "looks"
    results = some_results(
        axis("act"),
        release=rest if look else release,
        revision=int(rest[1:]) if rest and not look else 1,
        look=look,
        config={"expect_every": every},
    )
    record = {"finished": finished.isoformat(), "previous_sha256": None if head is None else head.sha256}
    results = results.model_copy(update={"provenance": results.provenance.model_copy(update=record)})
    folder = layout.stream("tickets") / entry
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(results.model_dump_json())


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A release b, a release a, a look, and a correction of b."""
    layout = Layout(tmp_path)
    for entry in ("b", "a", "looks/x", "b/r2"):
        publish(layout, entry, every="1d")
    return layout


def test_order_is_that_of_first_publication(layout: Layout) -> None:
    """The corrected release keeps its place, and its first revision is superseded."""
    shown, problems = shelf(read_history(layout, "tickets"), "tickets", NOW)
    assert problems == []
    assert [(p.href, p.superseded) for p in shown] == [
        ("tickets/b/index.html", True),
        ("tickets/b/r2/index.html", False),
        ("tickets/a/index.html", False),
        ("tickets/looks/x/index.html", False),
    ]


def test_the_newest_publication_is_stale_when_none_followed_in_time(layout: Layout) -> None:
    """Seen from results.json alone: expect_every has passed since the newest was finished."""
    history = read_history(layout, "tickets")
    fresh, _ = shelf(history, "tickets", NOW + dt.timedelta(hours=23))
    late, _ = shelf(history, "tickets", NOW + dt.timedelta(hours=25))
    assert not any(p.stale for p in fresh)
    assert [p.href for p in late if p.stale] == ["tickets/b/r2/index.html"]


def test_results_of_another_schema_are_named_not_dropped(layout: Layout) -> None:
    """The page is written with the rest, and says which file it could not show."""
    path = layout.stream("tickets") / "new/results.json"
    path.parent.mkdir()
    path.write_text('{"release": "new", "provenance": {}, "schema_version": "99"}')
    problems = write_index(layout)
    assert any(str(path) in line and "cannot read it" in line for line in problems)
    page = layout.index.read_text()
    assert "tickets/a/index.html" in page
    assert "new/results.json" in page


def test_what_is_kept_speaks_for_the_very_same_file_alone(layout: Layout) -> None:
    """The page is the same from briefs; a changed file is read again, and so is everything where briefs are damaged."""
    briefs = layout.briefs("tickets")
    pages = []
    for damage in (None, None, b"{}", b"\xff", briefs):
        if isinstance(damage, bytes):
            briefs.write_bytes(damage)
        assert write_index(layout) == []
        pages.append(re.sub(r"<span>[^<]*UTC</span>", "", layout.index.read_text()))
    assert len(set(pages)) == 1
    kept = json.loads(briefs.read_text().partition("\n")[2])
    assert sorted(kept) == sorted(p.sha256 for p in read_history(layout, "tickets").published)
    path = layout.stream("tickets") / "looks/x/results.json"
    path.write_text(path.read_text().replace('"sentence":"s"', '"sentence":"another"', 1))
    assert "changed or removed" in write_index(layout)[0]
    assert "another" in layout.index.read_text()
    briefs.unlink()
    briefs.mkdir()
    assert len(write_index(layout)) == 1


def test_pruned_and_accepted_are_said(layout: Layout) -> None:
    """A pruned report is marked; a verdict of which all is accepted says until when, on release and axis."""
    (layout.stream("tickets") / "a/index.html").write_text(f"<!doctype html>{MARK}")
    borne = axis("act").model_copy(update={"besides_accepted": "healthy", "accepted_until": dt.date(2027, 1, 31)})
    for axes, times in (((borne,), 2), ((borne, axis("act", name="transfer")), 1)):
        view = Publication(some_results(*axes), "x")
        page = render_index({"tickets": [view]})
        assert page.count("accepted until <time>2027-01-31</time>") == times
        assert ("until" in sheet("act", "s", 1, axes, ()).data["chip"]) is (times == 2)
    write_index(layout)
    page = layout.index.read_text()
    assert page.count("pages were pruned") == 1
    (article,) = (part for part in page.split("<article")[1:] if "pages were pruned" in part)
    assert "tickets/a/index.html" in article


def test_a_page_that_cannot_be_written_is_a_note(layout: Layout) -> None:
    """The reports are published all the same."""
    layout.index.mkdir()
    (note,) = publish_index(layout)
    assert note.startswith("the releases page was not written: ")


def test_a_young_page_is_left_alone(layout: Layout) -> None:
    publish_index(layout)
    before = layout.index.stat().st_mtime_ns
    assert publish_index(layout, only_if_older=True) == []
    assert layout.index.stat().st_mtime_ns == before
    publish(layout, "c")
    publish_index(layout, only_if_older=True)
    assert "tickets/c/index.html" in layout.index.read_text()
