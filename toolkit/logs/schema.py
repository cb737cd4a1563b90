"""Which tables a stream log holds, which columns they have, and what an absent value means.

The one place where column names, types, needs and defaults stand; the reader, the checks and the guesser of
`streamreview init` all read them from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "word", "integer", "big_integer", "number", "boolean", "floats", "texts"]
"""How a cell is read: `word` is text from a fixed vocabulary, compared without regard to case."""

SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "word": "VARCHAR",
    "integer": "INTEGER",
    "big_integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "floats": "FLOAT[]",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True)
class Column:
    """One column: its name in the log, how it is read, and what stands for an absent value.

    default: SQL literal for absent and empty cells. key: part of what identifies a row.
    stored: its name in the checked table, where that differs (`order` is an SQL keyword).
    """

    name: str
    kind: Kind
    needed: bool = False
    key: bool = False
    default: str | None = None
    words: tuple[str, ...] = ()
    stored_as: str | None = None

    @property
    def stored(self) -> str:
        """The column's name in the checked table."""
        return self.stored_as or self.name

    @property
    def sql_type(self) -> str:
        """The column's DuckDB type in the checked table."""
        return SQL_TYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One table: its name, its columns, and the column that identifies what a row is about."""

    name: str
    columns: tuple[Column, ...]
    about: str

    def column(self, name: str) -> Column:
        """The column called `name` in the log."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names as in the log."""
        return tuple(column.name for column in self.columns)


_STAGE = Column("stage", "integer", needed=True, key=True)
_TASK = Column("task", "text", needed=True, key=True)
_ARM = Column("arm", "text", key=True, default="'stream'")
_SEED = Column("seed", "integer", key=True, default="0")

EVALUATIONS = Table(
    "evaluations",
    (
        _ARM,
        Column("order", "text", key=True, default="'default'", stored_as="task_order"),
        _SEED,
        _STAGE,
        _TASK,
        Column("item", "text", key=True),
        Column("cluster", "text"),
        Column("step", "number", key=True),
        Column("score", "number"),
        Column("n", "big_integer"),
        Column("sd", "number"),
        Column("answer", "text"),
        Column("truth", "text"),
    ),
    about="item",
)

FEEDBACK = Table(
    "feedback",
    (
        _STAGE,
        _TASK,
        Column("item", "text", needed=True, key=True),
        Column("target", "word", key=True, default="'answer'", words=("answer", "sample")),
        Column("score", "number"),
        Column("label", "text"),
        Column("source", "word", needed=True, key=True, words=("human", "synthetic", "rule")),
        Column("rater", "text", needed=True, key=True),
        Column("form", "word", key=True, default="'scalar'", words=("scalar", "preference", "critique", "rubric")),
        _ARM,
        _SEED,
        Column("criterion", "text", key=True),
        Column("probability", "number"),
        Column("stratum", "text"),
        Column("abstained", "boolean", default="false"),
        Column("rater_family", "text"),
        Column("generator_family", "text"),
        Column("generator_family_other", "text"),
        Column("pair", "text", key=True),
        Column("position", "text", key=True),
        Column("length", "number"),
        Column("length_other", "number"),
    ),
    about="item",
)

SAMPLES = Table(
    "samples",
    (
        _STAGE,
        _TASK,
        Column("sample", "text", needed=True, key=True),
        _ARM,
        _SEED,
        Column("accepted", "boolean"),
        Column("target_label", "text"),
        Column("parsed_label", "text"),
        Column("verified_label", "text"),
        Column("parse_ok", "boolean"),
        Column("origin", "word", words=("synthetic", "human", "edited")),
        Column("text", "text"),
        Column("embedding", "floats"),
        Column("cost", "number"),
        Column("tokens", "number"),
        Column("seconds", "number"),
        Column("parents", "texts"),
    ),
    about="sample",
)

TABLES: dict[str, Table] = {table.name: table for table in (EVALUATIONS, FEEDBACK, SAMPLES)}
ATTRIBUTE = "attr_"
