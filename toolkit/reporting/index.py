"""What has been published, over all streams? Writes reports/index.html from the results.json files alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import StreamReviewError
from toolkit.reporting.briefs import Briefs
from toolkit.reporting.history import History, Published, read_history
from toolkit.reporting.layout import FORWARD, LOOKS, RESULTS, Layout
from toolkit.reporting.lock import cannot_write, hold_index
from toolkit.reporting.notebooks import one_line
from toolkit.reporting.pages import for_people
from toolkit.reporting.prune import says_pruned
from toolkit.reporting.publish import write_atomically
from toolkit.reporting.stale import is_stale

if TYPE_CHECKING:
    from toolkit.reporting.index_page import Publication


def publish_index(layout: Layout, *, only_if_older: bool = False, template: Path | None = None) -> list[str]:
    """Write the releases page and return what readers of it should know, one line each.

    template: a folder whose templates go before the project's.
    only_if_older: leave it alone where it is younger than every publication. A page that cannot be written
    is such a line, no error: the reports themselves are published.
    """
    try:
        if only_if_older and _younger(layout):
            return []
        return write_index(layout, template)
    except StreamReviewError as error:
        return [f"the releases page was not written: {error}"]


def write_index(layout: Layout, template: Path | None = None) -> list[str]:
    """Write the releases page; returns the problems of the streams' histories, one line each.

    Raises RunFailed where it cannot be written, StreamBusy where another run has been writing it for long.
    """
    from toolkit.reporting.index_page import render_index

    now = dt.datetime.now(dt.UTC)
    with hold_index(layout):
        histories = {name: _history(layout, name) for name in layout.streams()}
        histories = {name: h for name, h in histories.items() if h.published or h.problems}
        problems = [line for history in histories.values() for line in history.problems]
        streams = {}
        for name, history in histories.items():
            streams[name], unread = shelf(history, name, now)
            problems += unread
        page = render_index(streams, problems=problems, written=for_people(now), template=template)
        try:
            write_atomically(layout.index, page)
        except OSError as error:
            raise cannot_write(layout.root, error) from None
    return problems


def _history(layout: Layout, stream: str) -> History:
    briefs = Briefs(layout.briefs(stream))
    history = read_history(layout, stream, briefs)
    if history.published:
        briefs.save()
    return history


def publish_forwards(layout: Layout, stream: str, revised: Path | None) -> None:
    """Write the pages that lead from a stream's publications to the releases page, where they are missing.

    revised: the build of a release with revisions, whose pages have one more folder above them.
    """
    stream_folder = layout.stream(stream)
    places = [
        (stream_folder / FORWARD, "../index.html"),
        (stream_folder / LOOKS / FORWARD, "../../index.html"),
    ]
    if revised is not None:
        places.append((revised / FORWARD, "../../index.html"))
    for place, href in places:
        text = _template("forward.html.j2").render(href=href)
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            write_atomically(place, text)


def shelf(history: History, stream: str, now: dt.datetime) -> tuple[list[Publication], list[str]]:
    """A stream's publications as the releases page shows them, and one line for each that it cannot show.

    Releases in order of first publication with their revisions, then looks. The newest of all is stale when
    it is itself older than its log may be: no later log was reported, whether or not a run has noticed.
    """
    from pydantic import ValidationError

    from toolkit.logs.config import StreamConfig
    from toolkit.reporting.index_page import Publication
    from toolkit.results import Results

    shown: list[Publication] = []
    problems: list[str] = []
    releases = [p for name in history.releases for p in _revisions(history, name)]
    for published in (*releases, *(p for p in history.published if p.look)):
        try:
            results = Results.model_validate(published.content)
            every = StreamConfig.model_validate(results.provenance.config).expect_every_minutes
            finished = dt.datetime.fromisoformat(results.provenance.finished)
        except (ValidationError, ValueError) as error:
            problems.append(
                f"{published.folder / RESULTS}: not shown, for this toolkit cannot read it ({one_line(error, 200)})"
            )
            continue
        current = history.current(published.release)
        shown.append(
            Publication(
                results=results,
                href=f"{stream}/{published.entry}/index.html",
                superseded=not published.look and published is not current,
                stale=published is history.head and is_stale(finished, every, now),
                pruned=says_pruned(published.folder / "index.html"),
            )
        )
    return shown, problems


def _revisions(history: History, release: str) -> list[Published]:
    found = [p for p in history.published if not p.look and p.release == release]
    return sorted(found, key=lambda p: p.revision)


def _younger(layout: Layout) -> bool:
    """Whether the releases page is younger than every link that a publication set."""
    try:
        page = layout.index.stat().st_mtime_ns
    except OSError:
        return False
    folders = [layout.stream(name) for name in layout.streams()]
    folders += [f / LOOKS for f in folders if (f / LOOKS).is_dir()]
    return all(folder.stat().st_mtime_ns <= page for folder in folders)


def _template(name: str) -> Any:
    import jinja2

    from toolkit.resources import templates_folder

    loader = jinja2.FileSystemLoader(templates_folder() / "index")
    return jinja2.Environment(loader=loader, autoescape=True).get_template(name)
