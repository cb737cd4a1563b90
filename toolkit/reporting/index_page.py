"""How does the list of streams and releases look?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.figures.cells import said
from toolkit.figures.decisions import axis_chip_view, release_chip_view
from toolkit.figures.environment import environment
from toolkit.figures.strip import spark
from toolkit.language import AXIS_TITLES, reading
from toolkit.language.phrases import UNIT_RANGE
from toolkit.reporting.branding import logo_uri
from toolkit.results import AXES, Estimate, Results


@dataclass(frozen=True)
class Publication:
    """One published results.json and where its summary page lies.

    href: relative to the index; superseded: a later revision of the same release takes its place;
    stale: the log is older than the stream allows (also where the results say so themselves);
    pruned: its pages are gone.
    """

    results: Results
    href: str
    superseded: bool = False
    stale: bool = False
    pruned: bool = False


def render_index(
    streams: Mapping[str, Sequence[Publication]],
    *,
    problems: Sequence[str] = (),
    written: str = "",
    template: Path | None = None,
) -> str:
    """reports/index.html.

    streams: name -> publications in order of first publication; problems: what was found wrong with the
    published files (a broken chain, an unreadable results.json), in one line each; written: when, for people.
    """
    views = [_stream_view(name, publications) for name, publications in streams.items()]
    page = environment(template).get_template("releases.html.j2")
    return page.render(streams=views, problems=list(problems), written=written, logo=logo_uri(template))


def _stream_view(name: str, publications: Sequence[Publication]) -> dict[str, Any]:
    releases = [p for p in publications if not p.results.look]
    current = [p for p in releases if not p.superseded]
    shown = current or list(publications)
    return {
        "name": name,
        "title": shown[-1].results.title if shown else name,
        "courses": _courses(current),
        "latest": current[-1].href if current else "",
        "releases": [_view(p) for p in reversed(current)],
        "superseded": [_view(p) for p in reversed(releases) if p.superseded],
        "looks": [_view(p) for p in reversed(publications) if p.results.look],
    }


def _view(publication: Publication) -> dict[str, Any]:
    results = publication.results
    return {
        "href": publication.href,
        "name": results.release,
        "revision": results.revision,
        "date": results.provenance.finished[:10],
        "chip": release_chip_view(results.verdict, results.axes),
        "tone": results.verdict.replace(" ", "-"),
        "sentence": results.sentence,
        "measured": results.measured,
        "axes_total": results.axes_total,
        "stale": results.stale or publication.stale,
        "superseded": publication.superseded,
        "pruned": publication.pruned,
        "axes": [
            {"title": AXIS_TITLES[axis.axis], "chip": axis_chip_view(axis)}
            for axis in sorted(results.axes, key=lambda axis: AXES.index(axis.axis))
        ],
    }


def _courses(releases: Sequence[Publication]) -> list[dict[str, Any]]:
    """The headline of each axis over releases; a release with another headline leaves a gap."""
    courses = []
    for name in AXES:
        heads = [_headline(publication.results, name) for publication in releases]
        last = next((head for head in reversed(heads) if head is not None), None)
        if last is None:
            continue
        values = [head.value if head is not None and head.quantity == last.quantity else None for head in heads]
        courses.append(
            {
                "title": AXIS_TITLES[name],
                "spark": spark(values),
                "reading": said(reading(last, _range(releases[-1].results))),
            }
        )
    return courses


def _headline(results: Results, name: str) -> Estimate | None:
    axis = next((axis for axis in results.axes if axis.axis == name), None)
    if axis is None or axis.headline is None:
        return None
    return next((e for e in results.estimates if e.id == axis.headline and e.measured), None)


def _range(results: Results) -> tuple[float, float]:
    ends = results.provenance.config.get("score_range", UNIT_RANGE)
    return (float(ends[0]), float(ends[1]))
