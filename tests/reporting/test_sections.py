"""Sections that have nothing to show on a log are named in one line and take no further room."""

from __future__ import annotations

from pathlib import Path

from nbformat.v4 import new_markdown_cell

from tests.invented import by_task
from tests.reporting.pages import PAGE, output, shown, write
from toolkit.figures import estimates_table, forest, table
from toolkit.reporting.render import render_notebook


def page_of(folder: Path, *cells: object) -> str:
    return render_notebook(write(folder, cells), PAGE)


def test_a_bare_section_is_named_and_left_out(tmp_path: Path) -> None:
    """An empty figure and a table of nothing measured; what stands around them stays."""
    absent = [e.model_copy(update={"value": None, "low": None, "high": None, "reason": "needs x"}) for e in by_task()]
    html = page_of(
        tmp_path, new_markdown_cell("## First"), shown(table("Kept", ["a"], [["b"]])),
        new_markdown_cell("## Second\n\nIts prose."), shown(forest([])), shown(estimates_table(absent, "Gone")),
        new_markdown_cell("## Third <i>one</i>"), shown(forest(absent)),
        new_markdown_cell("## Fourth"), shown(table("Also kept", ["a"], [["b"]])),
    )  # fmt: skip
    body = html.partition("</style>")[2]
    assert "<b>Second</b>; <b>Third &lt;i&gt;one&lt;/i&gt;</b>" in body
    assert "Its prose." not in body
    assert "Gone" not in body
    assert body.index("First") < body.index("<b>Second</b>") < body.index("Fourth")
    assert "Also kept" in body


def test_a_section_with_anything_else_stays(tmp_path: Path) -> None:
    """Text of an analyst beside an empty block, and a section without any block."""
    html = page_of(
        tmp_path, new_markdown_cell("## Mine"), shown(table("Nothing", ["a"], [])), output({"text/plain": "by hand"}),
        new_markdown_cell("## Words\n\nOnly prose."),
    )  # fmt: skip
    body = html.partition("</style>")[2]
    assert "by hand" in body
    assert "<b>Nothing:</b> Nothing to show." in body
    assert "Only prose." in body
    assert "does not hold" not in body
