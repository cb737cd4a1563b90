"""Which commands are there, with which options? What they do is imported only when they are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from toolkit.errors import UsageError

app = typer.Typer(
    name="streamreview",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Stream = Annotated[Path, typer.Argument(metavar="STREAM", help="folder of the stream's log")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="where reports are published")]


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


def _refuse_beside(context: typer.Context, option: str, allowed: set[str]) -> None:
    """Raise UsageError where the command line says more than goes with `option`: nothing is dropped silently."""
    given = [p for p in context.command.params if p.name and p.name not in allowed]
    names = [
        p.opts[0] for p in given if getattr(context.get_parameter_source(p.name or ""), "name", "") == "COMMANDLINE"
    ]
    if names:
        raise UsageError(f"run: with {option}, leave out {', '.join(names)}; see streamreview run --help")


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


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="folder with log files")]) -> None:
    """Look at the files in FOLDER, guess tables and columns, and write a commented stream.toml."""
    from toolkit.cli.init import init

    init(folder)


@app.command()
def check(
    stream: Stream,
    rejected: Annotated[bool, typer.Option("--rejected", help="list every rejected row")] = False,
) -> int:
    """Read and validate a log; print its ledger, what can be measured, and what to log next."""
    from toolkit.cli.check import check

    return check(stream, rejected=rejected)


@app.command()
def margins(
    stream: Stream,
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


@app.command()
def run(
    context: typer.Context,
    stream: Annotated[Path | None, typer.Argument(metavar="[STREAM]", help="folder of the stream's log")] = None,
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
    template: Annotated[
        Path | None, typer.Option(metavar="DIR", help="templates that replace the project's, file by file")
    ] = None,
    timeout: Annotated[float, typer.Option(help="seconds that a notebook may take")] = 600.0,
    memory: Annotated[
        str | None,
        typer.Option(metavar="4G", help="data that a notebook's kernel may hold, in M or G; default: no limit"),
    ] = None,
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
        force=force,
        junit=junit,
        notify=notify or (),
        notify_on=notify_on,
    )


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to write the stream logs")],
    jobs: Annotated[int, typer.Option(help="processes at once; 0 for the number of processors")] = 0,
) -> None:
    """Run the bundled pipeline on real data (handwritten digits) and write the logs of its three releases."""
    from toolkit.cli.demo import demo

    demo(folder, jobs)


@app.command()
def index(out: Out = Path("reports")) -> int:
    """Write the page that lists all streams and releases, and check that published results are unchanged."""
    from toolkit.cli.index import index

    return index(out)


@app.command()
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
) -> int:
    """Say which pages, notebooks, failures and caches of old reports could go; with --apply, remove them.

    Numbers and stored cubes stay, and so do whole reports that are a baseline, the newest, or the last of their
    verdict, and all of a stream with a regulated task until retention_years of its stream.toml have passed.
    """
    from toolkit.cli.prune import prune

    return prune(out, stream=stream, keep=keep, older_than=older_than, apply=apply)


@app.command()
def schedule(
    stream: Stream,
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

    return schedule(stream, every=every, reports=out, install=install, show=show, fail_on=fail_on, notify=notify or ())


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to write the stream's log, a new folder")],
    scenario: Annotated[str, typer.Option(help="which kind of stream; an unknown name lists them")] = "default",
    seed: Annotated[int, typer.Option(help="other seeds draw other data with the same true values")] = 0,
) -> None:
    """Write the log of a simulated stream, and beside it truth.json with the true values by estimate id."""
    from toolkit.cli.simulate import simulate

    simulate(folder, scenario, seed)


@app.command()
def calibrate(
    scenario: Annotated[
        str | None, typer.Option(help="one study, or all whose names begin so; an unknown name lists them")
    ] = None,
    replicates: Annotated[int, typer.Option(help="simulated data sets a study")] = 2000,
    jobs: Annotated[int, typer.Option(help="processes at once; the numbers do not depend on it")] = 2,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="write the table there, in Markdown")] = None,
) -> int:
    """Measure coverage, width and false alarms of the toolkit's intervals where the truth is known.

    Exit code 1 where a line does not lie where it must.
    """
    from toolkit.cli.calibrate import calibrate

    return calibrate(scenario, replicates, jobs, out)


@app.command()
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


@app.command()
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
