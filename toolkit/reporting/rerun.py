"""Does a published report's stored cube still give its numbers, with the toolkit as it is now?

The notebooks are executed again in a temporary place with the parameters they had; nothing published is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import UsageError
from toolkit.reporting.layout import LATEST, RESULTS
from toolkit.reporting.notebooks import find_notebooks, one_line, waves, with_published
from toolkit.reporting.parameters import stored_parameters
from toolkit.reporting.request import Progress, Silent
from toolkit.temporary import temporary_folder

if TYPE_CHECKING:
    from toolkit.results import Results

ABSENT = "absent"
_LEFT_OUT = ("provenance",)
"""What tells when, where and by whom, and is not computed from the cube."""


@dataclass(frozen=True)
class Difference:
    """One entry of results.json that is not the same; `ABSENT` where one side has none.

    id: the estimate's id, else the part of results.json (such as "axes/forgetting").
    """

    id: str
    field: str
    published: object
    now: object


@dataclass(frozen=True)
class Comparison:
    """How many published numbers were compared, and every entry that differs."""

    numbers: int
    differences: tuple[Difference, ...]


def rerun(
    report: Path,
    *,
    jobs: int = 2,
    timeout: float = 600.0,
    notebooks: Path | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Analyse the cube stored with the publication in `report` again, and compare with its results.json.

    Raises UsageError where no publication lies there, RunFailed where a notebook fails or the cube is damaged.
    """
    published = _published(report)
    folder = report.parent / report.name if report.name != LATEST else report.resolve()
    folder = folder.absolute()
    if not (folder / "cube" / "meta.json").is_file():
        raise UsageError(f"{folder / 'cube'}: no stored cube; only a report that still has its cube can be rerun")
    with temporary_folder() as place:
        now = _analysed(folder, published, place, jobs, timeout, notebooks, progress or Silent())
    return compare(json.loads((folder / RESULTS).read_bytes()), json.loads(now.model_dump_json()))


def compare(published: dict[str, Any], now: dict[str, Any]) -> Comparison:
    """Every entry of two results (as JSON) that differs, except for provenance; numbers must be equal bit for bit."""
    before, after = dict(_entries(published)), dict(_entries(now))
    numbers = sum(isinstance(value, (int, float)) and not isinstance(value, bool) for value in before.values())
    keys = [*before, *(key for key in after if key not in before)]
    differences = tuple(
        Difference(*key, before.get(key, ABSENT), after.get(key, ABSENT))
        for key in keys
        if key not in before or key not in after or before[key] != after[key]
    )
    return Comparison(numbers, differences)


def _analysed(
    folder: Path,
    published: Results,
    place: Path,
    jobs: int,
    timeout: float,
    source: Path | None,
    progress: Progress,
) -> Results:
    from toolkit import resources
    from toolkit.reporting.execute import Work, run_wave
    from toolkit.review import assemble

    books = with_published(find_notebooks(source or resources.notebooks_folder()), folder / "notebooks")
    parts, executed, work = place / "parts", place / "notebooks", place / "work"
    for made in (parts, executed, work):
        made.mkdir()
    given = stored_parameters(folder, published.stream) | {"parts": str(parts)}
    shared = Work(given, parts, executed, work, timeout, jobs)
    for text, wave in waves(books):
        progress.step(text)
        run_wave(wave, shared, lambda book, state, s: progress.notebook(book.name, state, s))
    return assemble(
        parts,
        cube=folder / "cube",
        release=published.release,
        look=published.look,
        revision=published.revision,
        baseline=published.baseline,
        provenance=published.provenance,
        stale=published.stale,
    )


def _published(report: Path) -> Results:
    from toolkit.results import Results

    path = report / RESULTS
    try:
        return Results.model_validate_json(path.read_bytes())
    except OSError:
        raise UsageError(f"{report}: holds no {RESULTS}; give the folder of a published report") from None
    except ValueError as error:
        raise UsageError(f"{path}: cannot be read ({one_line(error, 200)}); restore it from a backup") from None


def _entries(results: dict[str, Any]) -> Iterator[tuple[tuple[str, str], object]]:
    """Every leaf of the results as ((id, field), value)."""
    for name, part in results.items():
        if name in _LEFT_OUT:
            continue
        if not isinstance(part, list):
            for field, value in _leaves(part):
                yield (name, field), value
            continue
        for place, entry in enumerate(part):
            own = entry.get("id") or f"{name}/{entry.get('axis') or entry.get('task') or place}"
            for field, value in _leaves(entry):
                yield (str(own), field), value


def _leaves(value: object, field: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, (dict, list)):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from _leaves(one, f"{field}.{name}" if field else str(name))
    else:
        yield field, value
