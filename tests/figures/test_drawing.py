"""Figures show the numbers they are given, to scale, as small SVG that no name can break."""

from __future__ import annotations

import base64
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import numpy as np
import pytest

from tests.invented import HOSTILE, TASKS, by_task, matrix, share
from toolkit.figures import (
    Block,
    Curve,
    agreement,
    calibration,
    curves,
    forest,
    frontier,
    intervals,
    over_stages,
    scatter_with_line,
    score_matrix,
)
from toolkit.figures.canvas import draw
from toolkit.results import Estimate

SVG = "{http://www.w3.org/2000/svg}"


def course(names: tuple[str, ...]) -> dict[str, list[Estimate]]:
    return {
        name: [share("retention", 1 - 0.03 * s * (i + 1), 0.02, stage=s, axis="forgetting") for s in range(4)]
        for i, name in enumerate(names)
    }


def learning(names: tuple[str, ...]) -> list[Curve]:
    x = [0.0, 100.0, 200.0]
    return [
        Curve(name, arm, x, [0.2, top - 0.1, top], [0.1, top - 0.15, top - 0.05], [0.3, top, top + 0.05])
        for name in names
        for arm, top in (("stream", 0.8), ("isolated", 0.7))
    ]


def frontier_points(series: int) -> list[tuple[Estimate, Estimate]]:
    """Three stages, each less diverse and less wrong than the one before."""
    return [
        (share("diversity", 20.0 - s - series, 0.5, stage=s, axis="generation", unit="effective samples"),
         share("label_error_rate", 0.1 - 0.02 * s, 0.01, stage=s, axis="generation"))
        for s in (1, 2, 3)
    ]  # fmt: skip


FIGURES: dict[str, Callable[[tuple[str, ...]], Block]] = {
    "score_matrix": lambda names: score_matrix(matrix(names)),
    "forest": lambda names: forest(by_task(tasks=names)),
    "intervals": lambda names: intervals([share("agreement", 0.8, 0.05, task=n) for n in names], names[0]),
    "over_stages": lambda names: over_stages(course(names), names[0]),
    "scatter": lambda names: scatter_with_line(
        [(i / 8, e) for i, e in enumerate(by_task(tasks=names))], "c", x_label=names[0],
        line_x=[0, 1], line_y=[0, 0.1], line_low=[-0.1, 0], line_high=[0.1, 0.2],
    ),
    "curves": lambda names: curves(learning(names), names[0], step_unit=names[0]),
    "agreement": lambda names: agreement(
        [share("agreement", 0.8, 0.05, group=f"rater={n}") for n in names], share("agreement_ceiling", 0.9, 0.02)
    ),
    "frontier": lambda names: frontier({name: frontier_points(i) for i, name in enumerate(names)}, names[0]),
}  # fmt: skip


def svg_of(block: Block) -> ET.Element:
    return ET.fromstring(block.data["svg"])


@pytest.mark.parametrize("name", FIGURES)
class TestEveryFigure:
    def test_is_tidy(self, name: str) -> None:
        """Well-formed, named, no script, style, metadata or stand-in colour left, ids unique, references whole."""
        block = FIGURES[name](TASKS[:4])
        text, root = block.data["svg"], svg_of(block)
        assert root.get("aria-label") == block.data["alt"]
        assert len(block.data["alt"]) > 30
        assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
            "svg", "g", "defs", "path", "use", "text", "tspan", "clipPath", "rect", "image",
        }  # fmt: skip
        assert not re.search(r"#0102|#fdfcf|font-family", text)
        assert "var(--ink)" in text or "var(--soft)" in text
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'(?:href="|url\()#([\w:.-]+)', text)) <= set(ids)
        assert block.data["table"]["rows"]

    def test_is_deterministic_and_its_ids_are_its_own(self, name: str) -> None:
        """The same estimates give the same bytes; another figure shares no id with it."""
        first, again, other = (FIGURES[name](n).data["svg"] for n in (TASKS[:4], TASKS[:4], TASKS[:3]))
        assert first == again
        ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (first, other)]
        assert not ids[0] & ids[1]

    def test_hostile_names_are_text(self, name: str) -> None:
        """Tags, math, 300 characters, emoji, right-to-left and control characters draw and stay text."""
        block = FIGURES[name](tuple(HOSTILE.values()))
        texts = " ".join("".join(node.itertext()) for node in svg_of(block).iter(f"{SVG}text"))
        assert not any(ord(c) < 32 for c in texts.replace("\n", " "))
        if name in ("forest", "score_matrix", "scatter"):
            assert "<img src=x" in texts
        if name == "forest":
            assert "$x_1^2$" in texts
        assert "<img" not in block.html()
        assert "<script" not in block.html()


class TestToScale:
    def test_forest_places_dots_by_value(self) -> None:
        """Dots lie on one line against the values, the most harmful at the top left."""
        estimates = by_task()[:6]
        root = svg_of(forest(estimates))
        dots = {
            (float(n.get("x", 0)), float(n.get("y", 0)))
            for n in root.iter(f"{SVG}use")
            if "var(--card)" in (n.get("style") or "")
        }
        xs = [x for x, _ in sorted(dots, key=lambda dot: dot[1])]
        values = sorted(e.value for e in estimates if e.value is not None)
        assert len(xs) == 6
        assert np.corrcoef(xs, values)[0, 1] == pytest.approx(1, abs=1e-6)

    def test_forest_turns_where_more_is_harm(self) -> None:
        """An error rate's harm lies on the left as well."""
        rates = [
            share("label_error_rate", v, 0.01, task=t, axis="generation", margin=0.1)
            for t, v in (("a", 0.02), ("b", 0.2))
        ]
        root = svg_of(forest(rates))
        dots = sorted(
            {
                (float(n.get("y", 0)), float(n.get("x", 0)))
                for n in root.iter(f"{SVG}use")
                if "var(--card)" in (n.get("style") or "")
            }
        )
        assert dots[0][1] < dots[1][1]  # b, the worse, stands first and further left

    def test_matrix_writes_each_cell_and_says_who_lost_most(self) -> None:
        """Cells hold rounded points; the finding is the largest fall from arrival to the end."""
        cells = matrix()
        block = score_matrix(cells)
        texts = ["".join(node.itertext()).strip() for node in svg_of(block).iter(f"{SVG}text")]
        for cell in cells:
            assert f"{(cell.value or 0) * 100:.0f}" in texts
        grid = {(c.stage, c.task): c.value or 0 for c in cells}
        falls = {t: grid[i, t] - grid[8, t] for i, t in enumerate(TASKS[:-1], start=1)}
        worst = max(falls, key=lambda t: falls[t])
        ends = [f"{grid[stage, worst] * 100:.1f}" for stage in (TASKS.index(worst) + 1, 8)]
        said = rf"{worst} lost most, from {ends[0]} points \(.*\) at arrival to {ends[1]} points \(.*\) after the last"
        assert re.search(said, block.data["alt"].replace("\u00a0", " "))

    def test_cell_numbers_can_be_read(self) -> None:
        """The text of each cell stands out from its own ground by 4.5 to 1 (WCAG 2), counted from the SVG."""
        root = svg_of(score_matrix(matrix()))

        def luminance(colour: str) -> float:
            parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
            return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

        cells = []
        for path in root.iter(f"{SVG}path"):
            colour = re.search(r"fill: (#[0-9a-f]{6})", path.get("style") or "")
            points = [float(x) for x in re.findall(r"-?[\d.]+", path.get("d") or "")]
            if colour and len(points) >= 8:
                cells.append((points[0::2], points[1::2], luminance(colour[1])))
        checked = 0
        for text in root.iter(f"{SVG}text"):
            colour = re.search(r"fill: (#[0-9a-f]{6})", text.get("style") or "")
            x, y = float(text.get("x", "nan")), float(text.get("y", "nan")) - 3
            under = [c for c in cells if min(c[0]) <= x <= max(c[0]) and min(c[1]) <= y <= max(c[1])]
            if under and "var(" not in (text.get("style") or ""):
                ink = luminance(colour[1]) if colour else 0.0
                light, dark = max(ink, under[0][2]), min(ink, under[0][2])
                assert (light + 0.05) / (dark + 0.05) >= 4.5
                checked += 1
        assert checked == len(matrix())

    def test_many_cells_become_pixels_with_text_kept(self) -> None:
        """Fifty tasks stay small: one image at 144 dpi, labels as text, under a megabyte with its table."""
        names = tuple(f"task {i}" for i in range(50))
        block = score_matrix(matrix(names))
        root = svg_of(block)
        images = list(root.iter(f"{SVG}image"))
        assert images
        assert any("task 0" in "".join(n.itertext()) for n in root.iter(f"{SVG}text"))
        assert len(block.html()) < 1_000_000

    def test_arms_are_not_mixed(self) -> None:
        """One matrix is one arm."""
        with pytest.raises(ValueError, match="one arm"):
            score_matrix([*matrix(), matrix()[0].model_copy(update={"arm": "isolated"})])


class TestFindings:
    def test_forest_counts_what_is_beyond_the_margin(self) -> None:
        """Counted here directly from the ends."""
        estimates = by_task()
        beyond = [e for e in estimates if e.high is not None and e.high < -0.02]
        block = forest(estimates)
        assert block.data["alt"].startswith(f"{len(beyond)} of 7 lie wholly beyond the margin of 2: billing")
        assert block.data["note"] == "Not drawn, because not measured: refunds."
        assert len(block.data["table"]["rows"]) == len(estimates)

    def test_each_row_is_held_against_its_own_margin(self) -> None:
        """A regulated task has a smaller one: the same interval lies beyond that, and not beyond the others'."""
        strict, lax = (
            share("backward_transfer", -0.04, 0.005, task=task, axis="forgetting", margin=margin)
            for task, margin in (("billing", 0.03), ("returns", 0.05))
        )
        for estimates in ([strict, lax], [lax, strict]):
            alt = forest(estimates).data["alt"]
            assert alt.startswith("1 of 2 lie wholly beyond their margins of 3 to 5: billing")
        same = strict.model_copy(update={"margin": 0.05})
        assert forest([same, lax]).data["alt"].startswith("0 of 2 lie wholly beyond the margin of 5")

    def test_agreement_says_who_lies_below_people(self) -> None:
        """The whole interval below the ceiling's lower end counts, an overlap does not."""
        judges = [share("agreement", 0.7, 0.05, group="rater=a"), share("agreement", 0.86, 0.05, group="rater=b")]
        block = agreement(judges, share("agreement_ceiling", 0.9, 0.04))
        assert "1 of 2 lie wholly below people" in block.data["alt"]
        assert "not measured" in agreement(judges, None).data["note"]

    def test_calibration_counts_over_and_underconfidence(self) -> None:
        """Beyond its interval only."""
        found = ((0.2, 0.3, 0.25, 0.35), (0.5, 0.5, 0.4, 0.6), (0.9, 0.6, 0.5, 0.7))
        bins = [
            Estimate(quantity="calibration_curve", axis="alignment", unit="share", group=f"bin={place}", value=right,
                     low=low, high=high, n={"labels": 10}, scope="items", at={"stated": stated})
            for place, (stated, right, low, high) in enumerate(found, start=1)
        ]  # fmt: skip
        block = calibration(bins)
        assert block.data["alt"] == "Of 3 bins, 1 overconfident and 1 underconfident beyond their interval."
        assert 'data-estimate="calibration_curve/stream/all/bin=3" data-field="at.stated">90</data>' in block.html()
        missing = calibration(reason="needs scores between the ends from the judge")
        assert "Not measurable: needs scores between the ends from the judge." in missing.html()

    def test_curves_say_which_arm_ended_higher(self) -> None:
        """Counted over tasks; lengths must agree."""
        assert curves(learning(TASKS[:3]), "c").data["alt"] == "stream ended above isolated on 3 of 3 tasks."
        with pytest.raises(ValueError, match="differ in length"):
            Curve("a", "b", [1, 2], [1])

    def test_units_that_differ_are_refused(self) -> None:
        """Seconds and shares fit no common axis; shares and their differences do."""
        seconds = Estimate(quantity="cost_per_accepted", axis="generation", value=3, low=2, high=4, unit="seconds")
        with pytest.raises(ValueError, match="several units"):
            intervals([share("agreement", 0.8, 0.1), seconds], "c")
        assert intervals([share("agreement", 0.8, 0.1), share("agreement_gap", -0.1, 0.1)], "c").data["svg"]

    def test_nothing_to_draw_is_no_error(self) -> None:
        """A log without these quantities still gives its page."""
        nothing = [Estimate(quantity="retention", axis="forgetting", stage=1, task="a", reason="needs a later task")]
        for block in (forest(nothing), intervals(nothing, "c"), over_stages({"a": nothing}, "c"), score_matrix([])):
            # No empty frame: the table stands in its place and says why.
            assert block.data.get("alt") or "needs a later task" in block.text

    def test_more_series_than_colours(self) -> None:
        """The three that end lowest are named, the others stay grey."""
        block = over_stages(course(tuple(f"series {i}" for i in range(9))), "c")
        texts = " ".join("".join(n.itertext()) for n in svg_of(block).iter(f"{SVG}text"))
        assert all(f"series {i}" in texts for i in (6, 7, 8))
        assert "series 0" not in texts

    def test_an_endless_interval_does_not_stretch_the_axis(self) -> None:
        """Infinity stands in the table only."""
        endless = share("retention_half_life", 4.0, 1.0, high=math.inf, unit="stages", task="a", axis="forgetting")
        assert "nan" not in forest([endless]).data["svg"].lower().replace("name", "")


def test_png_where_marks_are_too_many() -> None:
    """Pixels at 144 dpi: twice as many as the figure's width on the page."""
    block = draw(lambda figure: figure.subplots(), height=100, width=200, caption="c", alt="a", table=None, png=True)
    raw = base64.b64decode(block.data["png"])
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(raw[16:20], "big") == 400
    assert 'alt="a"' in block.html()


class TestNarrow:
    """Phones get a drawing of their own."""

    def test_every_figure_of_few_tasks_fits_a_phone(self):
        """Painted anew at a phone's width, with the same names, and told apart from the wide one by its ids."""
        for name, figure in FIGURES.items():
            block = figure(TASKS[:4])
            narrow = block.data["narrow"]
            if narrow is None:
                assert name == "calibration", name
                continue
            root = ET.fromstring(narrow)
            assert float(root.get("width")) < 330
            ids = [set(re.findall(r'id="([^"]+)"', text)) for text in (narrow, block.data["svg"])]
            assert not ids[0] & ids[1], name
            assert block.data["alt"] in root.get("aria-label")
