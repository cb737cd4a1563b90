"""Which columns of Parquet files do DuckDB and Spark read alike, and as what must Spark read them for that?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.errors import LogRejected
from toolkit.logs.schema import Column, Table
from toolkit.logs.shown import shown
from toolkit.logs.sources import Source

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

INSTEAD = "or run without --engine spark"
_NOTHING = '"NULL"'
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_TEXTS = (*_INTEGERS, "BOOLEAN", "VARCHAR", _NOTHING)
"""Types whose values have the same text in DuckDB and in Spark."""
_NUMBERS = (*_TEXTS, "FLOAT", "DOUBLE")
_TEXT = (_TEXTS, "text or whole numbers")
_ALIKE = {
    "text": _TEXT,
    "word": _TEXT,
    "floats": (("FLOAT[]", "DOUBLE[]"), "a list of FLOAT or DOUBLE"),
    "texts": (("VARCHAR[]",), "a list of text"),
}
_OTHERS = (_NUMBERS, "DOUBLE, whole numbers or text")
_CASTS = {"FLOAT": "double", "VARCHAR": "string", "VARCHAR[]": "array<string>"}
"""A float as text is another number than as a double; text may be stored as bytes."""


def readable(table: Table, source: Source) -> Source:
    """A Parquet file as Spark can read it: without lists where there are none.

    Raises LogRejected where a column is used whose type the engines may read differently.
    """
    columns = {
        name: at
        for name, at in source.mapped.columns.items()
        if table.column(name).kind not in ("floats", "texts") or _type(source, at) != _NOTHING
    }
    used = [(table.column(name), at) for name, at in columns.items()]
    used += [(Column(name, "text"), at) for name, at in source.mapped.attributes.items()]
    for column, at in used:
        alike, wanted = _ALIKE.get(column.kind, _OTHERS)
        kind = _type(source, at)
        if kind not in alike:
            raise LogRejected(
                f"{shown(source.file.name)}: column {shown(source.names[at])!r} has the type {shown(kind)}, which "
                f"Spark and DuckDB may read differently; write {wanted}, {INSTEAD}"
            )
    return replace(source, mapped=replace(source.mapped, columns=columns))


def own_column(frame: DataFrame, name: str, kind: str) -> SparkColumn:
    """A column of a file of the DuckDB type `kind`, with the values that DuckDB reads."""
    from pyspark.sql.functions import coalesce, lit, transform

    column = frame[f"`{name.replace('`', '``')}`"]
    if kind == _NOTHING:
        return lit(None).cast("string")
    if kind in _CASTS:
        column = column.cast(_CASTS[kind])
    if kind == "VARCHAR[]":  # where NULL stands in a list must count when rows are compared, which Spark leaves out
        column = transform(column, lambda one: coalesce(one, lit("\0")))
    return column


def _type(source: Source, at: int) -> str:
    """The type of a column of the file; text where a folder spells it."""
    return source.types[at] if at < len(source.types) else "VARCHAR"
