"""Which publications of a stream must stay whole, and why? What pruning may touch is the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.reporting.gate import has_regulated
from toolkit.reporting.history import History, Published


@dataclass(frozen=True)
class Wanted:
    """What is asked to go.

    keep: how many of the newest releases, of the newest looks and of the newest failures stay.
    older_than: only what is at least that old goes besides. now: the moment of asking (UTC).
    """

    keep: int
    older_than: dt.timedelta
    now: dt.datetime


def staying(history: History, wanted: Wanted) -> dict[str, str]:
    """Publications that stay whole: entry -> why, the strongest reason of each.

    Later revisions of a release of which an earlier one stays, stay too: its pages lead to them.
    """
    why: dict[str, str] = {}
    retained = retention(history)
    for p in history.published:
        reason = retained.reason(finished(p), wanted.now)
        if reason is not None:
            why[p.entry] = reason
    for entry, reason in (*_found(history), *_new(history, wanted)):
        why.setdefault(entry, reason)
    baselines = _baselines(history, frozenset(why))
    for p in history.published:
        if not p.look and p.release in baselines:
            why.setdefault(p.entry, "a baseline")
    for p in history.published:
        earlier = [q for q in history.published if q.release == p.release and q.revision < p.revision]
        if not p.look and any(not q.look and q.entry in why for q in earlier):
            why.setdefault(p.entry, "an earlier revision leads to it")
    return why


@dataclass(frozen=True)
class Retention:
    """How long everything of a stream must stay; `years` None where nothing has been said of it."""

    regulated: bool
    years: float | None

    def reason(self, written: dt.datetime | None, now: dt.datetime) -> str | None:
        """Why something written then must stay now; None where it need not."""
        if not self.regulated:
            return None
        if not self.years:
            return "the stream has a regulated task and stream.toml sets no retention_years"
        if written is None or now - written < dt.timedelta(days=365.25 * self.years):
            return f"the stream has a regulated task and retention_years = {self.years:g}"
        return None


def retention(history: History) -> Retention:
    """The strictest that the publications say, for a task may become regulated later and years may be lowered."""
    regulated = any(has_regulated(p.content) for p in history.published)
    return Retention(regulated, max((_years(p.content) for p in history.published), default=None))


def finished(published: Published) -> dt.datetime | None:
    """When a publication was finished; None where its results do not say."""
    try:
        moment = dt.datetime.fromisoformat(published.finished)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _found(history: History) -> list[tuple[str, str]]:
    """What links and verdicts of the stream lead to."""
    pairs: list[tuple[str, str]] = []
    if history.releases and (newest := history.current(history.releases[-1])) is not None:
        pairs.append((newest.entry, "latest leads to it"))
    if history.head is not None:
        pairs.append((history.head.entry, "latest-look leads to it"))
    if history.latest_look is not None:
        pairs.append((history.latest_look.entry, "the newest look"))
    last: dict[str, str] = {str(p.content.get("verdict")): p.entry for p in history.published}
    pairs += [(entry, f"the last that was {verdict}") for verdict, entry in last.items()]
    return pairs


def _baselines(history: History, whole: frozenset[str]) -> set[str]:
    """Releases with which those that stay are compared, and the one that the newest stream.toml names.

    One step back only: each release is compared with the one before, and a chain would keep them all.
    """
    names = {p.content.get("baseline") for p in history.published if p.entry in whole}
    if history.head is not None:
        names.add(history.head.content.get("provenance", {}).get("config", {}).get("baseline"))
    return {str(name) for name in names if name}


def _new(history: History, wanted: Wanted) -> list[tuple[str, str]]:
    """The newest of each kind, and what is not old enough."""
    releases = history.releases[max(0, len(history.releases) - wanted.keep) :]
    looks = [p.entry for p in history.published if p.look]
    looks = looks[max(0, len(looks) - wanted.keep) :]
    pairs = []
    for p in history.published:
        if (p.entry in looks) if p.look else (p.release in releases):
            pairs.append((p.entry, f"among the newest {wanted.keep}"))
        written = finished(p)
        if written is None:
            pairs.append((p.entry, "its results do not say when it was finished"))
        elif wanted.now - written < wanted.older_than:
            pairs.append((p.entry, f"younger than {wanted.older_than.days} days"))
    return pairs


def _years(content: Mapping[str, Any]) -> float:
    return float(content.get("provenance", {}).get("config", {}).get("retention_years") or 0)
