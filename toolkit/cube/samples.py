"""Which samples of a log are kept one by one, and what of them?

A simple random sample of every cell (arm, seed, stage, task, human or not, accepted or not): the samples whose ids
have the smallest MD5, so that the choice depends on nothing else, not on the order of rows and files either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.cube import sample_queries as queries
from toolkit.logs.config import StreamConfig
from toolkit.logs.shown import listed
from toolkit.logs.sql import identifier
from toolkit.results import Notice

if TYPE_CHECKING:
    from toolkit.logs import CheckedLog

MAX_KEPT = 32_768
MAX_NUMBERS = 1 << 24
"""Numbers in the kept embeddings, 64 MB: beyond it fewer samples of each cell keep theirs."""
MAX_WORDS = 512
LOOKED_AT = 1 << 16
"""Characters of a text in which its first words are looked for."""
MAX_CHARACTERS = 600
MAX_LABELS = 60
LONGEST_LABEL = 80
_BATCH = 2_048


@dataclass(frozen=True)
class Samples:
    """What a cube keeps of the samples of a log.

    tables: `samples`, `label_counts` and `sample_rows`. embedded: of how many samples of a cell, the first by hash,
    embeddings are kept. notices: what to tell about them.
    """

    tables: dict[str, pa.Table]
    embedded: int
    notices: tuple[Notice, ...]


def reduce_samples(log: CheckedLog, *, max_kept: int = MAX_KEPT) -> Samples:
    """Reduce the samples of a checked log that has some; max_kept: samples that are kept one by one."""
    con = log.connection
    counts = con.sql(queries.SAMPLES).to_arrow_table()
    left_out = [str(task) for (task,) in con.sql(queries.MANY_LABELS, params={"most": MAX_LABELS}).fetchall()]
    labels = con.sql(queries.LABEL_COUNTS, params={**hiding(log.config), "left_out": left_out}).to_arrow_table()
    sizes = [int(n) for (n,) in con.sql(queries.CELL_SIZES).fetchall()]
    cap = equal_cap(sizes, max_kept)
    lengths = con.sql(queries.EMBEDDINGS).fetchall()
    dimension = int(lengths[0][0]) if lengths else 0
    embedded = equal_cap([min(size, cap) for size in sizes], MAX_NUMBERS // max(dimension, 1))
    rows = _rows(log, cap, dimension, embedded)
    notices = (*_of_labels(left_out), *_of_the_choice(sizes, cap, embedded, dimension), *_of_embeddings(lengths))
    return Samples({"samples": counts, "label_counts": labels, "sample_rows": rows}, embedded, notices)


def hiding(config: StreamConfig) -> dict[str, object]:
    """Parameters of `shown_label`: tasks whose texts are hidden, and characters of the longest label there."""
    return {"hidden": sorted(config.hidden_texts), "longest": LONGEST_LABEL}


def shown_attribute(name: str, rows: str) -> str:
    """SQL for the column `name` of `rows`, under its own name, as it may leave the engine."""
    return f"{queries.shown_label(f'{rows}.{identifier(name)}', f'{rows}.task')} as {identifier(name)}"


def equal_cap(sizes: Sequence[int], most: int) -> int:
    """The largest c for which sum(min(size, c)) <= most; the largest size where all fit."""
    left = most
    for place, size in enumerate(sorted(sizes)):
        share = left // (len(sizes) - place)
        if size > share:
            return share
        left -= size
    return max(sizes, default=0)


def _rows(log: CheckedLog, cap: int, dimension: int, embedded: int) -> pa.Table:
    con = log.connection
    con.execute("drop table if exists kept_keys")
    con.execute(queries.KEPT_KEYS, {"cap": cap})
    columns = [str(row[0]) for row in con.execute("describe samples").fetchall()]
    attributes = "".join(f", {shown_attribute(name, 's')}" for name in columns if name.startswith("attr_"))
    limits = {"characters": MAX_CHARACTERS, "looked_at": LOOKED_AT, "dimension": dimension, "embedded": embedded}
    query = queries.ROWS.format(attributes=attributes)
    reader = con.sql(query, params={**hiding(log.config), **limits}).to_arrow_reader(_BATCH)
    table = _with_numbered_words(reader.schema, iter(reader))
    con.execute("drop table kept_keys")
    return table


def _with_numbered_words(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> pa.Table:
    """The rows with `words` as numbers, in the order in which the words first appear; the words are dropped."""
    at = schema.get_field_index("words")
    schema = schema.set(at, pa.field("words", pa.list_(pa.int32())))
    split = [(batch, _words(batch.column(at))) for batch in batches]
    spelled = pa.chunked_array([words.flatten() for _, words in split], pa.string()).dictionary_encode()
    numbers = pa.chunked_array([chunk.indices for chunk in spelled.chunks], pa.int32())
    rows, start = [], 0
    for batch, words in split:
        here = numbers.slice(start, len(words.flatten())).combine_chunks()
        lists = pa.ListArray.from_arrays(words.offsets, here, mask=words.is_null())
        columns = [*batch.columns[:at], lists, *batch.columns[at + 1 :]]
        rows.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        start += len(here)
    return pa.Table.from_batches(rows, schema)


def _words(texts: pa.Array) -> pa.ListArray:
    """The first words of each text, lower-cased; null where there is no text, empty where it is blank."""
    trimmed = pc.utf8_trim_whitespace(texts)
    filled = pc.if_else(pc.equal(trimmed, ""), None, trimmed)  # a blank text would be split into one empty word
    words = pc.list_slice(pc.utf8_split_whitespace(filled, max_splits=MAX_WORDS), 0, MAX_WORDS)
    return pa.ListArray.from_arrays(words.offsets, pc.utf8_lower(words.flatten()), mask=texts.is_null())


def _of_labels(left_out: Sequence[str]) -> Iterator[Notice]:
    if left_out:
        yield Notice(
            code="many-labels",
            message=f"{listed(left_out, 6)}: more than {MAX_LABELS} different labels; which label was taken for which "
            "is counted among the samples that are looked at one by one.",
        )


def _of_the_choice(sizes: Sequence[int], cap: int, embedded: int, dimension: int) -> Iterator[Notice]:
    total, kept = sum(sizes), sum(min(size, cap) for size in sizes)
    where = "of an arm, seed, stage, task, origin and acceptance"
    if kept < total:
        yield Notice(
            code="samples-chosen",
            message=f"{kept:,} of {total:,} samples are looked at one by one: at most {cap:,} {where}, chosen at "
            "random by their ids. Counts and shares rest on all of them.",
        )
    if dimension and embedded < min(cap, max(sizes)):
        yield Notice(
            code="embeddings-chosen",
            message=f"Embeddings of {dimension:,} numbers are kept for at most {embedded:,} samples {where}.",
        )


def _of_embeddings(lengths: Sequence[tuple[int, int, int]]) -> Iterator[Notice]:
    other = sum(n for _, n, _ in lengths[1:])
    if other:
        length, n, _ = lengths[0]
        yield Notice(
            code="embedding-lengths",
            message=f"Embeddings differ in length: {n:,} have {length:,} numbers, {other:,} have another length. "
            "The others are left out of what rests on embeddings; log one length.",
        )
    strange = sum(strange for _, _, strange in lengths)
    if strange:
        yield Notice(
            code="embedding-not-finite",
            message=f"{strange:,} embedding{'s' if strange > 1 else ''} with a number that is not finite "
            f"{'are' if strange > 1 else 'is'} left out of what rests on embeddings.",
        )
