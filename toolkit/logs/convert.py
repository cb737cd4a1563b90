"""How the rows of a file become typed values, and which of them fail on the way: the SQL of one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.logs.cells import Cell, floats_of, is_blank, matches, value_of
from toolkit.logs.config import StreamConfig
from toolkit.logs.reasons import TRUNCATED, UNREADABLE, Reasons
from toolkit.logs.rules import RULES
from toolkit.logs.schema import Column, Table
from toolkit.logs.sql import identifier, literal

_WRONG_TYPE = {
    "integer": "is no whole number",
    "big_integer": "is no whole number",
    "number": "is no number",
    "boolean": "is neither true nor false",
    "floats": "is no list of numbers",
    "texts": "is no list of names",
}


def select_rows(
    table: Table,
    relation: str,
    cells: Mapping[str, Cell],
    attributes: Sequence[str],
    attribute_cells: Mapping[str, Cell],
    config: StreamConfig,
    reasons: Reasons,
    broken: str,
    *,
    handed: str = "",
) -> str:
    """SQL that reads one file: the table's columns, its attributes, and `problem` (a reason's code or NULL).

    cells: the table's columns that the file has. broken: SQL giving the text of a reason where the row itself
    could not be read, else NULL. handed: a column of the relation that is handed on as it is.
    """
    numbers = {
        column.name: replace(cells[column.name], spelled=identifier(f"number of {column.name}"))
        for column in table.columns
        if column.kind in ("integer", "big_integer", "number") and column.name in cells and cells[column.name].is_text
    }
    if numbers:  # read once, before they are looked at
        read = ", ".join(f"{cells[name].number} AS {cell.spelled}" for name, cell in numbers.items())
        relation = f"SELECT *, {read} FROM ({relation})"
    typed, wrong = [], []
    for column in table.columns:
        name = identifier(column.stored)
        cell = numbers.get(column.name) or cells.get(column.name)
        if cell is None:
            typed.append(f"{column.default or 'NULL'}::{column.sql_type} AS {name}")
            continue
        if column.kind == "floats":  # read once, before it is looked at
            vector = identifier(f"list of {column.name}")
            relation = f"SELECT *, {floats_of(cell)} AS {vector} FROM ({relation})"
            value = value_of(column, Cell(vector, column.sql_type))
        else:
            value = value_of(column, cell)
        always = cell.filled and (column.kind == "text" or cell.always_fits(column))
        default = None if always else column.default
        typed.append(f"{value if default is None else f'coalesce({value}, {default})'} AS {name}")
        if column.kind in _WRONG_TYPE and not cell.always_fits(column):
            # CASE, for AND would ask of every cell whether it is blank, a list as long as a text among them.
            failed = f"CASE WHEN ({value}) IS NULL THEN NOT {is_blank(column, cell)} ELSE false END"
            wrong.append((f"wrong_{column.name}", failed, f"{column.name} {_WRONG_TYPE[column.kind]}"))
    typed += [
        f"{attribute_cells[name].text if name in attribute_cells else 'NULL::VARCHAR'} AS {identifier(name)}"
        for name in attributes
    ]
    flags = [f"{failed} AS {identifier(flag)}" for flag, failed, _ in wrong]
    wrong_score = next((identifier(flag) for flag, _, _ in wrong if flag == "wrong_score"), "false")

    given = " AND NOT abstained" if table.name == "feedback" else ""
    changes, rules = RULES[table.name](config, frozenset(cells), wrong_score)
    cases = [f"WHEN broken = {literal(text)} THEN {reasons.code(text)}" for text in (UNREADABLE, TRUNCATED)]
    cases += [
        f"WHEN {identifier(column.stored)} IS NULL AND NOT {_flag(column, wrong)} THEN "
        f"{reasons.code(f'{column.name} is missing')}"
        for column in table.columns
        if column.needed
    ]
    cases += [
        f"WHEN {identifier(flag)}{given if flag == 'wrong_score' else ''} THEN {reasons.code(text)}"
        for flag, _, text in wrong
    ]
    cases += [f"WHEN stage < 0 THEN {reasons.code('stage is negative')}"]
    cases += [
        f"WHEN NOT {matches(identifier(column.stored), '|'.join(column.words))} "
        f"THEN {reasons.code(column.name + ' is none of ' + ', '.join(column.words))}"
        for column in table.columns
        if column.words
    ]
    cases += [f"WHEN {condition} THEN {reasons.code(text)}" for condition, text in rules]

    stored = [identifier(column.stored) for column in table.columns] + [identifier(name) for name in attributes]
    last = [f"{changes[name]} AS {name}" if name in changes else name for name in stored]
    more = f", {handed}" if handed else ""
    return (
        f"SELECT {', '.join(last)}, problem{more} "
        f"FROM (SELECT *, (CASE {' '.join(cases)} END)::UTINYINT AS problem "
        f"FROM (SELECT {', '.join([*typed, *flags])}, {broken} AS broken{more} FROM ({relation})))"
    )


def _flag(column: Column, wrong: Sequence[tuple[str, str, str]]) -> str:
    return next((identifier(flag) for flag, _, _ in wrong if flag == f"wrong_{column.name}"), "false")
