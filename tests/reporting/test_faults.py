"""Does a run harm what is published when it is killed, starved or misled? `make faults` is the long campaign."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import pytest

from tests.end_to_end.fault_kinds import FAULTS
from tests.end_to_end.faults import campaign
from tests.end_to_end.soundness import problems, state
from tests.reporting.support import write_report_notebooks, write_stream
from toolkit.errors import RunFailed
from toolkit.reporting.history import read_history
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Request
from toolkit.reporting.staging import abandon, begin, recover


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place in which release 1 is published; tests put it back as it was."""
    place = tmp_path_factory.mktemp("faults")
    write_stream(place / "stream")
    write_report_notebooks(place / "notebooks")
    assert run(request(place, "1")).code == 0
    return place


def request(place: Path, release: str) -> Request:
    return Request(
        place / "stream", place / "reports", release, notebooks=place / "notebooks", cache=place / "cache", timeout=120
    )


@pytest.mark.slow
def test_two_faults_harm_nothing(published: Path, tmp_path: Path) -> None:
    """Killed, and a full disk: all is whole, and the next run ends well. `make faults` has the other kinds."""
    kinds = ["killed-at-operation", "full-at-operation"]
    table, found = campaign(tmp_path, runs=2, seed=3, only=kinds, published=published)
    assert found == []
    assert all(kind in table for kind in kinds)
    assert set(kinds) <= set(FAULTS)


def test_the_campaign_sees_what_was_harmed(published: Path) -> None:
    """A number changed in results.json, a page cut short, a link that leads nowhere: each is named."""
    before = state(published)
    assert problems(published, before) == []
    release = (published / "reports/tickets/1").resolve()
    results, page, latest = release / "results.json", release / "index.html", published / "reports/tickets/latest"
    raw, html, leads = results.read_bytes(), page.read_bytes(), latest.readlink()
    try:
        results.write_bytes(raw.replace(b'"measured"', b'"measurd"', 1))
        assert any("schema" in line for line in problems(published, before))
        results.write_bytes(raw)
        page.write_bytes(html[:-200])
        assert any("index.html" in line and "incomplete" in line for line in problems(published, before))
        page.write_bytes(html)
        latest.unlink()
        assert "latest: leads nowhere" in problems(published, before)
    finally:
        results.write_bytes(raw)
        page.write_bytes(html)
        if not latest.is_symlink():
            latest.symlink_to(leads)
    assert problems(published, before) == []


def test_a_run_killed_before_its_link_was_renamed(published: Path) -> None:
    """The new link is no second publication of the same build, and the next run removes it."""
    layout = Layout(published / "reports")
    stray = layout.link("tickets").with_name(f"{layout.link('tickets').name}.{secrets.token_hex(4)}")
    stray.symlink_to("../.builds/x")
    others = layout.builds / ".link-other.0123abcd"
    others.symlink_to("y")
    before = read_history(layout, "tickets")
    assert before.problems == ()
    recover(layout, "tickets")
    assert not stray.is_symlink()
    assert others.is_symlink()
    others.unlink()


def test_a_run_killed_before_its_build_was_linked(published: Path) -> None:
    """The build that nobody can reach is put away with the reason; builds that were published stay."""
    entry, latest = published / "reports/tickets/1", published / "reports/tickets/latest"
    build = entry.resolve()
    again = run(request(published, "unlinked"))
    lost = again.folder.resolve()
    (published / "reports/tickets/unlinked").unlink()
    answer = run(request(published, "1"))
    place = published / "reports/.failed" / lost.name
    assert any(str(place) in note for note in answer.notes)
    assert "before its report was linked" in (place / "reason.txt").read_text()
    assert not lost.exists()
    assert build.is_dir()
    assert os.path.samefile(latest, answer.folder)


def test_a_disk_that_is_full_hides_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even the reason cannot be written, the run is left for the next one, without another error."""
    layout = Layout(tmp_path)
    begin(layout, "20261123T000000Z-000000-a")
    layout.failed.write_text("a file where the folder should be")
    assert abandon(layout, "20261123T000000Z-000000-a", "no") is None
    layout.failed.unlink()
    assert len(recover(layout, "a")) == 1


def test_an_error_of_the_disk_is_one_line(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the file and what to do, and is no bug to report."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/reports/x")

    monkeypatch.setattr("toolkit.reporting.pipeline.seal", full)
    with pytest.raises(RunFailed, match=r"/reports/x: .*No space left on device\); make space .*\[kept in"):
        run(request(published, "2"))


def test_a_lock_without_its_note_holds(tmp_path: Path) -> None:
    """A note that cannot be written never ends a run."""
    layout = Layout(tmp_path)
    layout.lock("tickets").with_suffix(".json").mkdir(parents=True)
    with hold(layout, "tickets"):
        pass


def test_the_note_of_a_dead_run_is_not_believed(tmp_path: Path) -> None:
    """For a second the holder's own note is waited for."""
    from toolkit.reporting.lock import _holder

    path = tmp_path / "x.lock"
    path.with_suffix(".json").write_text(json.dumps({"pid": 2**22 + 1, "started": "long ago"}))
    assert "long ago" in _holder(path, patience=0.1)
    path.with_suffix(".json").write_text(json.dumps({"pid": os.getpid(), "started": "now"}))
    assert "started now" in _holder(path, patience=0.1)
