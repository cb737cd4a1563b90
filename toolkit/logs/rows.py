"""Which rows a text file holds and on which line each of them starts, whatever state the file is in.

DuckDB reads clean files; this is the exact account for the others, and for the line numbers of rejected rows.
CSV follows RFC 4180 (quoted line breaks, doubled quotes), JSON lines one object a line.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from toolkit.logs.files import Compression

State = Literal["whole", "unreadable", "truncated"]
_MOST_LINES = 10_000  # of one record: a quote that never closes must not make reading quadratic
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Row:
    """One row: the line it starts on (from 1), its fields (empty where it cannot be read), its state."""

    line: int
    fields: list[str]
    state: State


class Prefix(io.RawIOBase):
    """The first `size` bytes of a file, so that a log that grows while it is read does not change."""

    def __init__(self, path: Path, size: int) -> None:
        self._file = path.open("rb")
        self._left = size

    def readable(self) -> bool:
        """True: it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from what is left."""
        part = self._file.read(min(len(buffer), self._left))
        buffer[: len(part)] = part
        self._left -= len(part)
        return len(part)

    def close(self) -> None:
        """Close the file beneath."""
        self._file.close()
        super().close()


def open_bytes(path: Path, size: int, compression: Compression = "none") -> IO[bytes]:
    """The first `size` bytes of `path`, decompressed.

    Raises OSError, EOFError or zlib.error while reading where the compressed stream is damaged.
    """
    raw = io.BufferedReader(Prefix(path, size), 1 << 20)
    if compression == "none":
        return raw
    if compression == "gzip":
        import gzip

        return io.BufferedReader(gzip.GzipFile(fileobj=raw), 1 << 20)
    import pyarrow as pa  # Python gains its own zstd in 3.14

    return io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd"), 1 << 20)


def json_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Line number and content of every line that is not blank."""
    for number, line in enumerate(stream, start=1):
        if line.strip(b" \t\r\n\v\f"):
            yield number, line


class _Lines:
    """Physical lines with the possibility to give some back."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self.number = 0  # of the last line handed out
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= _MOST_LINES:
            raise StopIteration
        line = self._back.popleft() if self._back else next(self._text)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]


def csv_header(stream: IO[bytes], known: frozenset[str]) -> tuple[list[str], str]:
    """Column names, stripped, and the delimiter: the one that gives most names in `known`, else most names.

    An empty file gives no names and a comma.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    first: list[str] = []
    for line in text:
        first.append(line)
        if len(first) > 50 or (line.strip() and "".join(first).count('"') % 2 == 0):
            break
    while first and not first[0].strip():
        del first[0]
    if not first:
        return [], ","
    best: tuple[list[str], str] = ([], ",")
    for delimiter in DELIMITERS:
        names = [name.strip() for name in next(csv.reader(first, delimiter=delimiter), [])]
        score = (len(known.intersection(names)), len(names))
        if score > (len(known.intersection(best[0])), len(best[0])):
            best = (names, delimiter)
    return best


def csv_rows(stream: IO[bytes], width: int, delimiter: str, *, whole: bool) -> Iterator[Row]:
    """Every row below the header of a CSV file with `width` columns.

    A record over several lines that is not proper or has not `width` fields (a quote was opened by mistake)
    gives up its first line as unreadable, and reading goes on with the next line. A last row without a line
    break may be cut anywhere, also within a number, so it is truncated, unless the file is known to be `whole`.
    """
    csv.field_size_limit(1 << 30)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header = True
    while True:
        lines.taken.clear()
        start = lines.number + 1
        fields: list[str] | None = None
        open_at_end = False
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_at_end = "unexpected end of data" in str(error)
        if len(lines.taken) == 1 and not lines.taken[0].strip(" \r\n\v\f"):
            continue
        proper = fields is not None and len(fields) == width
        if header:
            header = False
            if fields is None:
                lines.give_back_all_but_first()
        elif not whole and (
            (open_at_end and not _hides_rows(lines.taken[1:], width, delimiter))
            or ((len(lines.taken) == 1 or proper) and not lines.taken[-1].endswith(("\n", "\r")))
        ):
            yield Row(start, [], "truncated")
        elif fields is None or not proper:
            lines.give_back_all_but_first()
            yield Row(start, [], "unreadable")
        elif any("\udc80" <= c <= "\udcff" for field in fields if not field.isascii() for c in field):
            yield Row(start, [], "unreadable")
        else:
            yield Row(start, fields, "whole")


def _hides_rows(further: list[str], width: int, delimiter: str) -> bool:
    """Whether the further lines of a record that never closes are rows by themselves, half of them at least."""
    rows = sum(len(next(csv.reader([line], delimiter=delimiter), [])) == width for line in further)
    return rows > 0 and 2 * rows >= len(further)
