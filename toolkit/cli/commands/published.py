"""What can be done with published reports, and what makes them by the clock? Declared here, done elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.commands.options import Out, Template, folder_of, is_url


def index(out: Out = Path("reports"), template: Template = None) -> int:
    """Write the page that lists all streams and releases, and check that published results are unchanged."""
    from toolkit.cli.index import index

    return index(out, template)


def prune(
    out: Out = Path("reports"),
    stream: Annotated[str | None, typer.Option(metavar="NAME", help="only this stream")] = None,
    keep: Annotated[
        int, typer.Option(min=0, help="newest releases, looks and failures of each stream that stay whole")
    ] = 10,
    older_than: Annotated[
        float, typer.Option(min=0, max=36500, metavar="DAYS", help="and only what is at least that old goes")
    ] = 0,
    apply: Annotated[bool, typer.Option("--apply", help="remove; without it nothing is touched")] = False,
    template: Template = None,
) -> int:
    """Say which pages, notebooks, failures and caches of old reports could go; with --apply, remove them.

    Numbers and stored cubes stay, and so do whole reports that are a baseline, the newest, or the last of their
    verdict, and all of a stream with a regulated task until retention_years of its stream.toml have passed.
    """
    from toolkit.cli.prune import prune

    return prune(out, stream=stream, keep=keep, older_than=older_than, apply=apply, template=template)


def schedule(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="folder of the stream's log, or its URL")],
    every: Annotated[str, typer.Option(metavar="TIME", help="such as 'Mon 06:00', 'Mon..Fri 06:00', '06:00', hourly")],
    out: Out = Path("reports"),
    install: Annotated[
        str | None, typer.Option(metavar="systemd|cron", help="install it for the user who calls this")
    ] = None,
    show: Annotated[
        str | None, typer.Option("--print", metavar="systemd|cron", help="print it; default: the systemd units")
    ] = None,
    fail_on: Annotated[str | None, typer.Option(metavar="act,alarm,...", help="as for run")] = None,
    notify: Annotated[
        list[str] | None, typer.Option(metavar="env:NAME", help="as for run, by environment variables only")
    ] = None,
) -> int:
    """Print or install what runs a stream by the clock: a systemd timer of the user, or a cron line."""
    from toolkit.cli.schedule import schedule

    folder, url = folder_of(stream), stream if is_url(stream) else None
    return schedule(
        folder, url=url, every=every, reports=out, install=install, show=show, fail_on=fail_on, notify=notify or ()
    )


def lab(
    report: Annotated[
        str, typer.Argument(metavar="REPORT[#FINDING]", help="folder or page of a published report; an estimate's id")
    ],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="where the working copy lies")] = Path("lab"),
    start: Annotated[bool, typer.Option(help="open JupyterLab on it")] = True,
) -> int:
    """Open JupyterLab on a working copy of the notebook behind a finding. The report stays as it is."""
    from toolkit.cli.lab import lab

    return lab(report, to=to, start=start)
