"""`streamreview check`: prints a log's ledger, what can be measured on it, and what to log next."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.show import say, table, warn
from toolkit.cube.facts import Facts, gather
from toolkit.errors import LogRejected
from toolkit.reporting.gate import DONE, STALE
from toolkit.reporting.stale import is_stale
from toolkit.review.measurable import cheapest_next, measurable

if TYPE_CHECKING:
    from toolkit.logs import CheckedLog


def check(stream: Path, *, rejected: bool) -> int:
    """Read and validate the log; 0, or 5 where it is stale.

    rejected: list every rejected row, also of a log with too many of them. Raises LogRejected where the log
    cannot be used.
    """
    from toolkit.logs import read_stream

    try:
        log = read_stream(stream)
    except LogRejected:
        if rejected:
            with read_stream(stream, enforce_limit=False) as log:
                _ledger(log)
                _rejected(log)
        raise
    with log:
        _ledger(log)
        if rejected:
            _rejected(log)
        facts = gather(log)
        _people(facts)
        _measurable(facts)
        if is_stale(log.newest, log.config.expect_every_minutes, dt.datetime.now(dt.UTC)):
            every = log.config.expect_every
            warn(f"{stream}: the log is older than expect_every ({every}) of stream.toml allows")
            return STALE
    return DONE


def _measurable(facts: Facts) -> None:
    rows = [(r.axis, r.question, r.answer, r.remark) for r in measurable(facts)]
    header = ("axis", "question", "measurable", "what it needs, or would make it sharper")
    table("What can be measured", header, rows)
    if advice := cheapest_next(facts):
        say("Cheapest to log next:")
        for number, line in enumerate(advice, 1):
            say(f"  {number}. {line}")


def _rejected(log: CheckedLog) -> None:
    rows = [(row.table, row.place, row.reason) for row in log.ledger.rejected()]
    table("Rejected rows", ("table", "place", "reason"), rows)


def _ledger(log: CheckedLog) -> None:
    rows = []
    for name, entry in log.ledger.entries().items():
        reasons = "; ".join(f"{count} {reason}" for reason, count in entry.reasons.items())
        rows.append((name, f"{entry.read:,}", f"{entry.used:,}", f"{entry.rejected:,}", reasons))
    table("Rows read = used + rejected", ("table", "read", "used", "rejected", "reasons"), rows, right=(1, 2, 3))
    for notice in log.notices:
        say(f"Note ({notice.code}): {notice.message}")


def _people(facts: Facts) -> None:
    if facts.human:
        say(
            f"Human labels: {facts.human:,}, of which {facts.matched:,} match something "
            "a synthetic rater judged; "
            f"{facts.twice:,} items were judged by two people or more."
        )
    else:
        say("Human labels: none; nothing to check the judge against.")
    say()
