"""What can be done with a log before a report is made of it? Declared here, done by modules imported on call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli.commands.options import OwnStream, Stream


def init(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="folder with log files")]) -> None:
    """Look at the files in FOLDER, guess tables and columns, and write a commented stream.toml."""
    from toolkit.cli.init import init

    init(folder)


def check(
    stream: Stream,
    rejected: Annotated[bool, typer.Option("--rejected", help="list every rejected row")] = False,
) -> int:
    """Read and validate a log; print its ledger, what can be measured, and what to log next."""
    from toolkit.cli.check import check

    return check(stream, rejected=rejected)


def margins(
    stream: OwnStream,
    choose: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="AXIS=VALUE", help="write this margin into stream.toml; may be repeated"),
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="who chooses the margins of --set")] = None,
    why: Annotated[str | None, typer.Option(metavar="TEXT", help="why a smaller change does not matter")] = None,
) -> None:
    """Help to choose margins, the smallest changes that matter: what they mean, and what this log could show.

    Never shows what was found. With --set, --by and --why, writes them into stream.toml.
    """
    from toolkit.cli.margins import margins

    margins(stream, choices=choose or (), by=by, why=why)


def sample(
    stream: Stream,
    labels: Annotated[
        int | None, typer.Option(min=1, help="answers over all tasks; default: what the people plan asks of each task")
    ] = None,
    task: Annotated[list[str] | None, typer.Option(metavar="NAME", help="only this task; may be repeated")] = None,
    seed: Annotated[int, typer.Option(help="the same seed draws the same answers")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="write the table there; default: stdout")] = None,
) -> None:
    """Draw the judged answers that people should look at next, and write a table to be filled in (CSV).

    Drawn at random within strata of the judge's scores, with the probability of each, so that few labels give
    unbiased answers. The filled table is feedback: put it into the stream's folder.
    """
    from toolkit.cli.sample import sample

    sample(stream, labels=labels, tasks=task or (), seed=seed, out=out)
