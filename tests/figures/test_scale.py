"""With sixty tasks figures show what moved most, tables hold the rest, and no page grows out of hand."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.invented import by_task, headline_estimates, matrix, results
from tests.shared import command
from toolkit.figures import (
    Curve,
    agreement,
    curves,
    forest,
    over_stages,
    releases_table,
    scatter_with_line,
    score_matrix,
)
from toolkit.figures.canvas import WIDTH
from toolkit.reporting.render import Publication, render_index
from toolkit.results import Estimate

SIXTY = tuple(f"task-{place:02}" for place in range(60))
PAGE_LIMIT, HISTORY_LIMIT = 1_500_000, 200_000  # bytes


def drawn_names(svg: str) -> set[str]:
    """The tasks that a drawing names."""
    return set(re.findall(r"task-\d\d", re.sub(r'aria-label="[^"]*"', "", svg)))


def high(block_svg: str) -> float:
    return float(re.search(r'viewBox="0 0 \S+ ([\d.]+)"', block_svg)[1])  # type: ignore[index]


def test_a_forest_of_sixty_draws_both_ends_and_keeps_all_in_its_table() -> None:
    """The ten most harmful and the ten least are drawn, in that order; every task has its row below."""
    estimates = by_task(tasks=SIXTY)[:58]
    block = forest(estimates)
    assert drawn_names(block.data["svg"]) == {*SIXTY[:10], *SIXTY[48:58]}
    assert len(block.data["table"]["rows"]) == 58
    assert "either end" in block.data["note"]
    assert high(block.data["svg"]) < 700
    assert drawn_names(forest(estimates[:24]).data["svg"]) == set(SIXTY[:24])


def test_many_agreements_draw_the_lowest() -> None:
    """Twenty bars, those furthest from people; the table holds all."""
    estimates = [
        Estimate(
            quantity="agreement", axis="alignment", task=task, value=0.9 - place / 100, unit="share", n={"items": 9}
        )
        for place, task in enumerate(SIXTY)
    ]
    block = agreement(estimates, None)
    assert drawn_names(block.data["svg"]) == set(SIXTY[40:])
    assert len(block.data["table"]["rows"]) == 60


def test_learning_curves_draw_those_whose_arms_end_furthest_apart() -> None:
    """Twelve panels of sixty, the largest distance first; fifteen tasks are all drawn."""
    lines = [
        Curve(task, arm, (1, 2), (0.1, 0.5 + lead * place / 200))
        for place, task in enumerate(SIXTY)
        for arm, lead in (("stream", 1), ("isolated", 0))
    ]
    block = curves(lines, "Curves")
    assert drawn_names(block.data["svg"]) == set(SIXTY[48:])
    assert block.data["svg"].index("task-59") < block.data["svg"].index("task-48")
    assert len(block.data["table"]["rows"]) == 240
    assert drawn_names(curves(lines[:30], "Curves").data["svg"]) == set(SIXTY[:15])


def test_a_matrix_of_sixty_is_few_marks_and_a_tall_table() -> None:
    """Its cells are one picture, and its table has a row a task instead of a column a task."""
    block = score_matrix(matrix(SIXTY))
    assert block.data["svg"].count("<path") < 300
    assert len(block.data["svg"]) < 200_000
    table = block.data["table"]
    assert (len(table["rows"]), len(table["columns"])) == (60, 7)
    assert score_matrix(matrix(SIXTY[:8])).data["table"]["columns"][8]["title"] == SIXTY[7]
    arrived = {e.task: e.value for e in matrix(SIXTY) if e.stage == SIXTY.index(str(e.task)) + 1}
    values = {row[0]["name"]["full"]: row[3]["parts"][0]["value"] for row in table["rows"]}
    assert values == pytest.approx(arrived)


def test_a_long_course_is_a_line_in_a_band() -> None:
    """Sixty stages need no sixty bars: the drawing hardly grows."""
    stages = [e.model_copy(update={"stage": place, "task": None}) for place, e in enumerate(by_task(tasks=SIXTY)[:58])]
    long, short = (over_stages({"all": part}, "Course").data["svg"] for part in (stages, stages[:20]))
    assert len(long) < len(short)
    assert high(long) < WIDTH


def test_a_hundred_releases_fit_the_index() -> None:
    """The list of releases stays below 200 kB, and the newest stand in sight."""
    stream = [Publication(results(f"2026.{i:03}", worse=1 + i / 50), f"s/2026.{i:03}/index.html") for i in range(100)]
    html = render_index({"support-tickets": stream})
    assert len(html.encode()) < HISTORY_LIMIT
    folded = html.index("<details")
    assert html.index("2026.099") < folded < html.index("s/2026.000/")


def test_a_hundred_releases_fit_the_table() -> None:
    """The newest twelve have a column each, and a verdict is still compared with the release before the first."""
    names = [f"2026.{place:03}" for place in range(100)]
    row = [headline_estimates()["forgetting"]] * 100
    block = releases_table(names, [("Forgetting", row)], ["healthy"] * 88 + ["act"] * 12)
    assert [head["title"] for head in block.data["columns"]] == ["Question", *names[-12:]]
    assert all(len(line) == 13 for line in block.data["rows"])
    assert block.data["rows"][0] != releases_table(names[-12:], [], ["act"] * 12).data["rows"][0]
    assert len(block.html()) < HISTORY_LIMIT


@pytest.mark.nightly
@pytest.mark.slow
def test_every_page_of_fifty_tasks_and_five_seeds_is_small(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No published page of a generated stream of that size reaches 1.5 MB."""
    from toolkit.simulation.streams import SCENARIOS, write_stream

    big = replace(SCENARIOS["default"], tasks=50, seeds=5, items=(12,))
    monkeypatch.setitem(SCENARIOS, "big", big)
    write_stream(tmp_path / "stream", "big", seed=3)
    done = command("run", tmp_path / "stream", "--out", tmp_path / "reports", "--fail-on", "none", home=home)
    assert done.returncode == 0, done.stderr
    sizes = {page.name: page.stat().st_size for page in (tmp_path / "reports").glob("*/seed-3/*.html")}
    assert len(sizes) == 7
    assert {name: size for name, size in sizes.items() if size >= PAGE_LIMIT} == {}


def test_a_few_far_intervals_do_not_flatten_a_line_and_it_says_so() -> None:
    """An interval ten times as wide as the others is cut; where all are wide none is, and one alone is whole."""

    def at(stage: int, half: float) -> Estimate:
        value = 0.5 + 0.01 * stage
        return Estimate(
            quantity="average_accuracy", axis="transfer", stage=stage, value=value, low=value - half, high=value + half
        )

    cut = over_stages({"a": [at(s, 0.2 if s == 3 else 0.02) for s in range(1, 9)]}, "c")
    assert "beyond what is drawn" in cut.data["note"]
    for halves in ([0.2] * 8, [0.02] * 8, [0.02]):
        whole = over_stages({"a": [at(s, half) for s, half in enumerate(halves, start=1)]}, "c")
        assert whole.data["note"] == ""
    assert over_stages({"a": [at(4, 0.02)]}, "c").data["alt"].count("stage 4") == 1


def test_whole_places_have_whole_ticks_and_a_mean_over_one_task_is_that_task() -> None:
    """Whole places have no tick between them, one stage has its own alone, and no row stands there twice."""
    ticks = r"<text[^>]*>\s*([\d.]+)\s*</text>"
    four = [(float(x), e) for x, e in enumerate(by_task(tasks=SIXTY[:4]), start=1)]
    drawn = set(re.findall(ticks, scatter_with_line(four, x_label="place", caption="c").data["svg"]))
    assert {"1", "2", "3"} <= drawn
    assert not {"1.5", "2.5", "3.5"} & drawn
    several = by_task(tasks=SIXTY[:4])
    one = next(e for e in several if e.measured)
    whole = one.model_copy(update={"task": None, "n": {"tasks": 1}})
    assert "All tasks" not in forest([one], summary=whole).data["svg"]
    assert "All tasks" in forest(several, summary=whole.model_copy(update={"n": {"tasks": 3}})).data["svg"]
