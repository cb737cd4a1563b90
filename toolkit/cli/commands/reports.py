"""How is a report made and published? Declared here, done by modules imported on call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.commands.options import Out, Template, folder_of
from toolkit.errors import UsageError


def run(
    context: typer.Context,
    stream: Annotated[
        Path | None,
        typer.Argument(metavar="[STREAM]", parser=folder_of, help="folder of the stream's log, or its URL"),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="instead of STREAM: the many streams of this file")
    ] = None,
    again: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="REPORT", help="instead of STREAM: analyse this report's stored cube again and compare"
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option(help="name of the release; without one, and none in stream.toml, a look")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="release to compare with; default: the one before")] = None,
    out: Out = Path("reports"),
    jobs: Annotated[int, typer.Option(help="notebooks at once; 0 for the number of processors")] = 0,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="act,alarm,...",
            help="exit with 3 on any of act, watch, unclear, not-measured, healthy, alarm, or none. "
            "Default: none, but with a regulated task everything except healthy. "
            "Provisional margins do not count",
        ),
    ] = None,
    template: Template = None,
    timeout: Annotated[float, typer.Option(help="seconds that a notebook may take")] = 600.0,
    memory: Annotated[
        str | None,
        typer.Option(metavar="4G", help="data that a notebook's kernel may hold, in M or G; default: no limit"),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="where the log is reduced: duckdb, or spark for Parquet on a cluster's storage")
    ] = "duckdb",
    force: Annotated[bool, typer.Option("--force", help="run even where nothing has changed")] = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="write the review as JUnit XML, for CI")] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="tell this Apprise address, or env:NAME for one in a variable; may be repeated"
        ),
    ] = None,
    notify_on: Annotated[
        str,
        typer.Option(metavar="WHEN", help="change (of the verdict), failure or always; a failed run is always told"),
    ] = "change",
) -> int:
    """Read, reduce, run the notebooks, render and publish. A second run on unchanged input does nothing."""
    if [stream, config, again].count(None) != 2:
        raise UsageError("run: give one of STREAM, --config FILE and --from REPORT; see streamreview run --help")
    if config is not None:
        _refuse_beside(context, "--config", {"config"})
        from toolkit.cli.many import many

        return many(config)
    if again is not None:
        _refuse_beside(context, "--from", {"again", "jobs", "timeout"})
        from toolkit.cli.many import rerun

        return rerun(again, jobs=jobs, timeout=timeout)
    if stream is None:
        raise AssertionError
    from toolkit.cli.run import run

    return run(
        stream=stream,
        release=release,
        baseline=baseline,
        reports=out,
        jobs=jobs,
        fail_on=fail_on,
        template=template,
        timeout=timeout,
        memory=memory,
        engine=engine,
        force=force,
        junit=junit,
        notify=notify or (),
        notify_on=notify_on,
    )


def _refuse_beside(context: typer.Context, option: str, allowed: set[str]) -> None:
    """Raise UsageError where the command line says more than goes with `option`: nothing is dropped silently."""
    given = [p for p in context.command.params if p.name and p.name not in allowed]
    names = [
        p.opts[0] for p in given if getattr(context.get_parameter_source(p.name or ""), "name", "") == "COMMANDLINE"
    ]
    if names:
        raise UsageError(f"run: with {option}, leave out {', '.join(names)}; see streamreview run --help")
