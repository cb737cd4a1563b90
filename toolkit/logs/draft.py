"""How the draft of a stream.toml reads: what was found, what was guessed, and what to check."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.logs.arrival import Arrival
from toolkit.logs.shown import listed, shown

_SCORES = ((0, 1), (0, 100), (-1, 1))
_JUDGEMENTS = ((0, 1), (1, 5), (1, 7), (1, 10), (0, 10), (0, 100), (-1, 1))


@dataclass(frozen=True)
class Seen:
    """What a folder holds: columns by table, aliases, lowest and highest score by table, tasks, remarks."""

    columns: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    ranges: dict[str, tuple[float, float]]
    arrival: Arrival | None
    remarks: tuple[str, ...]


def draft_text(name: str, title: str, seen: Seen) -> str:
    """A commented stream.toml for a stream called `name` with what was seen of it."""
    remarks = [f"# {shown(remark, 300)}" for remark in seen.remarks]
    columns = [f"# {table} has the columns {listed(names, 30)}" for table, names in seen.columns.items()]
    lines = [
        "# A draft from the files of this folder. Check what is marked, and change what is wrong.",
        *columns,
        *remarks,
        "",
        f"name = {_toml(name)}  # used in paths: lower-case letters, digits, - and _",
        f"title = {_toml(title)}",
        *_scale_lines(seen),
        "higher_is_better = true",
        '# release = "2026.11"        # names a release; without it each run is a look',
        '# expect_every = "2d"        # older logs are reported as stale',
        'missing_score = "reject"     # or "wrong": dropped failures inflate accuracy',
        "",
        *_task_lines(seen.arrival),
        *_feedback_lines(seen),
    ]
    if seen.aliases:
        lines += ["", "[aliases]  # names in the files -> names of the log; check each"]
        lines += [f"{_key(name)} = {_toml(meant)}" for name, meant in seen.aliases.items()]
    lines += [
        "",
        "[review]",
        "# seeds_shared = true        # seed k of one arm starts as seed k of the other",
        '# human_sampling = "random"  # where people judged a random sample; default: unknown',
        "# [review.margins.forgetting]  # the smallest change that matters; see: streamreview margins",
        "# value = 0.02",
        "",
    ]
    return "\n".join(lines)


def _scale_lines(seen: Seen) -> list[str]:
    if "evaluations" not in seen.ranges:
        return ["score_range = [0, 1]"]
    low, high = seen.ranges["evaluations"]
    ends, sure = _scale(low, high, _SCORES)
    return [f"score_range = {ends}  # scores go from {low:g} to {high:g}{'' if sure else '; check this scale'}"]


def _feedback_lines(seen: Seen) -> list[str]:
    if "feedback" not in seen.ranges:
        return []
    low, high = seen.ranges["feedback"]
    ends, _ = _scale(low, high, _JUDGEMENTS)
    return ["", "[feedback]", f"range = {ends}  # judgements go from {low:g} to {high:g}; check this scale"]


def _scale(low: float, high: float, known: Sequence[tuple[int, int]]) -> tuple[str, bool]:
    fits = next(((a, b) for a, b in known if a <= low and high <= b), None)
    if fits is not None:
        return f"[{fits[0]}, {fits[1]}]", fits == (0, 1)
    return f"[{low!r}, {high if high > low else low + 1!r}]", False


def _task_lines(arrival: Arrival | None) -> list[str]:
    if arrival is None or not arrival.tasks:
        return ["# [[tasks]]                  # in order of arrival", '# name = "..."']
    mark = "" if arrival.sure else " CHECK THIS ORDER: every number of the report depends on it."
    lines = [f"# Tasks in order of arrival, {arrival.evidence}.{mark}"]
    for task in arrival.tasks:
        lines += ["[[tasks]]", f"name = {_toml(task)}"]
    return [*lines, '# risk = "regulated"         # per task, where mistakes are costly: stricter margins']


def _toml(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)
