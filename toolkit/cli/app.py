"""Which commands are there, in which order, and how does a command line reach one?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from toolkit.cli.commands import exports, imports, known, logs, published, reports
from toolkit.errors import UsageError

COMMANDS: dict[str, Callable[..., int | None]] = {
    "init": logs.init,
    "import": imports.import_logs,
    "check": logs.check,
    "margins": logs.margins,
    "run": reports.run,
    "demo": known.demo,
    "index": published.index,
    "prune": published.prune,
    "schedule": published.schedule,
    "simulate": known.simulate,
    "calibrate": known.calibrate,
    "sample": logs.sample,
    "export": exports.export,
    "lab": published.lab,
}
"""Every command by its name, as `--help` lists them."""

app = typer.Typer(
    name="streamreview",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def call(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name and return its exit code; UsageError where they name none."""
    command = typer.main.get_command(app)
    click_error: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
    try:
        code = command.main(args=list(arguments), prog_name="streamreview", standalone_mode=False)
    except click_error as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
            return 2
        message = error.format_message()
        context = getattr(error, "ctx", None)
        path = "streamreview" if context is None else context.command_path
        raise UsageError(f"{message.rstrip('.')}; see {path} --help") from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    return code if isinstance(code, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        from toolkit.reporting.provenance import toolkit_version

        typer.echo(f"streamreview {toolkit_version()}")
        raise typer.Exit


@app.callback()
def _streamreview(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    """Analyse the log of a streaming synthetic-data pipeline and publish a report on it.

    Exit codes: 0 done, 1 the run failed, 2 wrong usage, 3 a verdict named by --fail-on was reached, 4 the log
    was rejected, 5 the log is older than expect_every, 6 another run holds the stream. --debug shows
    tracebacks.
    """
