"""What a page says about itself: where it stands in its release, and what its numbers rest on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """One entry of a navigation line; `current` marks the page itself."""

    title: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Page:
    """The frame around one notebook's content; every text may come from a log and is escaped when printed."""

    title: str  # the stream's title
    heading: str  # the page's question
    stream: str
    release: str
    date: str  # of publication, for people: 23 November 2026
    baseline: str | None = None
    look: bool = False
    revision: int = 1
    stale: bool = False
    pages: tuple[Link, ...] = ()
    notebook: str | None = None  # href of the executed notebook
    fingerprint: str = ""
    engine: str = "DuckDB"
    toolkit: str = ""
    footer: tuple[Link, ...] = field(default=())  # results.json, index of releases, ...
    operator: str = ""  # the account that ran it
    chosen: tuple[str, ...] = ()  # who chose margins
    accepted: tuple[str, ...] = ()  # who bears a finding, and until when

    @property
    def place(self) -> str:
        """Where the publication lies below the reports folder: stream/2026.10, stream/2026.10/r2, stream/looks/..."""
        revision = f"/r{self.revision}" if self.revision > 1 else ""
        return f"{self.stream}/{'looks/' if self.look else ''}{self.release}{revision}"
