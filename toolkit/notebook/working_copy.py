"""How does an analyst get from a finding on a page to the notebook behind it, without touching the report?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit import resources
from toolkit.errors import UsageError
from toolkit.notebook.analysing import PAGES
from toolkit.notebook.release import Release, open_release

_MADE_AGAIN = "the report's own notebooks were pruned; this is the notebook of today with the report's parameters"


@dataclass(frozen=True)
class WorkingCopy:
    """A notebook of one's own, and what its reader must know (the log has changed since, or is gone)."""

    path: Path
    made: bool
    warnings: tuple[str, ...]


def working_copy(report: str, to: Path) -> WorkingCopy:
    """Copy the notebook behind `report`, the folder or a page of a publication, with `#finding` where one is meant.

    A copy that is there already is left as it is: it may hold somebody's work. Raises UsageError where report or
    finding are unknown, or the copy cannot be written.
    """
    import nbformat

    place, _, finding = report.partition("#")
    release = open_release(place)
    page = _page(release, Path(place), finding)
    source = release.folder / "notebooks" / f"{page}.ipynb"
    there = source.is_file()
    notebook = nbformat.read(source, as_version=4) if there else _made_again(release, page)  # type: ignore[no-untyped-call]
    path = to / f"{release.results.stream}-{release.results.release}-{page}.ipynb"
    warnings = (*(() if there else (_MADE_AGAIN,)), *_changed(release, notebook))
    if path.exists():
        return WorkingCopy(path, made=False, warnings=warnings)
    if finding:
        notebook.cells[len(notebook.cells) :] = _about(release, finding)
    try:
        to.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another folder with --to") from None
    return WorkingCopy(path, made=True, warnings=warnings)


def _made_again(release: Release, page: str) -> Any:
    """The notebook of today with the report's parameters."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    from toolkit.reporting.parameters import stored_parameters

    source = resources.notebooks_folder() / f"{page}.ipynb"
    if not source.is_file():
        raise UsageError(f"{source}: no such notebook; the report was pruned or is incomplete")
    given = stored_parameters(release.folder.resolve(), release.results.stream)
    return parameterize_notebook(load_notebook_node(str(source)), given, kernel_name="python3", language="python")


def _page(release: Release, place: Path, finding: str) -> str:
    """The notebook: of the finding's axis, else of the page, else the summary."""
    if finding:
        try:
            return PAGES[release.finding(finding).axis]
        except KeyError as error:
            raise UsageError(f"{release.folder}: {error.args[0]}") from None
    return place.stem if place.suffix == ".html" and place.stem != "index" else "summary"


def _about(release: Release, finding: str) -> list[object]:
    import nbformat

    code = f"from toolkit import open_release\n\nrelease = open_release({str(release.folder.resolve())!r})\n"
    made = [
        nbformat.v4.new_markdown_cell("## The finding, as it was published"),  # type: ignore[no-untyped-call]
        nbformat.v4.new_code_cell(f"{code}release.finding({finding!r})"),  # type: ignore[no-untyped-call]
    ]
    return list(made)


def _changed(release: Release, notebook: object) -> tuple[str, ...]:
    """Whether the log behind the report still is what it was: the notebook itself reads the stored cube."""
    from toolkit.logs.fingerprint import fingerprint, inputs_of

    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})  # type: ignore[attr-defined]
    stream = Path(parameters.get("stream") or "")
    if not parameters.get("stream") or not stream.is_dir():
        return (f"the log is no longer at {stream}; the notebook reads the cube that is stored with the report",)
    if fingerprint(inputs_of(stream)) != release.cube.meta.fingerprint:
        return (f"{stream} has changed since the report; the notebook reads the cube that is stored with the report",)
    return ()
