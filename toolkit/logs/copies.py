"""Which files of a table are copies of others, byte for byte, and what becomes of their rows.

A copy says nothing new: each of its rows repeats one of the first file, or contradicts what that contradicts. So the
search for repeated rows need not look at it, and the checked table does without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.logs.loaded import Loaded
from toolkit.logs.sql import Asked, ask


def copies_of(loaded: Loaded, hashes: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """Pairs (file with rows, the first that is equal to it) by their positions.

    hashes: of the contents, by the files' names.
    """
    ends = (*loaded.starts[1:], loaded.rows)
    first: dict[object, int] = {}
    pairs = []
    for place, source in enumerate(loaded.sources):
        if ends[place] == loaded.starts[place]:
            continue
        file = source.file
        key = (hashes.get(file.name, file.name), file.format, file.compression, file.partition)
        if first.setdefault(key, place) != place:
            pairs.append((place, first[key]))
    return tuple(pairs)


def reject_copies(connection: Asked, loaded: Loaded, repeated: int, conflicts: Sequence[int]) -> None:
    """Reject all sound rows of files that are copies, once those of the first files have been looked at.

    repeated, conflicts: codes of the reasons. Rows that contradict others in the first file do so in its copies.
    """
    ends = (*loaded.starts[1:], loaded.rows)
    listed = ", ".join(
        f"({loaded.starts[file]}, {ends[file]}, {loaded.starts[file] - loaded.starts[first]})"
        for file, first in loaded.copies
    )
    ask(connection, f"CREATE TABLE copied AS SELECT * FROM (VALUES {listed}) AS c(start, finish, shift)")
    ask(
        connection,
        f"INSERT INTO {loaded.rejected} SELECT x.place + c.shift, x.problem FROM {loaded.rejected} x JOIN copied c "
        "ON x.place >= c.start - c.shift AND x.place < c.finish - c.shift "
        f"WHERE x.problem IN ({', '.join(map(str, conflicts))})",
    )
    ask(
        connection,
        f"INSERT INTO {loaded.rejected} SELECT p.place, {repeated} "
        "FROM (SELECT unnest(range(start, finish)) AS place FROM copied) p "
        f"ANTI JOIN {loaded.rejected} x ON p.place = x.place",
    )
    ask(connection, "DROP TABLE copied")
