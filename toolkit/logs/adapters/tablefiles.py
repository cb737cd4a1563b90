"""Which rows does a table of one's own hold: CSV, JSON lines, Parquet, or a spreadsheet?"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.jsonfiles import json_rows
from toolkit.logs.files import Compression, format_of
from toolkit.logs.rows import csv_header, csv_rows, open_bytes
from toolkit.logs.shown import listed, shown

Rows = Iterator[tuple[int, dict[str, Any]]]


def is_table(name: str) -> bool:
    """Whether a file of this name can be read."""
    return format_of(name) is not None or name.lower().endswith(".xlsx")


def rows_of(path: Path, where: str, account: Account, sheet: str = "") -> Rows:
    """Line or row number and cells by column. Rows that cannot be read are counted.

    Raises LogRejected where the file cannot be read at all, UsageError for a spreadsheet without openpyxl.
    """
    try:
        if path.name.lower().endswith(".xlsx"):
            yield from _spreadsheet(path, where, account, sheet)
            return
        known = format_of(path.name)
        if known is None:
            raise LogRejected(f"{shown(where)}: of an unknown type; give .csv, .jsonl, .parquet or .xlsx")
        form, compression = known
        if form == "parquet":
            yield from _parquet(path)
        elif form == "jsonl":
            yield from json_rows(path, where, account, compression)
        else:
            yield from _csv(path, where, account, compression)
    except (OSError, EOFError, zlib.error) as error:
        raise LogRejected(f"{shown(where)}: cannot be read ({shown(error, 120)}); is it whole?") from None


def _csv(path: Path, where: str, account: Account, compression: Compression) -> Rows:
    size = path.stat().st_size
    with open_bytes(path, size, compression) as stream:
        names, delimiter = csv_header(stream, frozenset())
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise LogRejected(f"{shown(where)}: column {shown(twice)!r} stands there twice; rename one of them")
    with open_bytes(path, size, compression) as stream:
        for row in csv_rows(stream, len(names), delimiter, whole=True):
            if row.fields:
                fields = [_comma(field) for field in row.fields] if delimiter == ";" else row.fields
                yield row.line, dict(zip(names, fields, strict=True))
            else:
                account.left_out("lines", f"not {len(names)} columns, or not UTF-8 text", f"{where}, line {row.line}")


def _comma(field: str) -> str:
    """A decimal comma, as spreadsheets write it where semicolons part the columns, as a point."""
    whole, comma, part = field.strip().partition(",")
    return f"{whole}.{part}" if comma and whole.lstrip("+-").isdecimal() and part.isdecimal() else field


def _parquet(path: Path) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches(batch_size=10_000):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except pa.ArrowException as error:
        raise OSError(str(error)) from None


def _spreadsheet(path: Path, where: str, account: Account, sheet: str) -> Rows:
    try:
        openpyxl = import_module("openpyxl")
    except ImportError:
        raise UsageError(
            f"{shown(where)}: a spreadsheet needs openpyxl (pip install 'streamreview[adapters]'); "
            "or save it as CSV and import that"
        ) from None
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise LogRejected(f"{shown(where)}: no readable spreadsheet ({type(error).__name__}); is it whole?") from None
    try:
        names = book.sheetnames
        if sheet and sheet not in names:
            raise UsageError(f"--set sheet={shown(sheet)}: {shown(where)} has {listed(names)}")
        chosen = sheet or names[0]
        if not sheet:
            account.left_out("sheets", f"beside {chosen!r} (--set sheet=NAME)", where, len(names) - 1)
        header: list[str] = []
        for number, cells in enumerate(book[chosen].iter_rows(values_only=True), 1):
            if not header:
                header = [str(cell).strip() if cell is not None else "" for cell in cells]
                header = header if any(header) else []
            elif any(cell is not None for cell in cells):
                yield number, {name: cell for name, cell in zip(header, cells, strict=False) if name}
    finally:
        book.close()
