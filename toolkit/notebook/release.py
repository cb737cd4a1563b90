"""What does a published report say, and how is it opened again?

release = open_release("reports/my-stream/2026.11")
release.finding("backward_transfer/stream/billing")
release.frame()  # all estimates, one row each
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.notebook.opening import open_run
from toolkit.notebook.run import Run, to_frame
from toolkit.results import Estimate, Results

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.cube import Cube


@dataclass(frozen=True)
class Release:
    """One publication: its numbers as they were published, and the cube they were computed from."""

    folder: Path
    results: Results

    def finding(self, estimate_id: str) -> Estimate:
        """The estimate of this id, as it was published; KeyError with the nearest ids where there is none."""
        found = self._by_id.get(estimate_id)
        if found is None:
            import difflib

            near = difflib.get_close_matches(estimate_id, list(self._by_id), n=3, cutoff=0.5)
            raise KeyError(f"no estimate {estimate_id!r}" + (f"; near it: {', '.join(near)}" if near else ""))
        return found

    @cached_property
    def _by_id(self) -> dict[str, Estimate]:
        return {e.id: e for e in self.results.estimates}

    def frame(self) -> pd.DataFrame:
        """All estimates, one row each, indexed by id."""
        return to_frame(self.results.estimates)

    @cached_property
    def cube(self) -> Cube:
        """The small tables that the release was computed from."""
        from toolkit.cube import load_cube

        return load_cube(self.folder / "cube")

    def run(self) -> Run:
        """The release for new analyses, beside its baseline where that lies in the same reports folder."""
        stream = self.folder.parent.parent if self.results.look or self.results.revision > 1 else self.folder.parent
        before = stream / (self.results.baseline or "")
        known = bool(self.results.baseline) and (before / "results.json").is_file()
        return open_run(
            cube=str(self.folder / "cube"), baseline=str(before) if known else "", release=self.results.release
        )


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
