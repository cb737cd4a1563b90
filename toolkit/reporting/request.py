"""What is a run asked to do, what does it answer, and how does it say where it is?"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from toolkit.reporting.gate import Gate


@dataclass(frozen=True)
class Request:
    """One run of one stream.

    stream: its folder. reports: where reports are published. release: None takes stream.toml's, and without one
    the run is a look. baseline: None takes stream.toml's, else the release before. jobs: notebooks at once.
    timeout: seconds a notebook. memory: bytes of data a kernel may hold; None sets no limit. fail_on: see gate.
    template: a folder whose files go before the project's. force: run even where nothing has changed.
    engine: where the log is reduced, one of `provenance.ENGINES`.
    notebooks, cache: None takes the installed notebooks, the user's cache folder.
    """

    stream: Path
    reports: Path = Path("reports")
    release: str | None = None
    baseline: str | None = None
    jobs: int = 2
    timeout: float = 600.0
    memory: int | None = None
    fail_on: frozenset[str] | None = None
    template: Path | None = None
    force: bool = False
    engine: str = "duckdb"
    notebooks: Path | None = None
    cache: Path | None = None


@dataclass(frozen=True)
class Answer:
    """What a run found or, where nothing had changed, what stands published.

    folder: the publication as readers reach it. code: the exit code, 0, 3 or 5. notes: lines for people
    (recovered leftovers, a broken chain).
    """

    folder: Path
    stream: str
    release: str
    revision: int
    look: bool
    verdict: str
    sentence: str
    up_to_date: bool
    stale: bool
    gate: Gate
    code: int
    notes: tuple[str, ...] = field(default=())


class Progress(Protocol):
    """Told where a run is; called from several threads."""

    def step(self, text: str) -> None:
        """A step begins."""

    def notebook(self, name: str, state: str, seconds: float) -> None:
        """A notebook is "running", is tried "again", is "done" or has "failed"."""


class Silent:
    """Progress that nobody watches."""

    def step(self, text: str) -> None:
        """Say nothing."""

    def notebook(self, name: str, state: str, seconds: float) -> None:
        """Say nothing."""
