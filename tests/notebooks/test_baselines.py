"""Is a baseline of an older toolkit compared by what its cube gives now, and said to be?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reporting.support import write_stream
from tests.reporting.support_results import some_results
from toolkit.cube import build_cube
from toolkit.notebook.opening import open_run
from toolkit.notebook.run import Run
from toolkit.reporting.provenance import numbers_version
from toolkit.results import Results

HEADLINE = "backward_transfer/stream/all"


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cubes of a stream that loses two items of each task, and of the same stream when it loses five."""
    place = tmp_path_factory.mktemp("cubes")
    for name, lost in (("old", 2), ("new", 5)):
        write_stream(place / f"stream-{name}", lost=lost)
        build_cube(place / f"stream-{name}", place / name / "cube")
    return place


def run_against(cubes: Path, *, shift: float, numbers: str | None) -> Run:
    """The new cube against the old one, of which results were published whose headline is `shift` off."""
    old = open_run(cube=str(cubes / "old/cube"), release="1")
    found = tuple(e.model_copy(update={"value": e.value + shift}) if e.id == HEADLINE else e for e in old.findings[0])
    results = some_results(*old.sheet.axes, estimates=found)
    record = results.provenance.model_copy(update={"numbers": numbers, "config": old.config.model_dump(mode="json")})
    published = results.model_copy(update={"provenance": record})
    (cubes / "old/results.json").write_text(published.model_dump_json())
    return open_run(cube=str(cubes / "new/cube"), baseline=str(cubes / "old"), release="2")


def test_an_older_toolkit_s_baseline_is_computed_again(cubes: Path) -> None:
    """Published a tenth too low by other code: what is compared is what the cube gives, and a notice says so."""
    right = run_against(cubes, shift=0.0, numbers=numbers_version())
    older = run_against(cubes, shift=-0.1, numbers="an older toolkit")
    assert older.baseline is not None
    assert older.baseline_today is not None
    now, published = ({e.id: e.value for e in r.estimates}[HEADLINE] for r in (older.baseline_today, older.baseline))
    true = {e.id: e.value for e in open_run(cube=str(cubes / "old/cube")).analyse("forgetting").estimates}[HEADLINE]
    assert now == true
    assert published == pytest.approx(true - 0.1)
    assert change(older) == change(right) != 0
    assert older.monitor == right.monitor
    (notice,) = (n for n in older.notices if n.code == "baseline-recomputed")
    assert f"than published has {HEADLINE}." in notice.message
    assert older.baseline_today.axes == older.baseline.axes


def test_the_same_toolkit_s_baseline_is_read_as_published(cubes: Path) -> None:
    """Nothing is computed again, and nothing said; results without a record of their code count as older."""
    run = run_against(cubes, shift=-0.1, numbers=numbers_version())
    assert run.baseline_today is run.baseline
    assert not any(n.code == "baseline-recomputed" for n in run.notices)
    assert run_against(cubes, shift=0.0, numbers=None).baseline_today is not None
    (notice,) = (n for n in run_against(cubes, shift=0.0, numbers=None).notices if n.code == "baseline-recomputed")
    assert notice.message.endswith("No headline differs.")


def test_results_of_before_are_still_read(cubes: Path) -> None:
    """The field is new: a results.json without it is valid."""
    run_against(cubes, shift=0.0, numbers=None)
    content = json.loads((cubes / "old/results.json").read_text())
    del content["provenance"]["numbers"]
    assert Results.model_validate(content).provenance.numbers is None


def change(run: Run) -> float | None:
    found = run.analyse("forgetting").one("backward_transfer", task=None, stage=None).change
    assert found is not None
    return found.value
