"""What is decided about a run before anything is made: names, baseline, notebooks, staleness, fingerprint."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.reporting.baseline import choose_baseline
from toolkit.reporting.cubes import cache_folder
from toolkit.reporting.history import History, Published, read_history
from toolkit.reporting.layout import Layout
from toolkit.reporting.notebooks import OWN, Notebook, find_notebooks, one_line
from toolkit.reporting.provenance import ENGINES
from toolkit.reporting.request import Request
from toolkit.reporting.stale import is_stale, newest_log
from toolkit.reporting.uptodate import run_fingerprint, tree_sha256

if TYPE_CHECKING:
    from toolkit.logs.config import StreamConfig


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before anything is made."""

    request: Request
    layout: Layout
    config: StreamConfig
    release: str | None
    baseline: Published | None
    history: History
    notebooks: tuple[Notebook, ...]
    templates: tuple[Path, ...]
    cache: Path
    log_fingerprint: str
    fingerprint: str
    stale: bool
    started: dt.datetime

    @property
    def name(self) -> str:
        """The stream's name."""
        return self.config.name

    @property
    def standing(self) -> Published | None:
        """What this run would replace or repeat: the release's current revision, or the newest look."""
        if self.release is None:
            return self.history.latest_look
        return self.history.current(self.release)


def checked(request: Request) -> tuple[Request, StreamConfig]:
    """The request with absolute paths, and the stream's configuration; refuses what cannot be meant."""
    from toolkit.logs.config import check_release_name, load_config

    if not request.stream.is_dir():
        raise UsageError(f"{request.stream}: no such folder; give the folder that holds the stream's log")
    if request.template is not None and not request.template.is_dir():
        raise UsageError(f"{request.template}: no such folder; --template takes a folder of templates")
    for option, name in (("--release", request.release), ("--baseline", request.baseline)):
        if name is not None:
            try:
                check_release_name(name)
            except ValueError as error:
                raise UsageError(f"{option} {one_line(ascii(name), 100)}: {error}") from None
    if request.jobs < 1 or request.timeout <= 0:
        raise UsageError("--jobs and --timeout must be above zero")
    if request.engine not in ENGINES:
        raise UsageError(f"--engine {one_line(ascii(request.engine), 40)}: choose one of {', '.join(ENGINES)}")
    if request.engine == "spark":
        from toolkit.cube.spark_session import need_packages

        need_packages()
    config = load_config(request.stream)
    absolute = replace(
        request,
        stream=request.stream.resolve(),
        reports=Path(os.path.abspath(request.reports)),
        template=None if request.template is None else request.template.resolve(),
        notebooks=None if request.notebooks is None else request.notebooks.resolve(),
    )
    return absolute, config


def make_plan(request: Request, config: StreamConfig, layout: Layout) -> Plan:
    """Decide everything from the request, the stream folder and what is published; writes the hash cache only."""
    from toolkit import resources
    from toolkit.logs.fingerprint import fingerprint, inputs_of

    now = dt.datetime.now(dt.UTC)
    cache = request.cache or cache_folder()
    history = read_history(layout, config.name)
    release = request.release or config.release
    baseline = choose_baseline(
        history,
        release=release,
        wanted=request.baseline or config.baseline,
        where=str(layout.stream(config.name)),
    )
    source = _source(request)
    templates = (resources.templates_folder(), *([request.template] if request.template else []))
    inputs = inputs_of(request.stream, cache)
    stale = is_stale(newest_log(request.stream, [i.path for i in inputs]), config.expect_every_minutes, now)
    log = fingerprint(inputs)
    plan = Plan(
        request=request,
        layout=layout,
        config=config,
        release=release,
        baseline=baseline,
        history=history,
        notebooks=find_notebooks(source, request.stream / OWN),
        templates=templates,
        cache=cache,
        log_fingerprint=log,
        fingerprint="",
        stale=stale,
        started=now,
    )
    return with_log(plan, log)


def with_log(plan: Plan, log: str) -> Plan:
    """The plan with the fingerprint that follows from the log's."""
    own = plan.request.stream / OWN
    parameters = {"own notebooks": tree_sha256(own)} if own.is_dir() else {}
    if plan.request.engine != "duckdb":
        parameters["engine"] = plan.request.engine
    total = run_fingerprint(
        log=log,
        notebooks=_source(plan.request),
        templates=plan.templates,
        release=plan.release,
        baseline=None if plan.baseline is None else plan.baseline.release,
        baseline_sha256=None if plan.baseline is None else plan.baseline.sha256,
        # A release does not change by growing old; a look says how things stand today.
        stale=plan.stale and plan.release is None,
        parameters=parameters,
    )
    return replace(plan, log_fingerprint=log, fingerprint=total)


def _source(request: Request) -> Path:
    """The folder of the notebooks that every report has."""
    from toolkit import resources

    return request.notebooks or resources.notebooks_folder()
