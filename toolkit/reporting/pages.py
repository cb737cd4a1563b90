"""Which page frames stand around the notebooks of a publication, and how do its pages link to each other?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.language import clean
from toolkit.reporting.layout import FORWARD
from toolkit.reporting.notebooks import Notebook
from toolkit.reporting.page import Link, Page
from toolkit.reporting.provenance import ENGINES

if TYPE_CHECKING:
    from toolkit.results import Provenance, Results

QUESTIONS = {
    "summary": ("Summary", "What should we do?"),
    "transfer": ("Transfer", "Did earlier experience help later tasks?"),
    "forgetting": ("Forgetting", "Did earlier tasks lose?"),
    "feedback": ("Feedback", "Does the feedback reinforce a bias?"),
    "divergence": ("Divergence", "Do synthetic and human judgements agree?"),
    "generation": ("Generation", "Are the samples still good and varied?"),
    "releases": ("Releases", "What changed?"),
}


@dataclass(frozen=True)
class Frame:
    """What all pages of one publication have in common."""

    results: Results
    published: dt.datetime
    notebooks: tuple[Notebook, ...]
    files: tuple[str, ...]  # further files of the publication that pages link to

    def page(self, notebook: Notebook) -> Page:
        """The frame around one notebook."""
        found = self.results
        provenance = found.provenance
        return Page(
            title=found.title,
            heading=_names(notebook)[1],
            stream=found.stream,
            release=found.release,
            date=for_people(self.published),
            baseline=found.baseline,
            look=found.look,
            revision=found.revision,
            stale=found.stale,
            pages=navigation(self.notebooks, notebook),
            notebook=f"notebooks/{notebook.path.name}",
            fingerprint=provenance.fingerprint,
            engine=_engine(provenance),
            toolkit=provenance.toolkit,
            operator=provenance.operator,
            chosen=_chosen(found),
            accepted=_accepted(found),
            footer=(*(Link(name, name) for name in self.files), Link("All releases", f"../{FORWARD}")),
        )


def navigation(notebooks: Sequence[Notebook], current: Notebook) -> tuple[Link, ...]:
    """One link a page, in the order of the notebooks; `current` marks the page itself."""
    return tuple(Link(_names(nb)[0], nb.page, nb.name == current.name) for nb in notebooks)


def for_people(moment: dt.datetime) -> str:
    """A date as people write it: 23 November 2026 (UTC)."""
    day = moment.astimezone(dt.UTC)
    return f"{day.day} {day:%B %Y}"


def render_pages(frame: Frame, folder: Path, template: Path | None) -> None:
    """Render every executed notebook in `folder`/notebooks to its page in `folder`."""
    from toolkit.reporting.render import render_notebook

    for notebook in frame.notebooks:
        executed = folder / "notebooks" / notebook.path.name
        html = render_notebook(executed, frame.page(notebook), template=template)
        (folder / notebook.page).write_text(html, encoding="utf-8")


def _engine(provenance: Provenance) -> str:
    """The engine that reduced the log, with its version."""
    package = ENGINES.get(provenance.engine, (provenance.engine,))[0]
    return f"{provenance.engine} {provenance.packages.get(package, '')}".strip()


def _chosen(results: Results) -> tuple[str, ...]:
    """Who chose the margins, each once, in the order of the questions."""
    margins = [margin for axis in results.axes for margin in (axis.margin, axis.margin_regulated)]
    return tuple(dict.fromkeys(margin.by for margin in margins if margin is not None and margin.by))


def _accepted(results: Results) -> tuple[str, ...]:
    """Who bears a finding of this release until when, each once: "Ana until 2026-12-31"."""
    borne = [decision.accepted for axis in results.axes for decision in axis.decisions]
    return tuple(dict.fromkeys(f"{one.by} until {one.until}" for one in borne if one is not None))


def _names(notebook: Notebook) -> tuple[str, str]:
    """Title in the navigation and heading of a page; a notebook of one's own goes by its name and its heading."""
    own = notebook.name.replace("_", " ").replace("-", " ").strip()
    own = own[:1].upper() + own[1:]
    return QUESTIONS.get(notebook.name) or (own, clean(notebook.heading or own))
