"""How a stream folder becomes checked tables with an account of every row."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Sequence
from pathlib import Path

import duckdb

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.checked import CheckedLog, state_of
from toolkit.logs.checks import check_names, survey, task_names
from toolkit.logs.config import StreamConfig, load_config
from toolkit.logs.duplicates import check_duplicates
from toolkit.logs.earlier import Earlier, bring, join_earlier, unread
from toolkit.logs.elsewhere import Elsewhere
from toolkit.logs.exchange import MANIFEST, PENDING, finish
from toolkit.logs.files import Found, find_files, no_tables
from toolkit.logs.fingerprint import fingerprint, inputs_of
from toolkit.logs.ledger import Ledger
from toolkit.logs.limit import enforce
from toolkit.logs.load import load_table
from toolkit.logs.loaded import Loaded
from toolkit.logs.notices import notices_of
from toolkit.logs.restarts import all_restarts
from toolkit.logs.schema import TABLES
from toolkit.logs.shown import shown
from toolkit.logs.snapshots import take_snapshots
from toolkit.logs.sql import Asked, ask
from toolkit.logs.tasks import with_tasks
from toolkit.results import Notice
from toolkit.temporary import make_folder, remove_folder

__all__ = ["CheckedLog", "read_stream"]

_ATTEMPTS = 3
_COMPLETED = Notice(
    code="import-completed",
    message="An import was cut short while it replaced files of the log; it was completed before the log was read.",
)


def read_stream(
    folder: Path,
    *,
    memory_limit: str = "1500MB",
    threads: int | None = None,
    temp: Path | None = None,
    cache: Path | None = None,
    enforce_limit: bool = True,
    elsewhere: Elsewhere | None = None,
    earlier: Earlier | None = None,
    import_completed: bool = False,
) -> CheckedLog:
    """Read and check the stream log in `folder`.

    memory_limit: of DuckDB; what goes beyond is kept in the folder `temp` (default: the system's).
    threads: default one a core. cache: a folder that keeps hashes of unchanged files.
    enforce_limit: False reads also a log with more than `max_rejected` of its rows rejected, to list them.
    elsewhere: where tables are read instead of DuckDB; then `connection` has their counts and no rows of them.
    earlier: files of evaluations that were read before and are not opened again (`toolkit.logs.earlier`); raises
    CannotJoin where the log must be read in full. import_completed: an import was completed just before, which is to
    be told.

    A file that grows meanwhile is read as far as it went at the start; an import that was killed while it replaced
    files is completed before. Raises UsageError without such a folder, and LogRejected where the log cannot be used,
    with what to do about it.
    """
    folder = Path(folder)
    completed, imported = finish(folder) is not None or import_completed, state_of(folder / MANIFEST)
    found = find_files(folder)
    if not {"evaluations", "feedback"} & found.tables.keys():
        raise no_tables(folder, found)
    config = load_config(folder)
    inputs = inputs_of(folder, cache)
    sizes, hashes = {file.path: file.bytes for file in inputs}, {file.path: file.sha256 for file in inputs}
    tables = dict(found.tables)
    if earlier is not None:
        tables["evaluations"] = unread(earlier.account, tables.get("evaluations", ()), inputs)
    before = _states(found)
    growing: frozenset[str] = frozenset()
    for _ in range(_ATTEMPTS):
        temporary = make_folder(temp)
        connection = duckdb.connect(":memory:")
        failure: LogRejected | None = None
        try:
            _limit(connection, memory_limit, threads, temporary)
            snapshots = take_snapshots(tables, sizes, growing, temporary)
            if earlier is not None:
                bring(connection, earlier)
            asked = connection if elsewhere is None else elsewhere.beside(connection)
            loaded = [
                elsewhere.load(connection, TABLES[name], files, config)
                if elsewhere is not None and elsewhere.takes(TABLES[name], files)
                else load_table(connection, TABLES[name], files, config, hashes, copied=name != "evaluations")
                for name, files in snapshots.items()
            ]
            config_read = _check(asked, folder, config, loaded, earlier)
            account = None if earlier is None else earlier.account
            order = [file.name for file in found.tables.get("evaluations", ())]
            ledger = Ledger(asked, loaded, account, order)
            if enforce_limit:
                enforce(asked, ledger, loaded, config_read, folder, account)
            backwards = all_restarts(asked, loaded, config_read, order, account)
            notices = notices_of(asked, found, config_read, loaded, ledger, backwards, account)
            notices += (_COMPLETED,) if completed else ()
        except LogRejected as error:
            failure = error
        except BaseException:
            _discard(connection, temporary)
            raise
        if (folder / PENDING).exists() or state_of(folder / MANIFEST) != imported:
            _discard(connection, temporary)
            raise LogRejected(f"{shown(folder, 300)}: an import replaced files while they were read; run again")
        changed = _changed(before, _states(found), sizes)
        if changed <= growing:
            if failure is not None:
                _discard(connection, temporary)
                raise failure
            newest = max((time for _, time in before.values()), default=0)
            log = CheckedLog(
                folder=folder,
                config=config_read,
                connection=connection,
                tables=frozenset(table.table.name for table in loaded),
                ledger=ledger,
                notices=notices,
                inputs=inputs,
                fingerprint=fingerprint(inputs),
                newest=dt.datetime.fromtimestamp(newest / 1e9, dt.UTC),
                temporary=temporary,
                states=_in_place(loaded, before, growing),
                loaded=tuple(loaded),
                backwards=backwards.get("evaluations", {}),
                earlier=earlier,
            )
            weakref.finalize(log, remove_folder, temporary)  # also where nobody closes it
            return log
        _discard(connection, temporary)
        growing |= changed
    raise LogRejected(f"{shown(folder, 300)}: files keep changing while they are read; run again later")


def _limit(connection: duckdb.DuckDBPyConnection, memory_limit: str, threads: int | None, temporary: Path) -> None:
    try:
        ask(connection, "SET memory_limit = $1", [memory_limit])
    except duckdb.Error:
        raise UsageError(f"memory limit {shown(memory_limit)!r}: write it like 2GB or 500MB") from None
    ask(connection, "SET temp_directory = $1", [str(temporary)])
    ask(connection, "SET autoinstall_known_extensions = false")
    if threads is not None:
        ask(connection, "SET threads = $1", [threads])


def _discard(connection: duckdb.DuckDBPyConnection, temporary: Path) -> None:
    connection.close()
    remove_folder(temporary)


def _states(found: Found) -> dict[str, tuple[int, int]]:
    """Size and time of change (ns) of every log file; a file that is gone has none."""
    states = {}
    for files in found.tables.values():
        for file in files:
            state = state_of(file.path)
            if state is not None:
                states[file.name] = state
    return states


def _in_place(
    loaded: Sequence[Loaded], states: dict[str, tuple[int, int]], copied: frozenset[str]
) -> dict[str, tuple[int, int]]:
    files = [source.file.name for table in loaded if table.in_place for source in table.sources]
    return {name: states[name] for name in files if name not in copied}


def _changed(
    before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], sizes: dict[str, int]
) -> frozenset[str]:
    """Files that grew. Raises LogRejected where one was changed in another way: then there is no prefix."""
    grown = {name for name in sizes.keys() & after.keys() if after[name][0] > sizes[name]}
    other = {name for name in before if after.get(name) != before[name]} - grown
    if other:
        raise LogRejected(f"{shown(min(other))}: was rewritten while it was being read; run again")
    return frozenset(grown)


def _check(
    connection: Asked,
    folder: Path,
    config: StreamConfig,
    loaded: Sequence[Loaded],
    earlier: Earlier | None,
) -> StreamConfig:
    for table in loaded:
        if not table.rows and not (earlier is not None and table.table.name == "evaluations"):
            raise LogRejected(f"{_named(folder, table)}: no rows; log some, or take the table out")
    for table in loaded:
        survey(connection, table)
    names = {name for table in loaded for name in task_names(connection, table)}
    names |= set() if earlier is None else set(earlier.cells["task"].to_pylist())
    config = with_tasks(config, names, folder)
    for table in loaded:
        check_names(connection, table, config)
        check_duplicates(connection, table, config)
        if earlier is not None and table.table.name == "evaluations":
            join_earlier(connection, table, earlier, config)
    return config


def _named(folder: Path, table: Loaded) -> str:
    """The file of a table where there is one, else the table's folder and how many files it has."""
    files = [source.snapshot.file for source in table.sources]
    if len(files) == 1:
        return shown(folder / files[0].name, 300)
    return f"{shown(folder / table.table.name, 300)} ({len(files)} files)"
