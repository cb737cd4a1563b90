"""What do the rows of an import say about the stream: its tasks and their order, its scale, its last stage?

Rows pass one by one; what is kept grows with the number of tasks alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, Row
from toolkit.logs.schema import ATTRIBUTE, TABLES

_ALONE = ("isolated", "fresh")


class Observed:
    """Looks at the rows on their way to the files."""

    def __init__(self) -> None:
        self.ranges: dict[str, tuple[float, float]] = {}
        self.tasks: dict[str, None] = {}
        self.orders: dict[str, None] = {}
        self.last_stage = 0
        self._first: dict[str, dict[str, int]] = {"samples": {}, "alone": {}, "stream": {}}

    def sound(self, records: Iterator[Record], account: Account, *, missing: str) -> Iterator[Record]:
        """The records that the log can take, without empty and unknown cells; the others are counted.

        missing: "reject" leaves out and counts rows whose score the source does not have, "wrong" keeps them.
        """
        for table, row in records:
            columns = TABLES[table].names
            cells: Row = {}
            for name, value in row.items():
                if name not in columns and not name.startswith(ATTRIBUTE):
                    account.left_out("cells", f"{name} is no column of {table}")
                elif value is not None and not (isinstance(value, float) and not math.isfinite(value)):
                    cells[name] = _text(value) if isinstance(value, str) else value
            if not _scored(table, cells) and not (table == "evaluations" and missing == "wrong"):
                account.left_out("rows", f"{table} without a score", f"{cells.get('task')}, stage {cells.get('stage')}")
                continue
            account.rows[table] += 1
            self._look(table, cells)
            yield Record(table, cells)

    def arrival(self) -> tuple[list[str], str, bool]:
        """Tasks in order of arrival by the best evidence in the rows, what says so, and whether it leaves no doubt."""
        from toolkit.logs.tasks import natural_order

        for kind, evidence in (
            ("samples", "by the first stage with samples of each"),
            ("alone", "by their stage in the isolated or fresh arm"),
            ("stream", "by the first stage that evaluates each"),
        ):
            first = self._first[kind]
            if first.keys() == self.tasks.keys() and len(set(first.values())) == len(first):
                return sorted(first, key=lambda task: first[task]), evidence, True
        by_name = natural_order(self.tasks)
        if by_name is not None:
            return list(by_name), "by the numbers in their names", True
        return list(self.tasks), "as they first appear in the source", False

    def _look(self, table: str, row: Row) -> None:
        task, stage = str(row.get("task")), row.get("stage")
        self.tasks.setdefault(task)
        if table == "evaluations":
            self.orders.setdefault(str(row.get("order", "default")))
        score = row.get("score")
        if isinstance(score, int | float):
            low, high = self.ranges.get(table, (score, score))
            self.ranges[table] = (min(low, score), max(high, score))
        if not isinstance(stage, int):
            return
        self.last_stage = max(self.last_stage, stage)
        arm = row.get("arm", "stream")
        kind = "alone" if arm in _ALONE else "stream"
        if table == "samples":
            kind = "samples" if stage > 0 else ""
        elif table == "feedback" or arm == "joint":
            kind = ""
        if kind:
            first = self._first[kind]
            first[task] = min(stage, first.get(task, stage))


def _text(value: str) -> str:
    """Text that can be written: JSON may spell half of a surrogate pair."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _scored(table: str, row: Row) -> bool:
    if table == "samples":
        return True
    if table == "evaluations":
        return "score" in row or {"answer", "truth"} <= row.keys()
    return "score" in row or "label" in row or bool(row.get("abstained"))
