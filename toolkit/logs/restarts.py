"""Whether a file holds two runs, one after the other: its stages go backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.logs.config import StreamConfig
from toolkit.logs.earlier import Account
from toolkit.logs.loaded import Loaded
from toolkit.logs.shown import shown
from toolkit.logs.spans import Span, rows_in, spans_of
from toolkit.logs.sql import Asked, ask
from toolkit.results import Notice

_MOST = 3  # descents of one cell; a file sorted by item goes back once an item, and is no restart
_BEGINNING = 20_000  # rows of a file that are looked at first: most files without order show it there


def restarts(connection: Asked, loaded: Loaded, config: StreamConfig) -> dict[str, int]:
    """Files in which the stages of one task go backwards a few times, as a restarted run leaves them.

    The number of the first such row in each file, by the file's name, in the order of files; a file counts by its own
    rows alone. Looked at by arm, seed, order and task, so that files sorted by these do not count. Rejected rows
    count: a restart that scores the same items again makes conflicting duplicates.
    """
    spans = list(spans_of(loaded))
    if loaded.elsewhere:
        descents = _descents_elsewhere(connection, loaded, spans)
    else:
        kept = [span for span in spans if not _needs_no_look(connection, loaded, span, config)]
        if not kept:
            return {}
        rows = f"SELECT * FROM {loaded.staging}"
        if len(kept) < len(spans):
            rows += " WHERE " + " OR ".join(f"place BETWEEN {start} AND {end - 1}" for start, end in _joined(kept))
        descents = _descents(connection, loaded, rows, kept)
    return {
        loaded.sources[file].file.name: first - loaded.starts[file] + 1
        for file, first, back in descents
        if back <= _MOST
    }


def all_restarts(
    connection: Asked,
    loaded: Sequence[Loaded],
    config: StreamConfig,
    order: Sequence[str],
    earlier: Account | None = None,
) -> dict[str, dict[str, int]]:
    """`restarts` by table, but of feedback, for people do not judge in the order of stages.

    order: names of all files of evaluations. earlier: of those that were read before.
    """
    found = {t.table.name: restarts(connection, t, config) for t in loaded if t.table.name != "feedback"}
    if earlier is not None:
        before = {file.path: file.backwards for file in earlier.files if file.backwards is not None}
        every = found["evaluations"] | before
        found["evaluations"] = {name: every[name] for name in order if name in every}
    return found


def told(table: str, found: Mapping[str, int]) -> Iterator[Notice]:
    """What is said of the files of a table in which stages go backwards."""
    if found:
        file, row = next(iter(found.items()))
        more = f" and {len(found) - 1:,} more files" if len(found) > 1 else ""
        yield Notice(
            code="stages-go-backwards",
            message=f"{table}: in {shown(file)}{more} stages go backwards (first at row {row:,}): two runs in one log? "
            "Give each its own seed, or keep one of them.",
        )


def _needs_no_look(connection: Asked, loaded: Loaded, span: Span, config: StreamConfig) -> bool:
    """Whether the first rows of a long file show already that it is in no order of stages, or it has but one stage."""
    if span.end - span.start <= _BEGINNING:
        return False
    rows = rows_in(loaded, span, config, _BEGINNING)
    if any(back > _MOST for *_, back in _descents(connection, loaded, rows, [span])):
        return True
    ends = f"SELECT min(stage) IS NOT DISTINCT FROM max(stage) FROM ({rows_in(loaded, span, config)})"
    return bool(ask(connection, ends)[0][0])


def _joined(spans: Sequence[Span]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in ((span.start, span.end) for span in spans):
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def _descents(connection: Asked, loaded: Loaded, rows: str, spans: Sequence[Span]) -> list[tuple[int, int, int]]:
    """(file, place of the first descent, descents of the cell that has most) of each file that has any."""
    order = ", task_order" if loaded.table.name == "evaluations" else ""
    cell = f"file, arm, seed, task{order}"
    files = ", ".join(f"({span.start}, {span.first})" for span in spans)
    starts = ", ".join(str(span.start) for span in spans)
    # Long stretches of one cell and stage are folded into one row each before anything is sorted.
    return ask(
        connection,
        f"""
        WITH placed AS (
            SELECT place, arm, seed, task{order}, stage FROM ({rows})
        ), turns AS (
            SELECT *, lag(stage) OVER () IS DISTINCT FROM stage OR lag(task) OVER () IS DISTINCT FROM task
                OR lag(arm) OVER () IS DISTINCT FROM arm OR lag(seed) OVER () IS DISTINCT FROM seed AS turn
            FROM placed
        ), heads AS (
            SELECT turns.*, file
            FROM turns ASOF JOIN (VALUES {files}) AS files(start, file) ON turns.place >= files.start
            WHERE (turn OR place IN ({starts})) AND stage IS NOT NULL
        ), steps AS (
            SELECT *, lag(stage) OVER (PARTITION BY {cell} ORDER BY place) AS before FROM heads
        ), cells AS (
            SELECT file, min(place) FILTER (stage < before) AS first, count(*) FILTER (stage < before) AS back
            FROM steps GROUP BY {cell}
        )
        SELECT file, min(first), max(back) FROM cells GROUP BY file HAVING max(back) > 0 ORDER BY file
        """,
    )


def _descents_elsewhere(connection: Asked, loaded: Loaded, spans: Sequence[Span]) -> list[tuple[int, int, int]]:
    """As `_descents`, for an engine whose rows have no order but that of their places: all are sorted once."""
    cell = "arm, seed, task" + (", task_order" if loaded.table.name == "evaluations" else "")
    files = ", ".join(f"({span.start}, {span.end}, {span.first})" for span in spans)
    return ask(
        connection,
        f"""
        SELECT file, min(first), max(back) FROM (
            SELECT file, min(place) AS first, count(*) AS back
            FROM (
                SELECT {cell}, stage, place, lag(stage) OVER (PARTITION BY {cell} ORDER BY place) AS before,
                       lag(place) OVER (PARTITION BY {cell} ORDER BY place) AS place_before
                FROM {loaded.staging} WHERE stage IS NOT NULL
            ) AS rows_in_order
            JOIN (VALUES {files}) AS files(begin, finish, file) ON place_before >= begin AND place < finish
            WHERE stage < before GROUP BY file, {cell}
        ) AS cells
        GROUP BY file ORDER BY file
        """,
    )
