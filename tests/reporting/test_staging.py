"""Is what a failed or killed run left kept, with its reason, and out of readers' way?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from toolkit.reporting.layout import Layout, new_run
from toolkit.reporting.staging import abandon, begin, recover

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def test_a_failed_build_is_kept_with_its_reason(tmp_path: Path) -> None:
    layout, run = Layout(tmp_path), new_run("a", NOW)
    (begin(layout, run) / "notebook.ipynb").write_text("half")
    place = abandon(layout, run, "cell 3: ZeroDivisionError")
    assert place == tmp_path / ".failed" / run
    assert (place / "notebook.ipynb").read_text() == "half"
    assert (place / "reason.txt").read_text() == "cell 3: ZeroDivisionError\n"
    assert list(layout.builds.iterdir()) == []


def test_what_killed_runs_left_is_moved_not_deleted(tmp_path: Path) -> None:
    """All leftovers of the stream go, those of another and finished builds stay."""
    layout = Layout(tmp_path)
    mine, other, done = new_run("a", NOW), new_run("b", NOW), new_run("a", NOW)
    (begin(layout, mine) / "page.html").write_text("<!doctype")
    begin(layout, other)
    layout.build(done).mkdir()
    (place,) = recover(layout, "a")
    assert (place / "page.html").read_text() == "<!doctype"
    assert "killed" in (place / "reason.txt").read_text()
    assert {p.name for p in layout.builds.iterdir()} == {f"{other}.partial", done}


def test_a_run_that_built_nothing_leaves_nothing(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert abandon(layout, new_run("a", NOW), "no") is None
    assert not layout.failed.exists()
