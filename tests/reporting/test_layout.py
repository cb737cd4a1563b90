"""Do names lead where they should, and to nobody else's runs?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from toolkit.reporting.layout import Layout, look_name, new_run, revision_folder, revisions, stream_of_run

NOW = dt.datetime(2026, 11, 23, 3, 4, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("stream", ["a", "support-tickets", "a-20261123t000000z-b", "0_x"])
def test_a_run_tells_its_stream(stream: str) -> None:
    """Whatever hyphens and digits a stream's name has, its runs are told from those of others."""
    assert stream_of_run(new_run(stream, NOW)) == stream


def test_runs_of_one_second_differ_and_sort_by_time() -> None:
    same = {new_run("a", NOW) for _ in range(50)}
    assert len(same) == 50
    assert max(same) < new_run("a", NOW + dt.timedelta(seconds=1))


def test_times_of_runs_are_utc() -> None:
    east = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    assert new_run("a", east).startswith("20261123T030405Z-")


def test_leftovers_are_those_of_the_stream_alone(tmp_path: Path) -> None:
    """The holder of one stream's lock must never move what a run of another stream is building."""
    layout = Layout(tmp_path)
    mine, longer = new_run("a", NOW), new_run("b-a", NOW)
    for run in (mine, longer):
        layout.partial(run).mkdir(parents=True)
    layout.build(new_run("a", NOW)).mkdir()
    assert layout.leftovers("a") == [layout.partial(mine)]


def test_two_looks_of_one_second_get_two_names(tmp_path: Path) -> None:
    first = look_name(NOW, tmp_path)
    (tmp_path / first).symlink_to("nowhere")
    second = look_name(NOW, tmp_path)
    assert first == "2026-11-23T030405Z"
    assert second == "2026-11-23T030405Z-2"


def test_revisions_are_those_with_results(tmp_path: Path) -> None:
    assert revisions(tmp_path) == []
    for number in (1, 2, 10):
        folder = revision_folder(tmp_path, number)
        folder.mkdir(exist_ok=True)
        (folder / "results.json").write_text("{}")
    (tmp_path / "r3").mkdir()
    (tmp_path / "r04").mkdir()
    (tmp_path / "r04" / "results.json").write_text("{}")
    assert revisions(tmp_path) == [1, 2, 10]
