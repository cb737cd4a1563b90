"""What became of every row that was read: used, or rejected with file, line or row number and a reason."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from toolkit.logs.earlier import Account
from toolkit.logs.loaded import Loaded
from toolkit.logs.reasons import NOT_COUNTED, TRUNCATED
from toolkit.logs.sources import Source
from toolkit.logs.sql import Asked, ask
from toolkit.logs.textfiles import rows_of
from toolkit.results.report import LedgerEntry


@dataclass(frozen=True)
class RejectedRow:
    """One row that is not used.

    number: from 1, the line on which it starts (unit "line") or its number in a Parquet file (unit "row").
    counted: whether it counts towards `max_rejected`.
    """

    table: str
    file: str
    number: int
    unit: Literal["line", "row"]
    reason: str
    counted: bool

    @property
    def place(self) -> str:
        """File and line, as messages name it."""
        return f"{self.file} {self.unit} {self.number}"


class Ledger:
    """The account of all tables of one log: read = used + rejected, for each of them.

    earlier: of files of evaluations that were read before; they are counted, but their rejected rows are not listed.
    order: the names of all files of evaluations in their order.
    """

    def __init__(
        self,
        connection: Asked,
        loaded: Sequence[Loaded],
        earlier: Account | None = None,
        order: Sequence[str] = (),
    ) -> None:
        self._connection = connection
        self._loaded = tuple(loaded)
        self._earlier = earlier
        self._order = {name: place for place, name in enumerate(order)}
        self._entries = {
            table.table.name: _entry(connection, table, earlier if table.table.name == "evaluations" else None)
            for table in self._loaded
        }

    def entries(self) -> dict[str, LedgerEntry]:
        """Rows read, used and rejected by table, with the number of rejected rows by reason."""
        return dict(self._entries)

    def counted(self, table: str) -> int:
        """Rejected rows of a table that count towards `max_rejected`."""
        return sum(n for why, n in self._entries[table].reasons.items() if why not in NOT_COUNTED)

    def commonest(self, table: str) -> tuple[str, int]:
        """The reason that most rows of a table are rejected for, those that count first, and their number."""
        reasons = self._entries[table].reasons
        counted = {why: n for why, n in reasons.items() if why not in NOT_COUNTED} or reasons
        return Counter(counted).most_common(1)[0]

    def first_cut(self, table: str) -> tuple[str, int] | None:
        """File and line of the first last line of a table that was cut short; None where none was."""
        if TRUNCATED not in self._entries[table].reasons:
            return None
        found = [(row.file, row.number) for row in self.rejected(1, table=table, reason=TRUNCATED)]
        if table == "evaluations" and self._earlier is not None and self._earlier.cut is not None:
            found.append(self._earlier.cut)
        return min(found, key=lambda place: self._order.get(place[0], 0))

    def rejected(
        self, limit: int | None = None, *, table: str | None = None, reason: str | None = None
    ) -> list[RejectedRow]:
        """Rejected rows in the order of tables, files and lines, the first `limit` of them.

        Lines are looked up in the files, so the log must still be open and its files in place.
        """
        wanted = [loaded for loaded in self._loaded if table in (None, loaded.table.name)]
        return list(islice((row for loaded in wanted for row in self._rows(loaded, limit, reason)), limit))

    def _rows(self, loaded: Loaded, limit: int | None, reason: str | None) -> Iterator[RejectedRow]:
        which = "" if reason is None else f" WHERE problem = {loaded.reasons.code(reason)}"
        query = f"SELECT place, problem FROM {loaded.rejected}{which} ORDER BY place"
        found = ask(self._connection, query + ("" if limit is None else f" LIMIT {limit}"))
        for index, rows in groupby(found, key=lambda row: bisect_right(loaded.starts, row[0]) - 1):
            source = loaded.sources[index]
            places = [(row - loaded.starts[index], loaded.reasons.text(code)) for row, code in rows]
            unit: Literal["line", "row"] = "row" if source.file.format == "parquet" else "line"
            lines = _lines(source, [place for place, _ in places])
            for (_, why), line in zip(places, lines, strict=True):
                counted = why not in NOT_COUNTED
                yield RejectedRow(loaded.table.name, source.file.name, line, unit, why, counted)


def _entry(connection: Asked, loaded: Loaded, earlier: Account | None) -> LedgerEntry:
    query = f"SELECT problem, count(*) FROM {loaded.rejected} GROUP BY problem"
    counts = Counter({loaded.reasons.text(code): int(n) for code, n in ask(connection, query)})
    read = loaded.rows
    if earlier is not None:
        counts.update(earlier.reasons)
        read += earlier.rows
    rejected = sum(counts.values())
    by_reason = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return LedgerEntry(read=read, used=read - rejected, rejected=rejected, reasons=dict(by_reason))


def _lines(source: Source, places: Sequence[int]) -> Iterator[int]:
    """The line of each of the rows `places` (from 0, ascending); of a Parquet file the row number."""
    if source.file.format == "parquet":
        yield from (place + 1 for place in places)
        return
    rows = enumerate(rows_of(source))
    for place in places:
        yield next((row.line for at, row in rows if at == place), 0)
