"""Notebooks as they are after execution, from blocks and other outputs, for tests of pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.invented import (
    HISTORY,
    LEDGER,
    NOTICES,
    PLAN,
    SENTENCE,
    TASKS,
    axes,
    by_task,
    headline_estimates,
    matrix,
)
from toolkit.figures import (
    Block,
    estimates_table,
    forest,
    gaps,
    headline,
    ledger_table,
    notes,
    plan_table,
    score_matrix,
    sheet,
)
from toolkit.reporting.page import Link, Page

PAGE = Page(
    title="Support-ticket labelling",
    heading="What should we do?",
    stream="support-tickets",
    release="2026.11",
    date="23 November 2026",
    baseline="2026.10",
    pages=(Link("Summary", "index.html", True), Link("Forgetting", "forgetting.html")),
    notebook="notebooks/summary.ipynb",
    fingerprint="9f31c2aa0b11",
    toolkit="0.1.0",
    footer=(Link("results.json", "results.json"),),
)


def shown(block: Block, source: str = "hidden_code()") -> Any:
    """A code cell that has shown a block."""
    data = dict(block._repr_mimebundle_())
    return new_code_cell(source, execution_count=1, outputs=[new_output("execute_result", data, execution_count=1)])


def output(data: dict[str, Any], **metadata: Any) -> Any:
    """A code cell that has shown something else."""
    return new_code_cell("x", execution_count=1, outputs=[new_output("display_data", data, metadata=metadata)])


def write(folder: Path, cells: Sequence[Any], name: str = "page.ipynb") -> Path:
    """The notebook file of `cells`."""
    path = folder / name
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def summary(folder: Path) -> Path:
    """A summary notebook."""
    estimates = headline_estimates()
    return write(
        folder,
        [
            new_code_cell("stream = 'x'", execution_count=1),
            shown(sheet("act", SENTENCE, 5, axes(), list(estimates.values()), HISTORY)),
            new_markdown_cell("## Where people must stay"),
            shown(plan_table(PLAN)),
            new_markdown_cell("## What could not be measured"),
            shown(gaps(by_task())),
            new_markdown_cell("#### Data behind this page"),
            shown(ledger_table(LEDGER, NOTICES)),
            shown(notes(["Labels are a random sample."], [], [], ["Whether people are right."], ["margin"])),
        ],
        "summary.ipynb",
    )


def axis_page(folder: Path, tasks: tuple[str, ...] = TASKS) -> Path:
    """An axis notebook with figures, one of them twice."""
    estimates = by_task(tasks=tasks)
    figure = forest(estimates)
    return write(
        folder,
        [
            shown(headline(axes()[0], headline_estimates()["forgetting"])),
            new_markdown_cell("## Task by task"),
            shown(figure),
            shown(figure),
            shown(score_matrix(matrix(tasks))),
            shown(estimates_table(estimates, "Backward transfer by task")),
        ],
        "forgetting.ipynb",
    )
