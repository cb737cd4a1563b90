"""What does a published report say, and how is it opened again?

release = open_release("reports/my-stream/2026.11")
release.finding("backward_transfer/stream/billing")
release.estimates.backward_transfer  # as a set to filter, show and export
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import UsageError
from toolkit.notebook.estimates import Estimates
from toolkit.notebook.opening import open_run
from toolkit.notebook.run import Run
from toolkit.results import Estimate, Results

if TYPE_CHECKING:
    from toolkit.cube import Cube


@dataclass(frozen=True, repr=False)
class Release:
    """One publication: its numbers as they were published, and the cube they were computed from."""

    folder: Path
    results: Results

    @cached_property
    def estimates(self) -> Estimates:
        """All estimates, as they were published."""
        low, high = self.results.provenance.config.get("score_range", (0.0, 1.0))
        return Estimates(self.results.estimates, (float(low), float(high)))

    def finding(self, estimate_id: str) -> Estimate:
        """The estimate of this id, as it was published; KeyError with the nearest ids where there is none."""
        return self.estimates.finding(estimate_id)

    @cached_property
    def cube(self) -> Cube:
        """The small tables that the release was computed from."""
        from toolkit.cube import load_cube

        return load_cube(self.folder / "cube")

    def run(self) -> Run:
        """The release for new analyses, beside its baseline where that lies in the same reports folder."""
        return self._run

    @cached_property
    def _run(self) -> Run:
        stream = self.folder.parent.parent if self.results.look or self.results.revision > 1 else self.folder.parent
        before = stream / (self.results.baseline or "")
        known = bool(self.results.baseline) and (before / "results.json").is_file()
        return open_run(
            cube=str(self.folder / "cube"), baseline=str(before) if known else "", release=self.results.release
        )

    def __repr__(self) -> str:
        found = self.results
        return f"Release({found.stream}, {found.release}: {found.verdict}, {len(found.estimates)} estimates)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from toolkit.notebook.cards import release_block

        return release_block(self)._repr_mimebundle_(include, exclude)


def open_release(folder: str | Path) -> Release:
    """A published report by its folder or one of its pages. Raises UsageError where none lies there."""
    path = Path(folder)
    place = path.parent if path.suffix == ".html" else path
    try:
        raw = json.loads((place / "results.json").read_text(encoding="utf-8"))
        return Release(place, Results.model_validate(raw))
    except OSError:
        raise UsageError(f"{place}: holds no results.json; give the folder of a published report") from None
    except ValueError as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"{place / 'results.json'}: cannot be read ({first}); restore it from a backup") from None
