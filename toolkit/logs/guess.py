"""What a first stream.toml for a folder could say: its tables, columns, scale and tasks, guessed and marked so.

Everything guessed is written with its evidence, for a person to check; the reader itself never guesses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.arrival import arrival_order
from toolkit.logs.config import StreamConfig, load_config
from toolkit.logs.draft import Seen, draft_text
from toolkit.logs.files import LogFile, find_files, format_of, stem_of
from toolkit.logs.load import load_table
from toolkit.logs.loaded import Loaded
from toolkit.logs.matrix import convert_matrix, find_matrix, read_matrix
from toolkit.logs.scan import Snapshot
from toolkit.logs.schema import TABLES
from toolkit.logs.shown import shown
from toolkit.logs.snapshots import take_snapshots
from toolkit.logs.sources import describe
from toolkit.logs.sql import ask
from toolkit.logs.synonyms import guess_aliases, meaning_of, synonyms
from toolkit.temporary import temporary_folder

__all__ = ["convert_matrix", "find_matrix", "guess_config"]

_WORDS = {
    "evaluations": ("eval", "result", "score", "accura", "metric", "test"),
    "feedback": ("feedback", "judg", "annot", "rating", "prefer", "human", "review", "reward"),
    "samples": ("sample", "synth", "generat"),
}
_WIDE = (-1.7e308, 1.7e308)


def guess_config(folder: Path) -> str:
    """A commented stream.toml for the files in `folder`, as text; nothing is written.

    Raises UsageError where there is no such folder, no log in it (with the names that files there might be
    given), or a stream.toml already (which is never replaced).
    """
    folder = Path(folder)
    found = find_files(folder)
    if (folder / "stream.toml").exists():
        raise UsageError(f"{shown(folder / 'stream.toml', 300)}: is there already; edit it, or move it away first")
    if not found.tables:
        # Nothing could be guessed, and a configuration written now would stand in the way of the next try.
        seen_instead = _strays(folder)
        what = "; ".join(seen_instead[:3]) if seen_instead else "there is no .csv, .jsonl or .parquet file"
        raise UsageError(f"{shown(folder, 300)}: no log to describe: {what}; then init again")
    name = load_config(folder).name
    with temporary_folder() as temporary:
        connection = duckdb.connect(":memory:")
        try:
            ask(connection, "SET temp_directory = $1", [str(temporary)])
            sizes = {file.name: file.path.stat().st_size for files in found.tables.values() for file in files}
            snapshots = take_snapshots(found.tables, sizes, frozenset(), temporary)
            seen = _look(connection, snapshots, folder)
        finally:
            connection.close()
    return draft_text(name, folder.resolve().name, seen)


def _look(connection: duckdb.DuckDBPyConnection, snapshots: Mapping[str, Sequence[Snapshot]], folder: Path) -> Seen:
    remarks = _strays(folder)
    columns: dict[str, tuple[str, ...]] = {}
    aliases: dict[str, str] = {}
    for table, files in snapshots.items():
        known = {*TABLES[table].names, *(word for c in TABLES[table].names for word in synonyms(table, c))}
        names: dict[str, None] = {}
        for source in describe(connection, files, frozenset(known)):
            names.update(dict.fromkeys(source.all_names))
        columns[table] = tuple(names)
        for name, meant in guess_aliases(table, columns[table]).items():
            if aliases.setdefault(name, meant) != meant:
                other = aliases[name]
                remarks.append(f"{name!r} looks like {meant!r} in {table}, but like {other!r} elsewhere; rename one")
    scored = "score" in {*columns.get("evaluations", ()), *aliases.values()}
    config = StreamConfig(name="draft", score_range=_WIDE if scored else (0, 1), aliases=aliases)
    loaded: dict[str, Loaded] = {}
    for table, files in snapshots.items():
        try:
            loaded[table] = load_table(connection, TABLES[table], files, config, {})
        except LogRejected as error:
            remarks.append(str(error))
    ranges: dict[str, tuple[float, float]] = {
        name: r for name in ("evaluations", "feedback") if name in loaded and (r := _range(connection, name))
    }
    return Seen(columns, aliases, ranges, arrival_order(connection, loaded), tuple(remarks))


def _range(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[float, float] | None:
    low, high = ask(connection, f"SELECT min(score), max(score) FROM staging_{table} WHERE isfinite(score)")[0]
    return None if low is None else (low, high)


def _strays(folder: Path) -> list[str]:
    """Data files whose names say nothing to the reader, with the name that they might be given."""
    remarks = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or format_of(path.name) is None or stem_of(path.name) in TABLES:
            continue
        if path.name == "similarity.csv" or path.name.endswith(".matrix.csv"):
            continue
        if read_matrix(path) is not None:
            remarks.append(
                f"{path.name} is a matrix of scores (a row a stage, a column a task) and is not read as such"
            )
            continue
        table = _table_of(path)
        if table:
            remarks.append(
                f"{path.name} looks like {table}: to use it, call it {table}{path.name[len(stem_of(path.name)) :]}"
            )
        else:
            remarks.append(f"{path.name} is not read: it is called neither evaluations nor feedback nor samples")
    return remarks


def _table_of(path: Path) -> str | None:
    known = format_of(path.name)
    if known is None:
        return None
    connection = duckdb.connect(":memory:")
    try:
        file = LogFile("evaluations", path, path.name, *known)
        with temporary_folder() as temporary:
            sizes = {path.name: path.stat().st_size}
            snapshots = take_snapshots({"evaluations": (file,)}, sizes, frozenset(), temporary)
            names = describe(connection, snapshots["evaluations"], frozenset())[0].names
    except LogRejected:
        return None
    finally:
        connection.close()
    return table_of_names(names, path.name)


def table_of_names(names: Sequence[str], file: str) -> str | None:
    """The table that a file with these columns is likely to be: where the needed ones are; its name breaks ties."""
    scores = {}
    for table in TABLES:
        meant = {meaning_of(table, name) for name in names}
        needed = {column.name for column in TABLES[table].columns if column.needed}
        needed |= {"score"} if table == "evaluations" else set()
        named = any(word in file.lower() for word in _WORDS[table])
        scores[table] = (len(needed & meant) / len(needed), named, len(needed))
    best = max(scores, key=lambda table: scores[table])
    return best if scores[best][0] == 1 or (scores[best][0] >= 0.5 and scores[best][1]) else None
