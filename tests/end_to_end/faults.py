"""Is anything published ever harmed? Runs that are killed, starved, shut out or misled, again and again.

python -m tests.end_to_end.faults [--runs 350] [--seed 0] [--only KIND]     (or `make faults`)

Each run of a small real stream meets one fault; of 350, more than two hundred are killed. Afterwards every publication
must be whole, valid against the schema and reached by its links, nothing half-made may be published, and the next run
must end well. Prints a table; the exit code is 1 where anything was lost. What needs rights that this process lacks is
skipped, with the reason.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.end_to_end.fault_kinds import FAULTS
from tests.end_to_end.places import Tally, Task, met_in_one_place, table
from toolkit.parallel import handed_out

KILLS = ("run-killed", "all-killed", "killed-at-operation")
EVERY = [*7 * KILLS, *(kind for kind in FAULTS if kind not in KILLS)]
"""One round of the campaign: two of three runs are killed with SIGKILL, one after another."""
_FRESH_EVERY = 12  # so that the past of a stream, and with it each run, stays short


def main() -> int:
    """The campaign and its table."""
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--runs", type=int, default=350)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=sorted(FAULTS), action="append")
    parser.add_argument("--next-every", type=int, default=1, help="faults in a row before a run is let alone")
    parser.add_argument("--jobs", type=int, default=1, help="places at once")
    given = parser.parse_args()
    met, found = campaign(None, **vars(given), say=_tell)
    say = sys.stdout.write
    say("\n".join([met, *found]) + "\n")
    say(
        f"seed {given.seed}: "
        + (f"{len(found)} problems" if found else "nothing lost, nothing half-made published")
        + "\n"
    )
    return bool(found)


def campaign(
    folder: Path | None,
    *,
    runs: int,
    seed: int,
    only: list[str] | None = None,
    next_every: int = 1,
    say: Callable[[str], object] | None = None,
    published: Path | None = None,
    jobs: int = 1,
) -> tuple[str, list[str]]:
    """`runs` faults, some in turn in each place; the table, and one line for each thing that must not be.

    folder: for the places; None for the temporary folder of the machine that has a place.
    published: a place as `_base` makes it, which is copied; None makes one. jobs: places at once.
    """
    kinds = EVERY if only is None else list(only)
    task = Task(folder, published, seed, next_every)
    calls = (
        (met_in_one_place, (task, [(n, kinds[n % len(kinds)]) for n in range(first, min(first + _FRESH_EVERY, runs))]))
        for first in range(0, runs, _FRESH_EVERY)
    )
    tallies: list[Tally] = []
    try:
        with closing(handed_out(calls, jobs=jobs, prefer="threads", apart=True)) as results:
            for tally in results:
                tallies.append(tally)
                if say is not None:
                    say("\n".join(tally.said))
    finally:
        task.ending.now()
    tallies.sort(key=lambda tally: tally.first)
    return table(tallies), [line for tally in tallies for line in tally.found]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
