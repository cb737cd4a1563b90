"""Do looks go on from what the publication before them left, through results.json and the project's own summary?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.reporting.support import write_notebook, write_stream
from toolkit.notebook import open_run
from toolkit.reporting.history import read_history
from toolkit.reporting.layout import Layout
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Answer, Request
from toolkit.resources import notebooks_folder
from toolkit.results import Results

pytestmark = pytest.mark.slow
OPEN = (
    "from toolkit import open_run\n"
    "run = open_run(stream=stream, cube=cube, baseline=baseline, parts=parts, history=history)"
)
SAVE = "run.save('forgetting', run.analyse('forgetting'))"


def publish(place: Path, **more: object) -> Answer:
    given = {"reports": place / "reports", "notebooks": place / "notebooks", "cache": place / "cache", "jobs": 1}
    return run(Request(stream=place / "stream", **given | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Answer]]:
    """A release and two looks at later logs."""
    place = tmp_path_factory.mktemp("looks")
    write_notebook(place / "notebooks", "forgetting", OPEN, SAVE)
    shutil.copy(notebooks_folder() / "summary.ipynb", place / "notebooks")
    answers = []
    for lost, release in ((1, "1"), (2, None), (3, None)):
        write_stream(place / "stream", lost=lost)
        answers.append(publish(place, release=release))
    return place, answers


def results(answer: Answer) -> Results:
    return Results.model_validate_json((answer.folder / "results.json").read_bytes())


def test_the_second_publication_carries_the_first_look_and_the_third_goes_on(
    published: tuple[Path, list[Answer]],
) -> None:
    first, second, third = (
        {m.sequence: m for m in results(answer).monitor if m.axis == "forgetting"} for answer in published[1]
    )
    assert first == {}
    assert [s["all"].looks for s in (second, third)] == [1, 2]
    assert [s["all"].against for s in (second, third)] == ["1", "1"]
    assert third["all"].alpha_spent > second["all"].alpha_spent > 0
    assert second["all"].items_sha == third["all"].items_sha
    change = next(e for e in results(published[1][2]).estimates if e.id == "backward_transfer/stream/all").change
    assert change is not None
    assert third["all"].value == pytest.approx(change.value)


def test_the_summary_says_which_intervals_hold_at_every_look(published: tuple[Path, list[Answer]]) -> None:
    first, second = (a.folder for a in published[1][:2])
    assert "Alarms start with the second publication" in (first / "index.html").read_text()
    page = (second / "index.html").read_text()
    assert "These intervals, and only these, hold at every look" in page
    assert "Changes since 1, with anytime-valid intervals" in page


def test_a_published_notebook_opened_again_counts_its_own_look_once(published: tuple[Path, list[Answer]]) -> None:
    """Opened where it lies, with its own and later publications in the history, it finds what it published."""
    place, answers = published
    for answer, baseline in ((answers[1], answers[0]), (answers[2], answers[0])):
        folder = answer.folder.resolve()
        book = json.loads((folder / "notebooks/summary.ipynb").read_text())
        cell = next(c for c in book["cells"] if "injected-parameters" in c["metadata"].get("tags", []))
        values: dict[str, str] = {}
        exec("".join(cell["source"]), values)  # noqa: S102
        given = {name: values[name] for name in ("cube", "baseline", "history", "release")}
        assert Path(given["baseline"]).resolve() == baseline.folder.resolve()
        reopened = open_run(**given)
        stored = results(answer)
        again = {m.axis: m for m in reopened.monitor if m.sequence == "all"}
        assert again["forgetting"] == next(m for m in stored.monitor if m.axis == "forgetting")
    history = read_history(Layout(place / "reports"), "tickets")
    assert history.preceding(None) == history.published[-1]
    assert history.preceding(answers[0].folder) is None
