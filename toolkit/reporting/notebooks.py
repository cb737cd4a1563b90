"""Which notebooks make a report, in which wave, and was one executed as a report needs it?

Success is not papermill's word alone: no error in any output, every code cell executed, and (in the first
wave) its part of the results written and readable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import RunFailed, UsageError

SECOND_WAVE = ("summary", "releases")
"""Notebooks that read the parts which the others wrote, and therefore run after them."""

INDEX_PAGE = "summary"
"""The notebook whose page is a release's index.html."""

OWN = "notebooks"
"""The folder of a stream for notebooks of its own."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FROM_PAPERMILL = {"injected-parameters", "papermill-error-cell-tag"}
_ORDER = ("summary", "transfer", "forgetting", "feedback", "divergence", "generation", "releases")


@dataclass(frozen=True)
class Notebook:
    """One notebook of a report."""

    path: Path

    @property
    def name(self) -> str:
        """Its name, which is also that of its part."""
        return self.path.stem

    @property
    def page(self) -> str:
        """The file name of its page."""
        return "index.html" if self.name == INDEX_PAGE else f"{self.name}.html"

    @property
    def second_wave(self) -> bool:
        """Whether it runs after the others."""
        return self.name in SECOND_WAVE

    @property
    def own(self) -> bool:
        """Whether it is somebody's own, which may write a part of the results or none."""
        return self.name not in _ORDER

    @property
    def heading(self) -> str | None:
        """The heading that it begins with (`# ...`), None where there is none."""
        try:
            first = json.loads(self.path.read_text(encoding="utf-8"))["cells"][0]
            line = "".join(first["source"]).strip().partition("\n")[0]
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        return line[2:].strip() or None if first.get("cell_type") == "markdown" and line.startswith("# ") else None


def find_notebooks(folder: Path, own: Path | None = None) -> tuple[Notebook, ...]:
    """The notebooks in `folder` in the order of the navigation: the known ones, then others by name.

    own: a folder with more of them, where it exists. Raises UsageError where `folder` has none, and where a name
    would take the place of another page or does not fit into an address.
    """
    paths = _notebooks_in(folder)
    if not paths:
        raise UsageError(f"{folder}: holds no notebooks; give the folder that holds summary.ipynb")
    paths += [] if own is None else _notebooks_in(own)
    taken: dict[str, Path] = {}
    for path in paths:
        if path.stem.lower() == "index":
            raise UsageError(f"{path}: its page would be the summary's index.html; rename the notebook")
        if path.stem.lower() in taken:
            raise UsageError(f"{path}: its page would take the place of {path.stem}.html; rename the notebook")
        if not _NAME.fullmatch(path.stem):
            raise UsageError(f"{str(path)!a}: name it with letters, digits, - and _ alone, as its page's address")
        taken[path.stem.lower()] = path
    return _in_order(paths)


def with_published(notebooks: Iterable[Notebook], published: Path) -> tuple[Notebook, ...]:
    """`notebooks` and, as they were executed, those of a report's folder `published` that are not among them."""
    known = {notebook.name: notebook.path for notebook in notebooks}
    more = [path for path in _notebooks_in(published) if path.stem not in known]
    return _in_order([*known.values(), *more])


def waves(notebooks: Iterable[Notebook]) -> list[tuple[str, list[Notebook]]]:
    """What runs side by side, one wave after the other, each with what it is: the axes, one's own, those that sum up.

    So a notebook of one's own can read what the axes found, and the summary what it found.
    """
    found: dict[str, list[Notebook]] = {}
    titles = ("Running the notebooks", "Running notebooks of your own", "Running summary and releases")
    for notebook in notebooks:
        title = titles[2 if notebook.second_wave else 1 if notebook.own else 0]
        found.setdefault(title, []).append(notebook)
    return [(title, found[title]) for title in titles if title in found]


def _notebooks_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.ipynb") if not p.name.startswith(".")) if folder.is_dir() else []


def _in_order(paths: list[Path]) -> tuple[Notebook, ...]:
    place = {name: number for number, name in enumerate(_ORDER[:-1])}
    place |= {_ORDER[-1]: len(paths) + len(_ORDER)}
    return tuple(Notebook(p) for p in sorted(paths, key=lambda p: (place.get(p.stem, len(_ORDER)), p.stem)))


def check_parameters(cells: list[dict[str, Any]], path: Path) -> None:
    """Refuse a notebook without exactly one code cell tagged `parameters` (papermill would run it unset)."""
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1 or tagged[0].get("cell_type") != "code":
        raise RunFailed(
            f"{path}: {len(tagged)} cells are tagged 'parameters'; tag exactly one code cell, the one that "
            "names stream, cube, baseline, parts and history"
        )


def unfinished(cells: list[dict[str, Any]]) -> str | None:
    """What speaks against an executed notebook: an error output or a code cell that never ran; else None."""
    for number, cell in numbered(cells):
        if cell.get("cell_type") != "code" or not "".join(cell.get("source", "")).strip():
            continue
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                return f"cell {number}: {one_line(output.get('ename'))}: {one_line(output.get('evalue'))}"
        if cell.get("execution_count") is None:
            return f"cell {number}: was never executed; an earlier cell ended the notebook"
    return None


def last_cell(cells: list[dict[str, Any]]) -> int | None:
    """The number of the cell that was running when the kernel ended, else of the last that ended well."""
    states = [(n, c.get("metadata", {}).get("papermill", {}).get("status")) for n, c in numbered(cells)]
    running = [n for n, state in states if state in ("running", "failed")]
    done = [n for n, state in states if state == "completed"]
    return next(iter(running or done[-1:]), None)


def numbered(cells: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Cells with the number they have in the source, from 1; what papermill put in has a neighbour's."""
    own = [not _FROM_PAPERMILL & set(c.get("metadata", {}).get("tags", [])) for c in cells]
    return [(max(1, sum(own[: place + 1])), cell) for place, cell in enumerate(cells)]


def check_part(path: Path) -> str | None:
    """What speaks against a part of the results, the file that a notebook writes as its last act."""
    from pydantic import ValidationError

    from toolkit.review import Part

    try:
        part = Part.model_validate_json(path.read_bytes())
    except OSError:
        return f"wrote no part {path.name}; end it with run.save({path.stem!r}, ...)"
    except ValidationError as error:
        return f"wrote a part {path.name} that is not valid ({one_line(error, 200)})"
    if part.part != path.stem:
        return f"wrote a part that calls itself {one_line(part.part, 60)!r}; save it as {path.stem!r}"
    return None


def make_reopenable(executed: Path, partial: Path, build: Path) -> None:
    """Let an executed notebook of the build under construction `partial` name the paths it has in `build`.

    So that it runs again where it is published; `parts` becomes "", because opened alone it writes nothing.
    """
    notebook = json.loads(executed.read_text(encoding="utf-8").replace(_inside(partial), _inside(build)))
    for cell in notebook["cells"]:
        if "injected-parameters" in cell.get("metadata", {}).get("tags", []):
            lines = "".join(cell["source"]).splitlines(keepends=True)
            cell["source"] = ['parts = ""\n' if line.startswith("parts = ") else line for line in lines]
    notebook["metadata"].get("papermill", {}).get("parameters", {}).update(parts="")
    executed.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _inside(path: Path) -> str:
    """A path as it stands inside a JSON string."""
    return json.dumps(str(path), ensure_ascii=False)[1:-1]


def one_line(text: object, longest: int = 300) -> str:
    """Text of any origin as one printable line."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
