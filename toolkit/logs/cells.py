"""What a cell of a file is, and the SQL for the value that a column of the log reads in it.

Numbers in text are numbers, true and false count as 1 and 0 where a number is wanted, 1.5 is no integer, and
an empty cell (also NaN, and NA, N/A, null, none for numbers) is a missing one.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.logs.schema import Column
from toolkit.logs.sql import literal

_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")
_INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip
_SMALL_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT")
# Patterns and not IN: DuckDB turns IN (and list_contains) into a join, which does not keep the order of rows.
_EMPTY_NUMBER = r"(?i)\s*(na|n/a|nan|null|none)?\s*"
_EMPTY_LIST = r"\s*(\[\s*\])?\s*"
_TRUE = r"(?i)\s*(true|t|yes|y|1|1\.0)\s*"
_FALSE = r"(?i)\s*(false|f|no|n|0|0\.0)\s*"


def cell_of(sql: str, type_name: str, *, filled: bool = False) -> Cell:
    """A column of DuckDB type `type_name`; dates, structures and the like are read as their text."""
    plain = type_name.startswith(_FLOATS) or type_name in (*_INTEGERS, "BOOLEAN", "VARCHAR", "VARCHAR[]")
    return Cell(sql, type_name, filled) if plain else Cell(f"{sql}::VARCHAR")


@dataclass(frozen=True)
class Cell:
    """One column as it stands in a file: an SQL expression, its DuckDB type, and whether no row has it empty.

    spelled: of text, SQL for the number that it spells, where that is known.
    """

    sql: str
    type: str = "VARCHAR"
    filled: bool = False
    spelled: str | None = None

    @property
    def is_float(self) -> bool:
        """Whether it holds numbers with a fraction."""
        return self.type.startswith(_FLOATS) and not self.is_list

    @property
    def is_text(self) -> bool:
        """Whether it is text, and so must be read as what the column wants."""
        return not (self.is_float or self.type in (*_INTEGERS, "BOOLEAN") or self.is_list)

    @property
    def is_list(self) -> bool:
        """Whether it holds lists."""
        return self.type.endswith("]")

    @property
    def text(self) -> str:
        """The cell as text, empty text as NULL."""
        return f"{self.sql}::VARCHAR" if self.filled else f"nullif({self.sql}::VARCHAR, '')"

    @property
    def number(self) -> str:
        """The number that a text spells, NULL where it spells none."""
        return self.spelled or f"TRY_CAST({self.sql} AS DOUBLE)"

    def always_fits(self, column: Column) -> bool:
        """Whether its type alone says that whatever is not empty can be read as what the column wants."""
        match column.kind:
            case "integer":
                return self.type in _SMALL_INTEGERS
            case "big_integer":
                return self.type in (*_SMALL_INTEGERS, "UINTEGER", "BIGINT")
            case "number":
                return self.is_float or self.type in (*_INTEGERS, "BOOLEAN")
        return False


def value_of(column: Column, cell: Cell) -> str:
    """SQL for the typed value of a cell; NULL where it is empty or cannot be read."""
    sql = cell.sql
    match column.kind:
        case "text":
            return cell.text
        case "word":
            return f"lower(trim({cell.text}))"
        case "integer" | "big_integer":
            if cell.type in _INTEGERS:
                return f"TRY_CAST({sql} AS {column.sql_type})"
            number = cell.number
            if cell.type == "BOOLEAN" or cell.is_list:
                return f"NULL::{column.sql_type}"
            return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS {column.sql_type}) END"
        case "number":
            return _number(cell)
        case "boolean":
            if cell.type == "BOOLEAN":
                return sql
            if not cell.is_text:
                return f"CASE {sql} WHEN 1 THEN true WHEN 0 THEN false END" if not cell.is_list else "NULL::BOOLEAN"
            return f"CASE WHEN {matches(sql, _TRUE)} THEN true WHEN {matches(sql, _FALSE)} THEN false END"
        case "floats":
            length, numbers = f"array_length({sql})", f"list_count({sql})"  # without those that could not be read
            return f"CASE WHEN {length} > 0 AND {numbers} = {length} THEN {sql} END"
        case "texts":
            if cell.is_list:
                return f"TRY_CAST({sql} AS VARCHAR[])"
            as_json = f"TRY_CAST({cell.text} AS JSON)"
            return (
                f"CASE WHEN {cell.text} IS NULL THEN NULL WHEN json_type({as_json}) = 'ARRAY' "
                f"THEN from_json({as_json}, '[\"VARCHAR\"]') ELSE [{cell.text}] END"
            )


def floats_of(cell: Cell) -> str:
    """SQL for the list of numbers in a cell of text or lists, NULL for each that is none.

    JSON is read as such where it can be, four times as fast as DuckDB's cast of text.
    """
    cast = f"TRY_CAST({cell.sql} AS FLOAT[])"
    if cell.is_list:
        return cast
    as_json = f"TRY_CAST(from_json({cell.sql}, '[\"DOUBLE\"]') AS FLOAT[])"
    return f"CASE WHEN json_valid({cell.sql}) THEN {as_json} ELSE {cast} END"


def matches(sql: str, pattern: str) -> str:
    """SQL for whether all of a text matches a pattern."""
    return f"regexp_full_match({sql}::VARCHAR, {literal(pattern)})"


def _number(cell: Cell) -> str:
    sql = cell.sql
    if cell.type == "BOOLEAN":
        return f"{sql}::INTEGER::DOUBLE"
    if cell.is_list:
        return "NULL::DOUBLE"
    if not cell.is_text:
        value = f"{sql}::DOUBLE"
        return f"CASE WHEN NOT isnan({value}) THEN {value} END" if cell.is_float else value
    value = cell.number
    return (
        f"CASE WHEN {value} IS NULL THEN "
        f"CASE lower(trim({sql}::VARCHAR)) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END::DOUBLE "
        f"WHEN NOT isnan({value}) THEN {value} END"
    )


def is_blank(column: Column, cell: Cell) -> str:
    """SQL for whether a cell is empty, so that its missing value is no mistake."""
    if column.kind in ("text", "word"):
        return f"{cell.text} IS NULL"
    if column.kind == "floats":
        empty = f"array_length({cell.sql}) = 0" if cell.is_list else matches(cell.sql, _EMPTY_LIST)
        return f"({cell.sql} IS NULL OR {empty})"
    if cell.is_float:
        return f"({cell.sql} IS NULL OR isnan({cell.sql}::DOUBLE))"
    if not cell.is_text:
        return f"{cell.sql} IS NULL"
    return f"({cell.sql} IS NULL OR {matches(cell.sql, _EMPTY_NUMBER)})"
