"""What a text file needs beside DuckDB's own readers: which part they may read, and its rows one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from toolkit.logs.reasons import TRUNCATED, UNREADABLE
from toolkit.logs.rows import Row, csv_rows, json_lines, open_bytes
from toolkit.logs.scan import Snapshot
from toolkit.logs.sources import Source

# Where DuckDB's reader takes more than RFC 4180 gives: a space before an opening quote, or after a closing one
# (an odd run of quotes, or an even one that begins a field). Proper CSV may match too, and is only read slower.
_ODD_QUOTES = re.compile(rb'[,;\t|] +"|(?:^|[\n\r,;\t|])(?:"")+ |[^"\n\r,;\t|](?:"")*" ')
_STATES = {"unreadable": UNREADABLE, "truncated": TRUNCATED, "whole": None}


def rows_of(source: Source) -> Iterator[Row]:
    """The rows of a text file with their lines, in the order in which they were read."""
    compression = source.file.compression
    with open_bytes(source.snapshot.path, source.snapshot.size, compression) as stream:
        if source.file.format == "jsonl":
            yield from (Row(line, [], "whole") for line, _ in json_lines(stream))
        elif source.names:
            yield from csv_rows(stream, len(source.names), source.delimiter, whole=compression != "none")


def ends_with_break(snapshot: Snapshot) -> bool:
    """Whether the last line of a text file has its line break."""
    if snapshot.file.compression == "none":
        with snapshot.path.open("rb") as file:
            file.seek(max(snapshot.size - 1, 0))
            return snapshot.size > 0 and file.read(1) == b"\n"
    last = b""
    with open_bytes(snapshot.path, snapshot.size, snapshot.file.compression) as stream:
        while piece := stream.read(1 << 20):
            last = piece[-1:]
    return last == b"\n"


def clean_part(snapshot: Snapshot) -> tuple[Path, bool] | None:
    """A CSV file up to its last line break, for DuckDB's own reader, and whether a cut row follows.

    None where it is compressed, or where that reader and RFC 4180 may part.
    """
    if snapshot.file.compression != "none":
        return None
    end, at, tail = 0, 0, b""
    with open_bytes(snapshot.path, snapshot.size) as stream:
        while piece := stream.read(1 << 22):
            if _may_be_odd(tail[-64:] + piece):
                return None
            found = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
            end = at + found if found else end
            tail = piece[found:] if found else tail + piece
            at += len(piece)
    if end == at:
        return snapshot.path, False
    part = snapshot.path.with_name(f"whole-{snapshot.path.name}")
    with open_bytes(snapshot.path, end) as stream, part.open("wb") as copy:
        while piece := stream.read(1 << 20):
            copy.write(piece)
    return part, bool(tail.strip(b" \r\n\v\f"))


def _may_be_odd(piece: bytes) -> bool:
    """Whether quotes and spaces stand as `_ODD_QUOTES` says; where none touch, which is found fast, they do not."""
    return b" " in piece and (b'" ' in piece or b' "' in piece) and _ODD_QUOTES.search(piece) is not None


def arrow_rows(batch: Sequence[Row], width: int) -> pa.Table:
    """Rows as columns c0, c1, ... of text, with `state`: the reason where a row could not be read."""
    columns = {
        f"c{i}": pa.array([row.fields[i] if row.fields else None for row in batch], pa.string()) for i in range(width)
    }
    return pa.table({**columns, "state": pa.array([_STATES[row.state] for row in batch], pa.string())})
