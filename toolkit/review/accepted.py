"""Which findings does stream.toml bear, until when, and does every `[[accepted]]` name a finding that there is?"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence

from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, Notice
from toolkit.results.estimate import Acceptance


def acceptance_of(estimate: Estimate, config: StreamConfig, today: dt.date) -> Acceptance | None:
    """Who bears this finding, why and until which day, that day included; None where nobody does, or no longer.

    Of several that name it, the one that lasts longest. What is healthy or has no verdict is not borne.
    """
    if estimate.verdict in (None, "healthy", "not measured"):
        return None
    mine = [a for a in config.accepted if a.finding == estimate.id and a.until >= today]
    last = max(mine, key=lambda a: a.until, default=None)
    return None if last is None else Acceptance(by=last.by, why=last.why, until=last.until)


def with_accepted(estimates: Iterable[Estimate], config: StreamConfig, today: dt.date) -> tuple[Estimate, ...]:
    """The estimates, each with its acceptance on the day `today`; verdicts stay as they are."""
    if not config.accepted:
        return tuple(estimates)
    return tuple(e.model_copy(update={"accepted": acceptance_of(e, config, today)}) for e in estimates)


def accepted_notices(estimates: Sequence[Estimate], config: StreamConfig, today: dt.date) -> tuple[Notice, ...]:
    """What a reader must know of `[[accepted]]`: ids that no estimate has, and days that have passed."""
    by_id = {e.id: e for e in estimates}
    notices = []
    for entry in config.accepted:
        found = by_id.get(entry.finding)
        if found is None:
            close = difflib.get_close_matches(entry.finding, list(by_id), n=1, cutoff=0.5)
            remedy = f"the nearest is `{close[0]}`" if close else "ids of findings stand in results.json"
            text = f"[[accepted]] of stream.toml: no finding is called `{entry.finding}`, and nothing is accepted by it"
            notices.append(Notice(code="accepted-unknown", message=f"{text}; {remedy}."))
        elif (
            entry.until < today and found.verdict not in (None, "healthy") and not _borne(entry.finding, config, today)
        ):
            text = f"`{entry.finding}` was accepted by {entry.by} until {entry.until.isoformat()}"
            notices.append(Notice(code="accepted-ended", message=f"{text}; that day has passed, and it counts again."))
    return tuple(notices)


def _borne(finding: str, config: StreamConfig, today: dt.date) -> bool:
    return any(a.finding == finding and a.until >= today for a in config.accepted)
