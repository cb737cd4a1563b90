"""How do another tool's logs come in? The declaration; what it does is imported when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_logs(
    format_: Annotated[
        str | None, typer.Argument(metavar="[FORMAT]", help="the tool whose logs they are; without one, lists all")
    ] = None,
    source: Annotated[
        Path | None, typer.Argument(metavar="[SOURCE]", help="file or folder; without one, lists the format's settings")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="folder of the stream's log")] = None,
    stages: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV: run, checkpoint or date, and its stage (arm, seed, order, step, task)"),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=NAME", help="a column of the source and its name in the log; repeatable"),
    ] = None,
    tasks: Annotated[str | None, typer.Option(metavar="A,B,...", help="tasks in order of arrival")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="a setting of the format; repeatable")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="TABLE", help="what the source holds: evaluations, feedback or samples")
    ] = None,
    part: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="name of this import in the folder; default: the format")
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="write Parquet instead of JSON lines")] = False,
    missing: Annotated[
        str, typer.Option(metavar="WHEN", help="a row without a score: reject (left out, counted) or wrong (the worst)")
    ] = "reject",
) -> None:
    """Write another tool's logs as a stream folder, with a stream.toml, and say what could not be mapped.

    Importing again replaces what the import of that name wrote, and nothing else.
    """
    from toolkit.cli.imports import imports

    imports(
        format_,
        source,
        to,
        stages=stages,
        columns=column or (),
        tasks=tasks,
        settings=setting or (),
        kind=kind,
        part=part,
        parquet=parquet,
        missing=missing,
    )
