"""Is anything published ever harmed? Runs that are killed, starved, shut out or misled, again and again.

python -m tests.end_to_end.faults [--runs 300] [--seed 0] [--only KIND]     (or `make faults`)

Each run of a small real stream meets one fault; of 300, two hundred are killed. Afterwards every publication must be
whole, valid against the schema and reached by its links, nothing half-made may be published, and the next run must end
well. Prints a table; the exit code is 1 where anything was lost. What needs rights that this process lacks is skipped,
with the reason.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.end_to_end.fault_kinds import FAULTS, Fault
from tests.end_to_end.soundness import problems, state, unsettled
from tests.end_to_end.stage import SkippedError, Stage
from tests.reporting.support import write_report_notebooks, write_stream

KILLS = ("run-killed", "all-killed", "killed-at-operation")
EVERY = [*7 * KILLS, *(kind for kind in FAULTS if kind not in KILLS)]
"""One round of the campaign: two of three runs are killed with SIGKILL, one after another."""
_FRESH_EVERY = 12  # so that the past of a stream, and with it each run, stays short


def main() -> int:
    """The campaign and its table."""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(FAULTS), action="append")
    parser.add_argument("--next-every", type=int, default=1, help="faults in a row before a run is let alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        table, found = campaign(Path(folder), **vars(given), say=_tell)
    say = sys.stdout.write
    say("\n".join([table, *found]) + "\n")
    say(
        f"seed {given.seed}: "
        + (f"{len(found)} problems" if found else "nothing lost, nothing half-made published")
        + "\n"
    )
    return bool(found)


def campaign(
    folder: Path,
    *,
    runs: int,
    seed: int,
    only: list[str] | None = None,
    next_every: int = 1,
    say: Callable[[str], object] | None = None,
    published: Path | None = None,
) -> tuple[str, list[str]]:
    """`runs` faults in turn in `folder`; the table, and one line for each thing that must not be.

    published: a place as `_base` makes it, which is copied; None makes one.
    """
    draw = random.Random(seed)
    kinds = EVERY if only is None else list(only)
    base = _base(folder / "base") if published is None else _stage(published)
    lasts = _measured(base, folder / "measured")
    met: Counter[str] = Counter()
    ends: dict[str, Counter[str]] = {}
    skipped: dict[str, str] = {}
    found: list[str] = []
    place = base
    for number in range(runs):
        kind = kinds[number % len(kinds)]
        if kind in skipped:
            continue
        if number % _FRESH_EVERY == 0 or FAULTS[kind].alone:
            place = folder / f"place-{number}"
            shutil.copytree(base.place, place, symlinks=True)
        stage = Stage(place, draw, seconds=lasts.seconds, operations=lasts.operations)
        try:
            ended, lines = one(stage, FAULTS[kind], number, let_alone=(number + 1) % next_every == 0)
        except SkippedError as reason:
            skipped[kind] = str(reason)
            continue
        met[kind] += 1
        ends.setdefault(kind, Counter())[ended] += 1
        found += [f"run {number}, {kind}: {line}" for line in lines]
        if say is not None:
            say(f"{number + 1}/{runs} {kind}: {ended}" + "".join(f"\n  {line}" for line in lines))
    rows = [f"{kind:<22}{met[kind]:>5}  {_counts(ends[kind])}" for kind in FAULTS if met[kind]]
    rows += [f"{kind:<22} skipped: {reason}" for kind, reason in skipped.items()]
    return "\n".join([f"{'fault':<22}{'runs':>5}  how the run ended", *rows]), found


def one(stage: Stage, fault: Fault, number: int, *, let_alone: bool) -> tuple[str, list[str]]:
    """Meet one fault; how the run ended, and what must not be afterwards or after the next run."""
    place = stage.place
    write_stream(place / "stream", title=f"Run {number}", lost=stage.draw.randrange(6))
    options = stage.draw.choice([[], ["--release", "1"], ["--release", f"n{number}"]])
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
    return Stage(place, random.Random(0), seconds=60, operations=1)


def _measured(base: Stage, place: Path) -> Stage:
    """How long a run takes, and how many file operations."""
    shutil.copytree(base.place, place, symlinks=True)
    write_stream(place / "stream", lost=5)
    stage = _stage(place)
    start = time.monotonic()
    stage.run("--release", "1", count=place / "count")
    return Stage(place, stage.draw, seconds=time.monotonic() - start, operations=int((place / "count").read_text()))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _counts(ends: Counter[str]) -> str:
    return ", ".join(f"{number} {end}" for end, number in ends.most_common())


if __name__ == "__main__":
    sys.exit(main())
