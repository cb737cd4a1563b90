"""Which samples of a log are kept one by one, and what of them?

A simple random sample of every cell (arm, seed, stage, task, human or not, accepted or not): the samples whose ids
have the smallest MD5, so that the choice depends on nothing else, not on the order of rows and files either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.cube import sample_queries as queries
from toolkit.cube.engine import DuckEngine
from toolkit.logs.config import StreamConfig
from toolkit.logs.shown import listed
from toolkit.logs.sql import identifier
from toolkit.results import Notice

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
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


def reduce_samples(log: CheckedLog, engine: Engine | None = None, *, max_kept: int = MAX_KEPT) -> Samples:
    """Reduce the samples of a checked log that has some.

    engine: where they are, by default with the log. max_kept: samples that are kept one by one.
    """
    engine = engine or DuckEngine(log.connection)
    counts = _with_amounts(engine.rows(queries.SAMPLES))
    left_out = engine.rows(queries.MANY_LABELS, {"most": MAX_LABELS})["task"].to_pylist()
    labels = engine.rows(queries.LABEL_COUNTS, {**hiding(log.config), "left_out": left_out})
    sizes = engine.rows(queries.CELL_SIZES)["n"].to_pylist()
    cap = equal_cap(sizes, max_kept)
    lengths = [(row["length"], row["n"], row["strange"]) for row in engine.rows(queries.EMBEDDINGS).to_pylist()]
    dimension = lengths[0][0] if lengths else 0
    embedded = equal_cap([min(size, cap) for size in sizes], MAX_NUMBERS // max(dimension, 1))
    rows = _rows(log, engine, cap, dimension, embedded)
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


def _with_amounts(counts: pa.Table) -> pa.Table:
    """Each sum of an amount from that of the whole numbers and that of the parts below 1, rounded once."""
    columns = {name: counts[name] for name in counts.column_names if not name.endswith(("_whole", "_part"))}
    for name in ("cost", "seconds", "tokens"):
        whole, part = counts[f"{name}_whole"].to_pylist(), counts[f"{name}_part"].to_pylist()
        sums = [
            None if w is None else float(int(w) + Fraction(int(p), queries.PART))
            for w, p in zip(whole, part, strict=True)
        ]
        columns[name] = pa.chunked_array([pa.array(sums, pa.float64())])
    return pa.table(columns)


def _rows(log: CheckedLog, engine: Engine, cap: int, dimension: int, embedded: int) -> pa.Table:
    engine.keep("kept_keys", queries.KEPT_KEYS, {"cap": cap})
    attributes = "".join(f", {shown_attribute(name, 's')}" for name in log.attributes("samples"))
    limits = {"characters": MAX_CHARACTERS, "looked_at": LOOKED_AT, "dimension": dimension, "embedded": embedded}
    rows = engine.rows(queries.ROWS.format(attributes=attributes), {**hiding(log.config), **limits})
    engine.drop("kept_keys")
    return _with_numbered_words(rows)


def _with_numbered_words(rows: pa.Table) -> pa.Table:
    """The rows with `words` as numbers, in the order in which the words first appear; the words are dropped."""
    at = rows.schema.get_field_index("words")
    schema = rows.schema.set(at, pa.field("words", pa.list_(pa.int32())))
    split = [(batch, _words(batch.column(at))) for batch in rows.to_batches(_BATCH)]
    spelled = pa.chunked_array([words.flatten() for _, words in split], pa.string()).dictionary_encode()
    numbers = pa.chunked_array([chunk.indices for chunk in spelled.chunks], pa.int32())
    numbered, start = [], 0
    for batch, words in split:
        here = numbers.slice(start, len(words.flatten())).combine_chunks()
        lists = pa.ListArray.from_arrays(words.offsets, here, mask=words.is_null())
        columns = [*batch.columns[:at], lists, *batch.columns[at + 1 :]]
        numbered.append(pa.RecordBatch.from_arrays(columns, schema=schema))
        start += len(here)
    return pa.Table.from_batches(numbered, schema)


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
