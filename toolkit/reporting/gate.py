"""With which exit code does a report end? Was a verdict reached on which the caller wants to fail?

Works on results.json as plain JSON, so that a stored verdict can be asked under any --fail-on at no cost.
Margins that nobody has chosen are provisional: on them alone a run does not fail, and says so. Only where a
stream has regulated tasks, harmlessness must be shown, and a provisional margin cannot show it: there such
an axis counts as unclear. An alarm counts whether it is new or standing, once an axis; one that is accepted in
stream.toml does not, until its day has passed. Of an axis with accepted findings the verdict without them counts,
until the first of their days has passed; from then on its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.errors import UsageError

DONE, REACHED, STALE = 0, 3, 5
CHOICES = ("act", "watch", "not measured", "unclear", "healthy", "alarm")
REGULATED_DEFAULT = frozenset({"act", "watch", "not measured", "unclear", "alarm"})


@dataclass(frozen=True)
class Gate:
    """What was reached (one line an axis or alarm) and what does not count and why."""

    reached: tuple[str, ...]
    not_counted: tuple[str, ...]


def parse_fail_on(text: str | None) -> frozenset[str] | None:
    """`act,alarm` as a set; "none" as the empty set; None where nothing was said. Raises UsageError."""
    if text is None:
        return None
    words = [" ".join(w.replace("-", " ").replace("_", " ").split()).lower() for w in text.split(",")]
    if words == ["none"]:
        return frozenset()
    for word in words:
        if word not in CHOICES:
            known = ", ".join(c.replace(" ", "-") for c in CHOICES)
            raise UsageError(f"--fail-on: unknown verdict {word!r}; use some of {known}, or none")
    return frozenset(words)


def gate(results: Mapping[str, Any], fail_on: frozenset[str] | None, *, today: dt.date | None = None) -> Gate:
    """Which verdicts of the required axes and which alarms are among `fail_on`.

    fail_on None: nothing, but where the stream has a regulated task everything except healthy.
    today: decides whether what was accepted is still accepted (UTC; None: now).
    """
    today = today or dt.datetime.now(dt.UTC).date()
    regulated = has_regulated(results)
    wanted = fail_on if fail_on is not None else (REGULATED_DEFAULT if regulated else frozenset())
    reached: list[str] = []
    not_counted: list[str] = []
    for axis in results["axes"]:
        if not axis["required"]:
            continue
        verdict, name = axis["verdict"], axis["axis"]
        besides = _besides_accepted(axis, today)
        if besides is not None:
            if verdict in wanted:
                not_counted.append(f"{name}: {verdict} accepted until {axis['accepted_until']} does not count")
            axis, verdict = {**axis, "verdict": besides}, besides
        if verdict != "not measured" and rests_on_provisional(results, axis):
            advice = f"choose one in [review.margins] of stream.toml for {name}"
            if not regulated:
                if verdict in wanted:
                    not_counted.append(f"{name}: {verdict} under a provisional margin does not count; {advice}")
                continue
            if {"unclear", verdict} & wanted:
                reached.append(
                    f"{name}: {verdict} under a provisional margin, which shows nothing for regulated tasks; {advice}"
                )
            continue
        if verdict in wanted:
            reached.append(f"{name}: {verdict}")
    if "alarm" in wanted:
        for quantity, (text, accepted) in _alarms(results, today).items():
            if accepted is None:
                reached.append(f"{quantity}: alarm, {text}")
            else:
                not_counted.append(f"{quantity}: alarm accepted until {accepted} does not count, {text}")
    return Gate(tuple(reached), tuple(not_counted))


def exit_code(results: Mapping[str, Any], fail_on: frozenset[str] | None, *, stale: bool) -> int:
    """5 for a stale log, whose verdict speaks of the past, else 3 where the gate is reached, else 0."""
    if stale:
        return STALE
    return REACHED if gate(results, fail_on).reached else DONE


def _besides_accepted(axis: Mapping[str, Any], today: dt.date) -> str | None:
    """The verdict of an axis without its accepted findings; None where they change nothing, or no longer."""
    until, besides = axis.get("accepted_until"), axis.get("besides_accepted")
    if until is None or besides in (None, axis["verdict"]) or dt.date.fromisoformat(until) < today:
        return None
    return str(besides)


def _alarms(results: Mapping[str, Any], today: dt.date) -> dict[str, tuple[str, str | None]]:
    """The first alarm of each quantity, and the day until which it is accepted, None where it is not."""
    found: dict[str, tuple[str, str | None]] = {}
    for state in results.get("monitor", []):
        if state.get("alarm"):
            until = state.get("accepted_until")
            borne = until is not None and dt.date.fromisoformat(until) >= today
            found.setdefault(state["quantity"], (state["alarm"], until if borne else None))
    return found


def has_regulated(results: Mapping[str, Any]) -> bool:
    """Whether the stream has a regulated task."""
    tasks = results.get("provenance", {}).get("config", {}).get("tasks", [])
    return any(task.get("risk") == "regulated" for task in tasks)


def rests_on_provisional(results: Mapping[str, Any], axis: Mapping[str, Any]) -> bool:
    """Whether no chosen margin stands behind an axis's verdict.

    Asked of the axis's estimates that have this verdict, else of its headline.
    """
    own = [e for e in results["estimates"] if e["axis"] == axis["axis"] and e.get("margin") is not None]
    same = [e for e in own if e.get("verdict") == axis["verdict"]]
    judged = same or [e for e in own if e["id"] == axis.get("headline")]
    return bool(judged) and all(e.get("margin_provisional") for e in judged)
