"""What did each task score after each stage? The score matrix as a heatmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import MANY_MARKS, draw, is_narrow, label, named
from toolkit.figures.cells import Cell, column, name_cell, said, table_view
from toolkit.figures.palette import CARD, INK, LINE
from toolkit.figures.rows import shown_value, unit_label
from toolkit.language import Name, Parts, amount, clean, interval, stage_of, tally, with_interval
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

_NARROW_TASKS = 9  # tasks up to which the matrix fits a phone
_WRITTEN = 14  # tasks up to which every cell holds its number


def score_matrix(
    estimates: Sequence[Estimate],
    *,
    score_range: Range = UNIT_RANGE,
    tasks: Sequence[str] | None = None,
    caption: str = "Score of each task after each stage; the framed cell is the task's own arrival",
) -> Block:
    """Heatmap of `score`, stage x task, the arrival of each task framed, with its table.

    estimates: of quantity `score` and one arm, each with stage and task; tasks: in order of arrival, else in
    order of appearance. A cell that was not evaluated stays empty. ValueError where arms are mixed.
    """
    cells = [e for e in estimates if e.quantity == "score" and e.stage is not None and e.task is not None]
    if len({cell.arm for cell in cells}) > 1:
        raise ValueError("a score matrix shows one arm; pass the estimates of one")
    names = list(tasks if tasks is not None else dict.fromkeys(str(cell.task) for cell in cells))
    stages = sorted({int(cell.stage) for cell in cells if cell.stage is not None})
    grid = {(cell.stage, cell.task): cell for cell in cells}
    values = np.full((len(stages), len(names)), np.nan)
    for row, stage in enumerate(stages):
        for place, name in enumerate(names):
            cell = grid.get((stage, name))
            shown = shown_value(cell, score_range) if cell is not None else None
            values[row, place] = np.nan if shown is None else shown

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if not np.isfinite(values).any():
            axes.set(xticks=[], yticks=[], xlabel="no cell of the matrix was evaluated")
            return
        written = len(names) <= _WRITTEN and len(stages) <= 2 * _WRITTEN
        narrow = is_narrow(figure)
        size = 8.5 if narrow else 11.5 if len(names) <= 9 else 9.5
        sns.heatmap(
            values,
            ax=axes,
            cmap=sns.color_palette("crest", as_cmap=True),
            annot=written,
            fmt=".0f" if np.nanmax(np.abs(values), initial=0) >= 10 else ".2f",
            annot_kws={"fontsize": size},
            linewidths=0,
            xticklabels=[label(name, 12 if narrow else 18) for name in names],
            cbar=not narrow,
            yticklabels=stages,
            rasterized=values.size > MANY_MARKS,
            cbar_kws={
                "shrink": 0.6,
                "aspect": 30,
                "pad": 0.015,
                "label": unit_label(cells, score_range) or "score",
            },
        )
        if not narrow:
            axes.collections[0].colorbar.outline.set_visible(False)  # type: ignore[union-attr]
        if written:  # seaborn's own choice of black or white leaves mid greens at 2.3 to 1
            mesh: Any = axes.collections[0]
            grounds = mesh.get_facecolors()[np.isfinite(values).ravel()]
            for text, ground in zip(axes.texts, grounds, strict=True):
                text.set_color(readable_on(ground))
        for place in range(len(names)):
            if place + 1 in stages:
                corner = (place + 0.03, stages.index(place + 1) + 0.03)
                for colour, width in (
                    (INK, 3.4),
                    (CARD, 1.4),
                ):  # one of the two shows on any cell, light or dark
                    axes.add_patch(Rectangle(corner, 0.94, 0.94, fill=False, edgecolor=colour, linewidth=width))
        axes.set(xlabel="task, in order of arrival", ylabel="stage (tasks learned so far)")
        every = -(-len(names) // 20)
        for place, tick in enumerate(axes.get_xticklabels()):
            tick.set_visible(place % every == 0)
        for place, tick in enumerate(axes.get_yticklabels()):
            tick.set_visible(place % -(-len(stages) // 25) == 0)
        axes.tick_params(axis="x", rotation=40 if len(names) > 4 else 0, length=0, labelcolor=INK)
        axes.tick_params(axis="y", rotation=0, length=0)
        for text in axes.get_xticklabels():
            text.set_horizontalalignment("right" if len(names) > 4 else "center")
            text.set_rotation_mode("anchor")
        axes.spines[:].set(visible=True, color=LINE)

    row_height = 30.0 if len(stages) <= 16 else max(9.0, 480 / len(stages))
    return draw(
        paint,
        height=130 + row_height * len(stages),
        narrow_height=110 + 24 * len(stages) if len(names) <= _NARROW_TASKS else None,
        caption=caption,
        alt=_finding(names, stages, grid, score_range),
        table=_table(names, stages, grid, score_range),
    )


def readable_on(ground: Sequence[float]) -> str:
    """Black or white, whichever stands out more from a colour (red, green, blue in [0, 1]); at least 4.5 to 1.

    By relative luminance, WCAG 2.2.
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ground[:3]]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def _finding(names: Sequence[str], stages: Sequence[int], grid: dict[Any, Estimate], score_range: Range) -> Parts:
    """What the matrix shows, in words: how many tasks ended below their arrival, and which lost most."""
    drops = []
    for place, name in enumerate(names, start=1):
        first, last = grid.get((place, name)), grid.get((stages[-1], name)) if stages else None
        if first is None or last is None or place == stages[-1]:
            continue
        before, after = shown_value(first, score_range), shown_value(last, score_range)
        if before is not None and after is not None:
            drops.append((before - after, name, first, last))
    if not drops:
        return ("Scores of ", tally(len(names), "tasks"), " tasks over ", tally(len(stages), "stages"), " stages.")
    lower = sum(1 for drop, *_ in drops if drop > 0)
    counted = (tally(lower, "tasks"), " of ", tally(len(drops), "tasks"))
    most, name, first, last = max(drops, key=lambda drop: drop[0])
    told: Parts = (*counted, " earlier tasks ended below their score at arrival")
    if most <= 0:
        return (*told, ".")
    ends = (*with_interval(first, score_range), " at arrival to ", *with_interval(last, score_range))
    return (*told, "; ", named(name), " lost most, from ", *ends, " after the last stage.")


def _table(names: Sequence[str], stages: Sequence[int], grid: dict[Any, Estimate], score_range: Range) -> Cell:
    if len(names) > _WRITTEN:
        return _tall_table(names, stages, grid, score_range)
    body = []
    for stage in stages:
        here = next((grid[stage, name] for name in names if (stage, name) in grid), None)
        row: list[Cell] = [said((stage_of(here),) if here is not None else f"{stage}")]
        for name in names:
            cell = grid.get((stage, name))
            if cell is None or not cell.measured:
                row.append(said("–"))
                continue
            ends = interval(cell, score_range)
            value = amount(cell, score_range)[:1]
            row.append(said((*value, *((" (", *ends, ")") if ends else ()))))
        body.append(row)
    head = [column("Stage"), *(column((Name(clean(name)),), numeric=True) for name in names)]
    return table_view("Score by stage and task", head, body, found=False)


def _tall_table(names: Sequence[str], stages: Sequence[int], grid: dict[Any, Estimate], score_range: Range) -> Cell:
    """One row a task, since a column a task would be too wide to read: before its arrival, at it, and at the end."""
    body = []
    for place, name in enumerate(names, start=1):
        row: list[Cell] = [name_cell(name)]
        for stage in (place - 1, place, stages[-1] if stages else place):
            cell = grid.get((stage, name))
            known = cell is not None and cell.measured
            row.append(said(amount(cell, score_range)[:1]) if cell is not None and known else said("–"))
            ends = interval(cell, score_range) if cell is not None and known else ()
            row.append(said(ends or "–"))
        body.append(row)
    heads = [column("Task")]
    for when in ("Just before its arrival", "At its arrival", "After the last stage"):
        heads += [column(when, numeric=True), column("Interval", numeric=True)]
    note = "All other cells of the matrix stand in estimates.csv and results.json."
    return table_view("Score of each task before, at and after its arrival", heads, body, note=note, found=False)
