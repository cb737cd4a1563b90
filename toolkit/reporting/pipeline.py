"""How does a stream's log become a published report? The whole run, one step after another.

check the request -> hold the stream -> anything changed? -> cube -> first wave -> second wave -> results
-> pages -> validate -> publish -> releases page
"""

from __future__ import annotations

import datetime as dt
import shutil
from functools import partial as partial_of
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import RunFailed, StreamReviewError
from toolkit.reporting import gate as gates
from toolkit.reporting.cubes import fetch_cube
from toolkit.reporting.history import Published, read_history
from toolkit.reporting.index import publish_forwards, publish_index
from toolkit.reporting.layout import RESULTS, Layout, look_name, new_run, revision_folder
from toolkit.reporting.lock import hold
from toolkit.reporting.notebooks import make_reopenable, one_line, waves
from toolkit.reporting.parameters import notebook_parameters, write_parameters
from toolkit.reporting.plan import Plan, checked, make_plan, with_log
from toolkit.reporting.publish import carry_over, seal, settle, swap
from toolkit.reporting.request import Answer, Progress, Request, Silent
from toolkit.reporting.runlog import RunLog
from toolkit.reporting.staging import WORK, abandon, begin, recover, recover_unlinked
from toolkit.temporary import remove_leftovers

if TYPE_CHECKING:
    from toolkit.reporting.forked import WarmProcess
    from toolkit.results import InputFile, Results


def run(request: Request, progress: Progress | None = None) -> Answer:
    """Publish a report of `request.stream`, or answer "up to date" with the stored verdict.

    Raises UsageError, LogRejected, StreamBusy or RunFailed; what was published before then stands as it was,
    and what was made lies under `.failed` with the reason.
    """
    request, config = checked(request)
    layout = Layout(request.reports)
    with hold(layout, config.name):
        remove_leftovers()
        left = recover(layout, config.name)
        plan = make_plan(request, config, layout)
        left += recover_unlinked(layout, config.name, plan.history)
        notes = [f"an earlier run was killed; what it left is in {place}" for place in left]
        repaired = settle(layout, config.name, plan.history)
        notes += plan.history.problems
        standing = plan.standing
        if standing is not None and standing.fingerprint == plan.fingerprint and not request.force:
            notes += publish_index(layout, only_if_older=not (repaired or plan.stale), template=request.template)
            return _answer(plan, standing, up_to_date=True, notes=notes)
        with RunLog(progress or Silent(), layout.log(config.name), new_run(plan.name, plan.started)) as told:
            published = _make(plan, told.run, told)
            told.step("Writing the releases page")
            notes += publish_index(layout, template=request.template)
        return _answer(plan, published, up_to_date=False, notes=notes)


def _make(plan: Plan, run_name: str, progress: Progress) -> Published:
    """Build and publish; what a failure leaves goes to `.failed` with its reason."""
    try:
        return _build(plan, begin(plan.layout, run_name), run_name, progress)
    except StreamReviewError as error:
        place = abandon(plan.layout, run_name, str(error))
        if isinstance(error, RunFailed) and place is not None:
            raise RunFailed(f"{error} [kept in {place}]") from None
        raise
    except OSError as error:  # a full disk, a folder that may no longer be written
        why = one_line(error.strerror or type(error).__name__)
        reason = f"{error.filename or plan.layout.root}: cannot be written or read ({why})"
        place = abandon(plan.layout, run_name, f"{run_name}: {reason}")
        kept = "" if place is None else f" [kept in {place}]"
        raise RunFailed(f"{reason}; make space or allow it, and run again{kept}") from None
    except BaseException as error:
        reason = "interrupted" if isinstance(error, KeyboardInterrupt) else one_line(f"{type(error).__name__}: {error}")
        abandon(plan.layout, run_name, f"{run_name}: {reason}")
        raise


def _build(plan: Plan, partial: Path, run_name: str, progress: Progress) -> Published:
    from toolkit.reporting.execute import threads_of
    from toolkit.reporting.forked import warm_process

    revision = 1
    standing = plan.standing
    if plan.release is not None and standing is not None:
        revision = standing.revision + 1
    folder = revision_folder(partial, revision)
    (folder / "notebooks").mkdir(parents=True)

    with warm_process(partial / WORK, threads=threads_of(plan.request.jobs)) as warm:
        progress.step("Reading and reducing the log")
        meta = fetch_cube(
            plan.request.stream,
            folder / "cube",
            log_fingerprint=plan.log_fingerprint,
            cache=plan.cache,
            engine=plan.request.engine,
            tell=progress.step,
        )
        plan = with_log(plan, str(meta["fingerprint"]))  # of what was read: the log may have grown since
        _execute(plan, folder, partial / WORK, warm, progress)
    progress.step("Putting the results together")
    looks = plan.layout.stream(plan.name) / "looks"
    release = plan.release or look_name(plan.started, looks)
    results = _results(plan, folder, partial / WORK / "parts", release, revision, meta)
    progress.step("Rendering the pages")
    _write(plan, folder, results)
    progress.step("Checking and publishing")
    return _publish(plan, partial, run_name, results)


def _execute(plan: Plan, folder: Path, work: Path, warm: WarmProcess | None, progress: Progress) -> None:
    from toolkit.reporting.execute import Work, run_wave

    shared = Work(
        parameters=_parameters(plan, folder, work / "parts"),
        parts=work / "parts",
        executed=folder / "notebooks",
        folder=work,
        timeout=plan.request.timeout,
        jobs=plan.request.jobs,
        memory=plan.request.memory,
        warm=warm,
    )
    for text, wave in waves(plan.notebooks):
        progress.step(text)
        run_wave(wave, shared, lambda nb, state, s: progress.notebook(nb.name, state, s))


def _parameters(plan: Plan, folder: Path, parts: Path | None) -> dict[str, str]:
    return notebook_parameters(
        stream=plan.request.stream,
        folder=folder,
        baseline=None if plan.baseline is None else plan.baseline.folder,
        parts=parts,
        history=plan.layout.stream(plan.name) if plan.history.published else None,
        release=plan.release,
    )


def _results(plan: Plan, folder: Path, parts: Path, release: str, revision: int, meta: dict[str, object]) -> Results:
    from pydantic import TypeAdapter

    from toolkit.reporting.provenance import provenance
    from toolkit.results import InputFile
    from toolkit.review import assemble

    inputs: tuple[InputFile, ...] = TypeAdapter(tuple[InputFile, ...]).validate_python(meta["inputs"])
    head = plan.history.head
    return assemble(
        parts,
        cube=folder / "cube",
        release=release,
        look=plan.release is None,
        revision=revision,
        baseline=None if plan.baseline is None else plan.baseline.release,
        provenance=provenance(
            started=plan.started,
            finished=dt.datetime.now(dt.UTC),
            inputs=inputs,
            fingerprint=plan.fingerprint,
            config=plan.config,
            previous_sha256=None if head is None else head.sha256,
            engine=plan.request.engine,
        ),
        stale=plan.stale,
    )


def _write(plan: Plan, folder: Path, results: Results) -> None:
    """results.json, the same as tables and as a message, and the pages."""
    from toolkit.reporting.pages import Frame, render_pages
    from toolkit.reporting.summary import report_url, summary_markdown
    from toolkit.reporting.tables import estimates_csv, write_parquet
    from toolkit.reporting.validate import validate_build

    (folder / RESULTS).write_text(results.model_dump_json(indent=1) + "\n", encoding="utf-8")
    (folder / "estimates.csv").write_text(estimates_csv(results.estimates), encoding="utf-8")
    write_parquet(results.estimates, folder / "estimates.parquet")
    message = summary_markdown(results, url=report_url(plan.config.public_url, results))
    (folder / "summary.md").write_text(message, encoding="utf-8")
    files = (RESULTS, "estimates.csv", "estimates.parquet", "summary.md")
    frame = Frame(results, dt.datetime.now(dt.UTC), plan.notebooks, files)
    render_pages(frame, folder, plan.request.template)
    validate_build(folder, plan.notebooks, results)


def _publish(plan: Plan, partial: Path, run_name: str, results: Results) -> Published:
    from toolkit.reporting.render import superseded_notice

    layout, standing = plan.layout, plan.standing
    if results.revision > 1 and standing is not None:
        earlier = layout.entry(plan.name, results.release, look=False)
        notice = partial_of(superseded_notice, template=plan.request.template)
        carry_over(earlier.resolve(), partial, results.revision, notice)
    publish_forwards(layout, plan.name, partial if results.revision > 1 else None)
    folder, final = (revision_folder(f, results.revision) for f in (partial, layout.build(run_name)))
    for notebook in (folder / "notebooks").iterdir():
        make_reopenable(notebook, partial, layout.build(run_name))
    write_parameters(folder, _parameters(plan, final, None))
    shutil.rmtree(partial / WORK)
    build = seal(layout, run_name)
    swap(layout.entry(plan.name, results.release, look=results.look), build, via=layout.link(plan.name))
    history = read_history(layout, plan.name)
    settle(layout, plan.name, history)
    found = history.latest_look if results.look else history.current(results.release)
    if found is None or found.fingerprint != results.provenance.fingerprint:
        raise RunFailed(f"{build}: was published and cannot be read back; check the disk under {layout.root}")
    return found


def _answer(plan: Plan, published: Published, *, up_to_date: bool, notes: list[str]) -> Answer:
    content = published.content
    stale = plan.stale
    return Answer(
        folder=published.folder,
        stream=plan.name,
        release=published.release,
        revision=published.revision,
        look=published.look,
        verdict=str(content["verdict"]),
        sentence=str(content["sentence"]),
        up_to_date=up_to_date,
        stale=stale,
        gate=gates.gate(content, plan.request.fail_on),
        code=gates.exit_code(content, plan.request.fail_on, stale=stale),
        notes=tuple(notes),
    )
