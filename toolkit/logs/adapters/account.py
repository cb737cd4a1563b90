"""What did an import read, what could it not map and why, and what should the user know about it?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from toolkit.logs.shown import shown

_MOST = 500  # different entries: reasons are few, and a reason that names every row would not stay bounded
_OTHER = ("entries", "too many different reasons to list each")


@dataclass
class LeftOut:
    """So many things of one sort, left out for one reason; the first of them stood there."""

    count: int
    first: str


class Account:
    """Counts what an adapter leaves out, keeps its warnings, and what it says it used.

    Every call adds to an entry, so memory does not grow with the source.
    """

    def __init__(self) -> None:
        self.left: dict[tuple[str, str], LeftOut] = {}
        self.warnings: list[str] = []
        self.rows: Counter[str] = Counter()

    def left_out(self, what: str, why: str, where: object = "", n: int = 1) -> None:
        """`n` things called `what` (plural: "rows", "aggregates") are not in the log, because `why`.

        where: file, line or name of the first of them, relative to the source.
        """
        if n <= 0:
            return
        key = (what, why)
        if key not in self.left and len(self.left) >= _MOST:
            key = _OTHER
        entry = self.left.setdefault(key, LeftOut(0, shown(where) if where != "" else ""))
        entry.count += n

    def warn(self, text: str) -> None:
        """One sentence the user must know; the same sentence counts once."""
        line = shown(text, 400)
        if line not in self.warnings and len(self.warnings) < _MOST:
            self.warnings.append(line)

    def lines(self) -> list[str]:
        """What is printed after an import: what was left out, then the warnings."""
        lines = []
        for (what, why), entry in self.left.items():
            first = f" (first: {entry.first})" if entry.first else ""
            lines.append(f"Left out: {entry.count:,} {shown(what)}: {shown(why, 300)}{first}")
        return [*lines, *(f"Note: {text}" for text in self.warnings)]

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "rows": dict(self.rows),
            "left_out": [
                {"what": what, "why": why, "count": entry.count, "first": entry.first}
                for (what, why), entry in self.left.items()
            ],
            "warnings": list(self.warnings),
        }
