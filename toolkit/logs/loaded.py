"""What was read of one table, before its rows are checked against stream.toml and each other."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.logs.reasons import Reasons
from toolkit.logs.schema import Table
from toolkit.logs.sources import Source
from toolkit.logs.sql import identifier


@dataclass(frozen=True)
class Loaded:
    """What was read of one table; the rows of `sources[i]` begin at place `starts[i]` of all `rows`.

    The relation `staging` has the table's columns of every row, with `place` (its distance from the first row of the
    first file) and `problem` (the code of a reason where the row cannot be used, else NULL). in_place: whether that
    reads the files anew each time it is asked. elsewhere: whether it is in another engine than DuckDB. copies: pairs of
    a file and the first that is equal to it, by position; then there is also the relation `alone` without such files.
    """

    table: Table
    sources: tuple[Source, ...]
    attributes: tuple[str, ...]
    reasons: Reasons
    starts: tuple[int, ...] = ()
    rows: int = 0
    in_place: bool = False
    elsewhere: bool = False
    copies: tuple[tuple[int, int], ...] = ()

    @property
    def staging(self) -> str:
        """Name of the relation of all rows."""
        return f"staging_{self.table.name}"

    @property
    def sound(self) -> str:
        """Name of the relation of rows that are sound by themselves, with their places."""
        return f"sound_{self.table.name}"

    @property
    def alone(self) -> str:
        """Name of the relation of all rows but those of copies."""
        return f"alone_{self.table.name}" if self.copies else self.staging

    @property
    def once(self) -> str:
        """Name of the relation of sound rows but those of copies."""
        return f"once_{self.table.name}" if self.copies else self.sound

    @property
    def rejected(self) -> str:
        """Name of the DuckDB table of rows that are not used: (place, problem)."""
        return f"rejected_{self.table.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Quoted names of the columns of the checked table."""
        return (*(identifier(c.stored) for c in self.table.columns), *map(identifier, self.attributes))

    @property
    def found(self) -> frozenset[str]:
        """Names of the table's columns that any file has."""
        return frozenset(name for source in self.sources for name in source.mapped.columns)
