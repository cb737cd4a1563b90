"""How a stretch of a table's rows is read without looking at the others: those of some neighbouring files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.logs.config import StreamConfig
from toolkit.logs.direct import direct_rows
from toolkit.logs.loaded import Loaded


@dataclass(frozen=True)
class Span:
    """Rows at places start <= place < end, which are those of the files first, first + 1, ..., last."""

    start: int
    end: int
    first: int
    last: int


def spans_of(loaded: Loaded, most: int = 0) -> Iterator[Span]:
    """Stretches of whole files in their order, as long as they have no more than `most` rows together; else one each.

    Files without rows are in none alone.
    """
    ends = (*loaded.starts[1:], loaded.rows) if loaded.starts else ()
    span: Span | None = None
    for index, (start, end) in enumerate(zip(loaded.starts, ends, strict=True)):
        if end == start:
            continue
        if span is not None and end - span.start > most:
            yield span
            span = None
        span = Span(start if span is None else span.start, end, index if span is None else span.first, index)
    if span is not None:
        yield span


def rows_in(loaded: Loaded, span: Span, config: StreamConfig, limit: int | None = None) -> str:
    """SQL for the rows of a stretch, with `place` and `problem`; limit: only that many, from its beginning."""
    if not loaded.in_place:
        end = span.end if limit is None else min(span.end, span.start + limit)
        return f"SELECT * FROM {loaded.staging} WHERE place BETWEEN {span.start} AND {end - 1}"
    files = range(span.first, span.last + 1)
    sources, starts = [loaded.sources[i] for i in files], [loaded.starts[i] for i in files]
    own = direct_rows(loaded.table, sources, starts, loaded.attributes, config, loaded.reasons)
    return own if limit is None else f"{own} LIMIT {limit}"
