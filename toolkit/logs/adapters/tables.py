"""How does a table of one's own come in: training metrics, a spreadsheet of human labels?

Columns are those that --map names, and for the rest those that `streamreview init` would guess. What the table
does not say, such as who judged, is said with --set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record
from toolkit.logs.adapters.cells import NotMeant, meant
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.adapters.tablefiles import is_table, rows_of
from toolkit.logs.schema import ATTRIBUTE, TABLES, Column
from toolkit.logs.shown import listed, shown
from toolkit.logs.synonyms import guess_aliases, meaning_of

_LOOK = 1000
_JUDGES = ("judge", "judge_model", "model", "grader")
_SAID = {
    "stage": "the stage, where no column says it",
    "task": "the task, where no column says it",
    "arm": "the arm, where no column says it",
    "seed": "the seed, where no column says it",
    "source": "human, synthetic or rule: who judged, where no column says it",
    "rater": "the rater's name, where no column says it",
    "run": "the column whose values --stages names; default: called as in that file",
    "sheet": "which sheet of a spreadsheet; default: the first",
}


@dataclass(frozen=True)
class _Plan:
    """How a file is read: its table, column in the file -> column of the log, and cells that all rows have."""

    table: str
    columns: Mapping[str, str]
    constants: Mapping[str, Any]
    run: str | None


def _read(source: Path, options: Options, account: Account) -> Converted:
    paths = files_in(source, is_table)
    return Converted(_records(paths, source, options, account), Hints())


def _records(paths: Sequence[Path], source: Path, options: Options, account: Account) -> Iterator[Record]:
    for path in paths:
        where = called(path, source)
        sheet = options.setting("sheet")
        names: dict[str, None] = {}
        for _, row in islice(rows_of(path, where, Account(), sheet), _LOOK):
            names.update(dict.fromkeys(row))
        if not names:
            account.left_out("files", "without a row", where)
            continue
        plan = _plan(tuple(names), where, options, account)
        for number, row in rows_of(path, where, account, sheet):
            record = _record(row, plan, options, account, f"{where}, row {number}")
            if record is not None:
                yield record


def _plan(names: tuple[str, ...], where: str, options: Options, account: Account) -> _Plan:
    strange = [name for name in options.columns if name not in names]
    if strange:
        raise UsageError(f"--map {shown(strange[0])}: no column of {shown(where)}; it has {listed(names, 20)}")
    table = options.kind or _kind(names, where, options)
    columns = {name: column for name, column in options.columns.items() if _is_column(table, column)}
    if len(columns) < len(options.columns):
        wrong = next(column for name, column in options.columns.items() if name not in columns)
        raise UsageError(f"--map ...={shown(wrong)}: no column of {table}; it has {listed(TABLES[table].names, 40)}")
    run = options.setting("run") or (options.stages.key if options.stages is not None else "")
    if run and run not in names:
        raise UsageError(f"--set run=...: {shown(where)} has no column {shown(run)!r}, whose values --stages names")
    free = tuple(name for name in names if name not in columns and name != run)
    taken = set(columns.values())
    for name in free:
        if _is_column(table, name) and name not in taken:
            columns[name] = name
            taken.add(name)
    guessed = guess_aliases(table, (*(n for n in free if n not in columns), *taken))
    for name, column in guessed.items():
        if column not in taken:
            columns[name] = column
            taken.add(column)
    if guessed:
        account.warn(
            f"{where}: columns guessed: {listed([f'{n} is {columns[n]}' for n in guessed if n in columns], 20)}."
        )
    ignored = [name for name in free if name not in columns]
    account.left_out("columns", "neither named by --map nor known", f"{where}: {listed(ignored, 8)}", len(ignored))
    constants = _constants(table, columns, taken, where, options, account)
    _needed(table, taken | set(constants) | ({"stage"} if run else set()), names, where)
    return _Plan(table, columns, constants, run or None)


def _kind(names: Sequence[str], where: str, options: Options) -> str:
    from toolkit.logs.guess import table_of_names

    said = [*(options.columns.get(name, name) for name in names), *(n for n in _SAID if options.setting(n))]
    said += ["stage"] if options.stages is not None else []
    said += ["source"] if any(meaning_of("feedback", name) == "rater" for name in said) else []
    table = table_of_names(said, where)
    if table is None:
        raise LogRejected(
            f"{shown(where)}: its columns ({listed(names, 12)}) do not tell which table it is; say --kind evaluations, "
            "feedback or samples, and --map COLUMN=NAME (a matrix, a row a stage, is: streamreview import matrix)"
        )
    return table


def _constants(
    table: str, columns: Mapping[str, str], taken: set[str], where: str, options: Options, account: Account
) -> dict[str, Any]:
    """What --set says; and who judged, by the name of the column of raters."""
    said = {n: options.setting(n) for n in ("stage", "task", "arm", "seed", "source", "rater") if options.setting(n)}
    constants = {}
    for name, value in said.items():
        if name not in TABLES[table].names:
            raise UsageError(f"--set {name}: {table} have no such column")
        if name in taken:
            raise UsageError(f"--set {name}: a column of {shown(where)} says it already")
        constants[name] = _meant(value, TABLES[table].column(name), f"--set {name}")
    if table == "feedback" and "source" not in taken | set(constants):
        column = next((name for name, meaning in columns.items() if meaning == "rater"), "")
        constants["source"] = "synthetic" if column.lower() in _JUDGES else "human"
        account.warn(f"{where}: no column says who judged: taken as {constants['source']} (--set source=...).")
    if table == "feedback" and "rater" not in taken | set(constants):
        constants["rater"] = constants.get("source", "human")
        account.warn(f"{where}: no column names the rater: taken as one rater (--set rater=NAME, --map COLUMN=rater).")
    return constants


def _needed(table: str, there: set[str], names: Sequence[str], where: str) -> None:
    missing = [column.name for column in TABLES[table].columns if column.needed and column.name not in there]
    if table == "evaluations" and "score" not in there and not {"answer", "truth"} <= there:
        missing.append("score")
    if table == "feedback" and not {"score", "label", "abstained"} & there:
        missing.append("score")
    if missing:
        first = missing[0]
        other = ", --stages FILE" if first == "stage" else ""
        raise LogRejected(
            f"{shown(where)}: no column for {first} of {table}; its columns are {listed(names, 12)}; say it with "
            f"--map COLUMN={first}{other}{f' or --set {first}=VALUE' if first in _SAID else ''}"
        )


def _record(row: Mapping[str, Any], plan: _Plan, options: Options, account: Account, where: str) -> Record | None:
    cells: dict[str, Any] = dict(plan.constants)
    try:
        for name, column in plan.columns.items():
            if column.startswith(ATTRIBUTE):
                cells[column] = row.get(name)
            else:
                cells[column] = meant(row.get(name), TABLES[plan.table].column(column))
    except NotMeant as error:
        account.left_out("rows", str(error), where)
        return None
    if plan.run is not None and options.stages is not None:
        run = str(row.get(plan.run, "")).strip()
        place = options.stages.place(run)
        if place is None:
            account.left_out("rows", f"of a {shown(plan.run)} that --stages does not name", f"{where}, {run}")
            return None
        known = {name: value for name, value in place.cells().items() if name in TABLES[plan.table].names}
        cells |= known | ({"task": place.task} if place.task else {})
    missing = [c.name for c in TABLES[plan.table].columns if c.needed and cells.get(c.name) is None]
    if missing:
        account.left_out("rows", f"without {missing[0]}", where)
        return None
    return Record(plan.table, cells)


def _is_column(table: str, name: str) -> bool:
    return name in TABLES[table].names or (name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE))


def _meant(value: str, column: Column, where: str) -> Any:
    try:
        return meant(value, column)
    except NotMeant as error:
        raise UsageError(f"{where}: {error}") from None


ADAPTER = Adapter("table", "a table of one's own: CSV, JSON lines, Parquet or a spreadsheet, with --map", _read, _SAID)
