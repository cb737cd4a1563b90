"""How are rows written as they come, as JSON lines or Parquet, without holding more than a batch of them?"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol

from toolkit.logs.schema import TABLES, Kind

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["jsonl", "parquet"]
_BATCH = 20_000


class RowFile(Protocol):
    """Takes the rows of one table; `close` makes sure that they are on disk and names the files."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one row."""

    def close(self) -> list[Path]:
        """Finish; the files written."""


def open_rows(folder: Path, table: str, stem: str, form: Form) -> RowFile:
    """A file (or several, in Parquet) called `stem` in `folder`, which is made, for rows of `table`."""
    folder.mkdir(parents=True, exist_ok=True)
    return JsonLines(folder / f"{stem}.jsonl") if form == "jsonl" else Parquet(folder, table, stem)


class JsonLines:
    """One object a line, ASCII only, as the project's own writer does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] = path.open("w", encoding="ascii")

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one line."""
        self._file.write(json.dumps(row) + "\n")

    def close(self) -> list[Path]:
        """Flush to disk; the one file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return [self._path]


class Parquet:
    """Batches of rows; a new file begins where a batch has attributes that the file before has not."""

    def __init__(self, folder: Path, table: str, stem: str) -> None:
        self._folder, self._stem, self._table = folder, stem, table
        self._kinds: dict[str, Kind] = {column.name: column.kind for column in TABLES[table].columns}
        self._batch: list[Mapping[str, Any]] = []
        self._names: tuple[str, ...] = ()
        self._writer: Any = None
        self._paths: list[Path] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Keep one row until the batch is full."""
        self._batch.append(row)
        if len(self._batch) >= _BATCH:
            self._flush()

    def close(self) -> list[Path]:
        """Write what is left; the files, in order."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
        return self._paths

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._batch:
            return
        seen = {name for row in self._batch for name in row}
        if self._writer is None or not seen <= set(self._names):
            if self._writer is not None:
                self._writer.close()
            extra = sorted((seen | set(self._names)) - self._kinds.keys())
            self._names = (*(name for name in self._kinds if name in seen | set(self._names)), *extra)
            self._paths.append(self._folder / f"{self._stem}-{len(self._paths):04d}.parquet")
            schema = pa.schema([(name, _type(self._kinds.get(name, "text"))) for name in self._names])
            self._writer = pq.ParquetWriter(self._paths[-1], schema)
        arrays = {
            name: [_cell(row.get(name), self._kinds.get(name, "text")) for row in self._batch] for name in self._names
        }
        self._writer.write_table(pa.table(arrays, schema=self._writer.schema))
        self._batch = []


def _type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    types = {"integer": pa.int64(), "big_integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    lists = {"floats": pa.list_(pa.float64()), "texts": pa.list_(pa.string())}
    return types.get(kind) or lists.get(kind) or pa.string()


def _cell(value: Any, kind: Kind) -> Any:
    if value is None or kind not in ("text", "word"):
        return float(value) if kind == "number" and value is not None else value
    return value if isinstance(value, str) else json.dumps(value)
