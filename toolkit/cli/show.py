"""How does the command line speak? Live on a terminal, in plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolkit.cli.signals import end_if_asked

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from toolkit.reporting.request import Progress


def say(text: str = "") -> None:
    """One line on stdout, without control characters."""
    print(plain(text))  # noqa: T201


def warn(text: str) -> None:
    """One line on stderr."""
    print(f"streamreview: {plain(text)}", file=sys.stderr)  # noqa: T201


def plain(text: str) -> str:
    """Text of any origin without what a terminal would obey, or an encoding refuse."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return shown.encode(encoding, "replace").decode(encoding)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
    """A table: fitted to the terminal by rich, or tab-separated where the output is read by a program."""
    if not sys.stdout.isatty():
        say(title)
        for row in (header, *rows):
            print("\t".join(plain(cell) for cell in row))  # noqa: T201
        say()
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title), title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place, name in enumerate(header):
        drawn.add_column(Text(name), justify="right" if place in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(plain(cell)) for cell in row))
    Console().print(drawn, "")


@contextmanager
def progress() -> Iterator[Progress]:
    """Where a run is: bars on a terminal, else one line a step."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Bars(*columns, transient=False) as bars:
        live = Live(bars)
        yield live
        live.end()


class Lines:
    """Progress as plain lines, each written as a whole."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def step(self, text: str) -> None:
        """A step begins."""
        end_if_asked()
        self._say(text)

    def notebook(self, name: str, state: str, seconds: float) -> None:
        """A notebook ended, or is tried again."""
        if state != "running":
            self._say(f"  {name}: {_STATES[state]} after {seconds:.1f} s")

    def _say(self, text: str) -> None:
        with self._lock:
            print(f"[{time.monotonic() - self._start:6.1f} s] {plain(text)}", flush=True)  # noqa: T201


class Live:
    """Progress as bars: one for the step, one for each notebook of it."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._step: int | None = None
        self._notebooks: dict[str, int] = {}

    def step(self, text: str) -> None:
        """A step begins; the one before has ended."""
        end_if_asked()
        self.end()
        self._step = self._bars.add_task(text, total=1)

    def end(self) -> None:
        """The last step has ended."""
        if self._step is not None:
            self._bars.update(self._step, completed=1)  # type: ignore[arg-type]

    def notebook(self, name: str, state: str, seconds: float) -> None:
        """A notebook began, ended, or is tried again."""
        if state == "running":
            self._notebooks[name] = self._bars.add_task(f"  {plain(name)}", total=1)
            return
        done = {"completed": 1} if state in ("done", "failed") else {}
        description = f"  {plain(name)}" + ("" if state == "done" else f": {_STATES[state]}")
        self._bars.update(self._notebooks[name], description=description, **done)  # type: ignore[arg-type]


_STATES = {"done": "done", "failed": "failed", "again": "the kernel died, trying again"}
