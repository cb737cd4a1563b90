"""Which streams have a known truth, and how well do intervals hold there? Declared here, done elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to write the stream logs")],
    jobs: Annotated[int, typer.Option(help="processes at once; 0 for the number of processors")] = 0,
) -> None:
    """Run the bundled pipeline on real data (handwritten digits) and write the logs of its three releases."""
    from toolkit.cli.demo import demo

    demo(folder, jobs)


def simulate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to write the stream's log, a new folder")],
    scenario: Annotated[str, typer.Option(help="which kind of stream; an unknown name lists them")] = "default",
    seed: Annotated[int, typer.Option(help="other seeds draw other data with the same true values")] = 0,
) -> None:
    """Write the log of a simulated stream, and beside it truth.json with the true values by estimate id."""
    from toolkit.cli.simulate import simulate

    simulate(folder, scenario, seed)


def calibrate(
    scenario: Annotated[
        str | None, typer.Option(help="one study, or all whose names begin so; an unknown name lists them")
    ] = None,
    replicates: Annotated[int, typer.Option(help="simulated data sets a study")] = 2000,
    jobs: Annotated[int, typer.Option(help="processes at once; the numbers do not depend on it")] = 2,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="write the table there, in Markdown")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="of a Dask cluster that does it, as in tcp://head:8786")
    ] = None,
) -> int:
    """Measure coverage, width and false alarms of the toolkit's intervals where the truth is known.

    Exit code 1 where a line does not lie where it must.
    """
    from toolkit.cli.calibrate import calibrate

    return calibrate(scenario, replicates, jobs, out, scheduler)
