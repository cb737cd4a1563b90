"""How do a report's numbers get into a spreadsheet, a program, a paper? Declared here, done elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer


def export(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="folder or page of a published report")],
    to: Annotated[
        str,
        typer.Option(
            metavar="FILE|FORMAT",
            help="a file (.csv, .json, .md, .parquet, .tex), or csv, json, latex or markdown for stdout",
        ),
    ],
    quantity: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="only this quantity; may be repeated")
    ] = None,
    task: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="only this task, `all` for those over all tasks; may be repeated"),
    ] = None,
    interval: Annotated[
        str, typer.Option(metavar="cell|columns", help="of tables that are read: with the value, or apart")
    ] = "cell",
    rounded: Annotated[
        bool, typer.Option("--rounded", help="CSV as it is read, rounded; default: all columns with full numbers")
    ] = False,
) -> None:
    """Write a published report's estimates as CSV, Parquet, JSON, LaTeX or Markdown.

    LaTeX and Markdown are rounded as pages are, with the interval beside each value and the reason where there is none.
    """
    from toolkit.cli.export import export

    export(report, to=to, quantities=quantity or (), tasks=task or (), interval=interval, rounded=rounded)
