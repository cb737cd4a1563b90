"""How DuckDB is asked to read a file, and what to say when it cannot."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from toolkit.errors import LogRejected
from toolkit.logs.files import LogFile
from toolkit.logs.shown import shown
from toolkit.logs.sql import literal

_LONGEST_LINE = 1 << 24  # bytes
_SHORTEST = 1 << 20
_BUFFER = 20 << 20  # bytes of a CSV file that one thread reads: more than a line, and no more than it needs
_OUR_MISTAKES = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.NotImplementedException,
    duckdb.ParserException,
    duckdb.ResourceInUseException,
)


@dataclass(frozen=True)
class Snapshot:
    """A file as far as it went when reading began: its size in bytes then, and the name DuckDB is given."""

    file: LogFile
    size: int
    path: Path


def scan_jsonl(snapshots: Sequence[Snapshot], *, filename: bool = False) -> str:
    """A relation with one column `json`, a row for every line that is not blank; NULL where it is no JSON.

    All files have the compression of the first. A line may be as long as 16 MB (an embedding of 4,096 numbers
    takes 0.1 MB); DuckDB holds two such lines for each of its threads, so small files ask for less.
    """
    return f"read_ndjson_objects({_lines(snapshots)}{', filename=true' if filename else ''})"


def scan_fields(snapshots: Sequence[Snapshot], names: Sequence[str], types: Sequence[str]) -> str:
    """A relation with columns c0, c1, ...: these fields of the JSON object in each line, NULL where they do not fit.

    In less time than parsing what `scan_jsonl` gives, but it does not tell a line without any of them from one that is
    no object. Two names must not differ by case alone.
    """
    columns = ", ".join(f"{literal(name)}: '{kind}'" for name, kind in zip(names, types, strict=True))
    short = ", ".join(f"c{i}" for i in range(len(names)))
    return f"read_ndjson({_lines(snapshots)}, records=true, columns={{{columns}}}) AS t({short})"


def _lines(snapshots: Sequence[Snapshot]) -> str:
    compression = snapshots[0].file.compression
    largest = max(snapshot.size for snapshot in snapshots)
    longest = min(max(largest, _SHORTEST), _LONGEST_LINE) if compression == "none" else _LONGEST_LINE
    listed = ", ".join(literal(str(snapshot.path)) for snapshot in snapshots)
    return f"[{listed}], ignore_errors=true, compression='{compression}', maximum_object_size={longest}"


def scan_parquet(paths: Sequence[Path]) -> str:
    """A relation with the own columns and types of files that have the same.

    can_have_nan: a Parquet file's minimum and maximum leave NaN out, and DuckDB would conclude from them that
    there is none, so that isnan() is false for every row.
    """
    options = "hive_partitioning=false, binary_as_string=true, can_have_nan=true"
    listed = ", ".join(literal(str(path)) for path in paths)
    return f"read_parquet([{listed}], {options})"


def scan_csv(path: Path, width: int, delimiter: str) -> str:
    """A relation with columns c0, c1, ... of text. It fails on the first line that is not proper CSV."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    return (
        f"read_csv({literal(str(path))}, columns={{{columns}}}, delim={literal(delimiter)}, quote='\"', "
        "escape='\"', header=true, auto_detect=false, strict_mode=true, nullstr='', compression='none', "
        f"max_line_size={_LONGEST_LINE}, buffer_size={_BUFFER})"
    )


@contextlib.contextmanager
def reading(snapshots: Sequence[Snapshot]) -> Iterator[None]:
    """Within it, an error in reading one of these files is LogRejected and names the file."""
    try:
        yield
    except _OUR_MISTAKES:
        raise  # a query of ours is wrong, not the file
    except (duckdb.Error, OSError, EOFError, zlib.error) as error:
        raise unreadable(snapshots, error) from None


def unreadable(snapshots: Sequence[Snapshot], error: BaseException) -> LogRejected:
    """The error for a file that cannot be read as a whole, naming the one of `snapshots` it is about."""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    which = next((one.file for one in snapshots if str(one.path) in str(error)), snapshots[0].file)
    if isinstance(error, duckdb.OutOfMemoryException):
        return LogRejected(f"{shown(which.name)}: reading it needs more memory than allowed; raise the limit")
    if "maximum_object_size" in str(error):
        megabytes = _LONGEST_LINE >> 20
        return LogRejected(f"{shown(which.name)}: a line is longer than {megabytes} MB; shorten it or use Parquet")
    for one in snapshots:
        said = said.replace(str(one.path), one.file.name)
    what = {"parquet": "a Parquet file", "csv": "CSV", "jsonl": "JSON lines"}[which.format]
    packed = "" if which.compression == "none" else f" ({which.compression})"
    return LogRejected(
        f"{shown(which.name)}: cannot be read as {what}{packed}: {shown(said, 160)}; "
        "if it is still being written, run again when it is closed, else write it anew or take it out"
    )
