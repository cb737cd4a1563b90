"""`streamreview calibrate`: runs the calibration study, prints its lines as they come, and writes the table."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.show import say, warn
from toolkit.cli.signals import end_if_asked
from toolkit.errors import RunFailed, UsageError

if TYPE_CHECKING:
    from toolkit.simulation.calibration.measured import Measured
    from toolkit.simulation.calibration.study import Study

OUT_OF_BAND = 1


def calibrate(scenario: str | None, replicates: int, jobs: int, out: Path | None, scheduler: str | None = None) -> int:
    """Run the studies and return 0, or 1 where a line does not lie where it must.

    scenario: one study, or all those whose names begin so; out: where the table goes, in Markdown
    scheduler: address of a Dask cluster that does it, None for this machine
    """
    from toolkit.cli.cluster import on_cluster
    from toolkit.simulation.calibration.running import run_studies
    from toolkit.simulation.calibration.table import summary

    if replicates < 2 or jobs < 1:
        raise UsageError("--replicates must be at least 2, and --jobs at least 1")
    if out is not None and not out.parent.is_dir():
        raise UsageError(f"{out.parent}: no such folder; make it, or name another with --out")
    studies = _chosen(scenario)
    start = time.monotonic()
    found: dict[str, tuple[Measured, ...]] = {}
    with on_cluster(scheduler), closing(run_studies(studies, replicates, jobs=jobs)) as results:
        for lines in results:
            end_if_asked()
            found[lines[0].study] = lines
            for line in lines:
                _tell(line)
    ordered = [line for study in studies for line in found[study.name]]
    say(f"{summary(ordered)} It took {time.monotonic() - start:.0f} s.")
    if out is not None:
        _write(out, ordered)
    if all(line.ok for line in ordered):
        return 0
    warn("some lines do not lie where they must")
    return OUT_OF_BAND


def _chosen(scenario: str | None) -> list[Study]:
    from toolkit.simulation.calibration.registry import STUDIES

    if scenario is None:
        return list(STUDIES.values())
    if scenario in STUDIES:
        return [STUDIES[scenario]]
    chosen = [study for name, study in STUDIES.items() if name.startswith(scenario)]
    if not chosen:
        raise UsageError(f"no scenario {scenario!r}; there are {', '.join(STUDIES)}")
    return chosen


def _tell(line: Measured) -> None:
    from toolkit.simulation.calibration.table import cells

    study, what, scope, method, claims, value, error, width, refused, replicates, band, ok = cells(line)
    mark = " (negative control)" if line.line.negative else ""
    say(f"{ok:2}  {value:>7} ±{error}  must be {band}{mark}  {study}: {what} [{scope}; {method}]; claims {claims}, "
        f"width {width}, refused {refused}, {replicates} replicates")  # fmt: skip


def _write(out: Path, lines: list[Measured]) -> None:
    from toolkit.simulation.calibration.table import page

    try:
        out.write_text(page(lines), encoding="utf-8")
    except OSError as error:
        raise RunFailed(f"{out}: {error.strerror or error}; name another file with --out") from error
    say(f"Written: {out}")
