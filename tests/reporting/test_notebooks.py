"""Is a notebook that did less than a report needs told from one that did it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.reporting.support import write_notebook
from toolkit.errors import RunFailed, UsageError
from toolkit.reporting.notebooks import (
    check_parameters,
    check_part,
    find_notebooks,
    last_cell,
    make_reopenable,
    one_line,
    unfinished,
)


def cell(count: int | None, *outputs: dict[str, Any], tags: tuple[str, ...] = (), source: str = "1") -> dict[str, Any]:
    """A code cell as nbformat stores it."""
    return {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {"tags": list(tags)},
        "outputs": list(outputs),
        "source": source,
    }


ERROR = {"output_type": "error", "ename": "KeyError", "evalue": "'a\nb'", "traceback": []}


def test_a_finished_notebook_has_nothing_against_it() -> None:
    text = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    assert unfinished([text, cell(1), cell(None, source=" \n"), cell(2)]) is None


def test_a_cell_that_never_ran_is_named() -> None:
    assert (unfinished([cell(1), cell(None)]) or "").startswith("cell 2: was never executed")


def test_an_error_is_one_line_with_its_cell() -> None:
    assert unfinished([cell(1), cell(2, ERROR)]) == "cell 2: KeyError: 'a b'"


def test_cells_are_numbered_as_in_the_source() -> None:
    """Cells that papermill puts in do not shift the numbers that people see in their notebook."""
    injected = cell(2, tags=("injected-parameters",))
    mark = {"cell_type": "markdown", "metadata": {"tags": ["papermill-error-cell-tag"]}, "source": "!"}
    cells = [mark, cell(1, tags=("parameters",)), injected, mark, cell(3, ERROR)]
    assert (unfinished(cells) or "").startswith("cell 2: ")
    cells[-1]["metadata"]["papermill"] = {"status": "running"}
    assert last_cell(cells) == 2


def test_order_is_that_of_the_navigation(tmp_path: Path) -> None:
    """Summary first, releases last, one's own between; hidden files are no notebooks."""
    for name in ("releases", "summary", "zebra", "ants", "forgetting", "transfer"):
        write_notebook(tmp_path, name)
    (tmp_path / ".~ants.ipynb").write_text("{}")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    found = find_notebooks(tmp_path)
    assert [nb.name for nb in found] == ["summary", "transfer", "forgetting", "ants", "zebra", "releases"]
    assert [nb.page for nb in found][:2] == ["index.html", "transfer.html"]
    assert [nb.name for nb in found if nb.second_wave] == ["summary", "releases"]


def test_no_notebooks_and_a_clash_of_pages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no notebooks"):
        find_notebooks(tmp_path / "none")
    write_notebook(tmp_path, "index")
    with pytest.raises(UsageError, match="rename the notebook"):
        find_notebooks(tmp_path)


@pytest.mark.parametrize("tags", [[], ["parameters", "parameters"]])
def test_exactly_one_parameters_cell(tags: list[str]) -> None:
    cells = [cell(1, tags=(tag,)) for tag in tags] or [cell(1)]
    with pytest.raises(RunFailed, match=f"{len(tags)} cells are tagged 'parameters'"):
        check_parameters(cells, Path("a.ipynb"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "wrote no part a.json"),
        ('{"part": "a"', "not valid"),
        ("[]", "not valid"),
        ('{"part": "a", "estimates": [{"quantity": "score"}]}', "not valid"),
        ('{"part": "b"}', "calls itself 'b'"),
        ('{"part": "a"}', None),
    ],
)
def test_a_part_is_valid_and_the_notebooks_own(tmp_path: Path, content: str | None, problem: str | None) -> None:
    if content is not None:
        (tmp_path / "a.json").write_text(content)
    found = check_part(tmp_path / "a.json")
    assert (found is None) if problem is None else (found is not None and problem in found)


def test_an_executed_notebook_opens_where_it_is_published(tmp_path: Path) -> None:
    """Paths of the build under construction become those of the build; run alone it writes no part."""
    partial, build = tmp_path / 'x"ü.partial', tmp_path / 'x"ü'
    source = [f"cube = {str(partial / 'cube')!r}\n", f"parts = {str(partial / '.work/parts')!r}\n"]
    book = {
        "cells": [
            cell(1, tags=("parameters",), source="parts = ''"),
            cell(2, tags=("injected-parameters",)) | {"source": source},
        ],
        "metadata": {"papermill": {"parameters": {"cube": str(partial / "cube"), "parts": "x"}}},
    }
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")
    make_reopenable(path, partial, build)
    read = json.loads(path.read_text(encoding="utf-8"))
    values: dict[str, str] = {}
    exec("".join(read["cells"][1]["source"]), values)  # noqa: S102
    assert values["cube"] == str(build / "cube")
    assert values["parts"] == ""
    assert read["metadata"]["papermill"]["parameters"] == {"cube": str(build / "cube"), "parts": ""}


def test_one_line_is_one_line() -> None:
    assert one_line("a\n\x1b[31mb\t c\u202e") == "a [31mb c"
    assert len(one_line("x" * 1000)) == 300
