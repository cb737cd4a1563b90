"""What happens in one place of the campaign of faults: some in turn, in a folder that no other place uses.

A place makes what it needs on the machine where it is, so that places can be handed out to a cluster.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.end_to_end.fault_kinds import FAULTS, Fault
from tests.end_to_end.soundness import problems, state, unsettled
from tests.end_to_end.stage import CORRECTED, SkippedError, Stage, descendants, kill
from tests.reporting.support import write_report_notebooks, write_stream


class Ending:
    """Whether the places of this process are to end; a copy in another process is never told."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._at_work = 0
        self._changed = threading.Condition()

    def __reduce__(self) -> tuple[type[Ending], tuple[()]]:
        return Ending, ()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def now(self) -> None:
        """End every run of a place that is still at work, and wait until it has tidied up."""
        self.asked.set()
        with self._changed:
            while self._at_work:
                kill(descendants(os.getpid()))
                self._changed.wait(0.1)


@dataclass(frozen=True)
class Task:
    """folder: for the places, None for the temporary one; published: a place to copy, None to make one."""

    folder: Path | None
    published: Path | None
    seed: int
    next_every: int
    ending: Ending = field(default_factory=Ending)


@dataclass
class Tally:
    """What the runs from number `first` on met: ends by kind, why kinds were skipped, what must not be, lines."""

    first: int
    ends: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def met_in_one_place(task: Task, faults: Sequence[tuple[int, str]]) -> Tally:
    """Meet faults, each with its number, one after another."""
    tally = Tally(faults[0][0])
    with (
        task.ending.at_work(),
        tempfile.TemporaryDirectory(prefix="faults-", dir=task.folder, ignore_cleanup_errors=True) as name,
    ):
        folder = Path(name)
        base = _base(folder / "base") if task.published is None else _stage(task.published)
        lasts = _measured(base, folder / "measured")
        place = folder / "place"
        shutil.copytree(base.place, place, symlinks=True)
        draw = random.Random(f"{task.seed} {tally.first}")
        for number, kind in faults:
            if task.ending.asked.is_set():
                break
            if kind in tally.skipped:
                continue
            if FAULTS[kind].alone:
                place = folder / f"place-{number}"
                shutil.copytree(base.place, place, symlinks=True)
            stage = Stage(place, draw, seconds=lasts.seconds, operations=lasts.operations)
            try:
                ended, lines = one(stage, FAULTS[kind], number, let_alone=(number + 1) % task.next_every == 0)
            except SkippedError as reason:
                tally.skipped[kind] = str(reason)
                continue
            tally.ends.setdefault(kind, Counter())[ended] += 1
            tally.found += [f"run {number}, {kind}: {line}" for line in lines]
            tally.said.append(f"{number} {kind}: {ended}" + "".join(f"\n  {line}" for line in lines))
    return tally


def table(tallies: Sequence[Tally]) -> str:
    """One line a kind: how often it was met, and how the run ended; or why it was skipped."""
    ends = {kind: sum((t.ends.get(kind, Counter()) for t in tallies), Counter[str]()) for kind in FAULTS}
    rows = [f"{kind:<22}{met.total():>5}  {_counts(met)}" for kind, met in ends.items() if met]
    skipped = {kind: reason for tally in tallies for kind, reason in tally.skipped.items()}
    rows += [f"{kind:<22} skipped: {reason}" for kind, reason in skipped.items()]
    return "\n".join([f"{'fault':<22}{'runs':>5}  how the run ended", *rows])


def _counts(ends: Counter[str]) -> str:
    return ", ".join(f"{number} {end}" for end, number in ends.most_common())


def one(stage: Stage, fault: Fault, number: int, *, let_alone: bool) -> tuple[str, list[str]]:
    """Meet one fault; how the run ended, and what must not be afterwards or after the next run."""
    place = stage.place
    write_stream(place / "stream", title=f"Run {number}", lost=stage.draw.randrange(6))
    options = stage.draw.choice([[], CORRECTED, ["--release", f"n{number}"]])
    fault.prepare(stage)
    before = state(place)
    try:
        ended, lines = fault.meet(stage, options)
        lines += [f"afterwards: {line}" for line in problems(place, before)]
    finally:
        fault.repair(stage)
    if not let_alone:
        return ended, lines
    before |= {k: v for k, v in state(place).items() if not k.startswith("build ")}
    again = stage.run(*options)
    if again.code:
        lines.append(f"the next run ended with {again.code}: {again.said}")
    lines += [f"after the next run: {line}" for line in (*problems(place, before), *unsettled(place))]
    return ended, lines


def _base(place: Path) -> Stage:
    """A place with a log, small notebooks, and release 1 published."""
    write_stream(place / "stream")
    write_report_notebooks(place / "notebooks")
    stage = _stage(place)
    first = stage.run("--release", "1")
    if first.code:
        raise RuntimeError(f"no fault, and yet: {first.said}")
    return stage


def _stage(place: Path) -> Stage:
    """A place of which is not known yet how long a run takes there."""
    return Stage(place, random.Random(0), seconds=60, operations=(1, 1))


def _measured(base: Stage, place: Path) -> Stage:
    """How long a run takes, and how many file operations."""
    shutil.copytree(base.place, place, symlinks=True)
    stage = _stage(place)
    counted = []
    for lost, options in enumerate((CORRECTED, []), start=4):
        write_stream(place / "stream", lost=lost)
        start = time.monotonic()
        stage.run(*options, count=place / "count")
        counted.append(int((place / "count").read_text()))
    return Stage(place, stage.draw, seconds=time.monotonic() - start, operations=(counted[0], counted[1]))
