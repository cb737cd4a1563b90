"""What about a log a reader must know although its rows are sound.

Each notice is one sentence with what it means for the report. They warn; they never change a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from toolkit.logs.config import StreamConfig
from toolkit.logs.earlier import Account, outside_of
from toolkit.logs.files import Found
from toolkit.logs.groups import grouping_tasks
from toolkit.logs.ledger import Ledger
from toolkit.logs.loaded import Loaded
from toolkit.logs.reasons import REPEATED, TRUNCATED
from toolkit.logs.restarts import restarts, told
from toolkit.logs.shown import listed, shown
from toolkit.logs.sql import Asked, ask
from toolkit.results import Notice

_CELL = "arm, seed, task_order, task"
_MASS = 5  # identical scores outside the scale that look like a code
_LABELS = 30  # pairs of labels before full agreement looks odd


def notices_of(
    connection: Asked,
    found: Found,
    config: StreamConfig,
    loaded: Sequence[Loaded],
    ledger: Ledger,
    backwards: Mapping[str, Mapping[str, int]],
    earlier: Account | None = None,
) -> tuple[Notice, ...]:
    """All notices of one log, files first.

    backwards: by table, see `restarts`. earlier: of files of evaluations that were read before.
    """
    notices = [*_of_files(found, loaded, earlier), *_of_ledger(ledger)]
    for table in loaded:
        notices += failure_codes(connection, table, earlier)
        notices += told(table.table.name, backwards.get(table.table.name, {}))
        if table.table.name == "evaluations":
            notices += [*items_differ(connection), *several_orders(connection, config)]
            notices += grouping_tasks(connection)
        if table.table.name == "samples":
            notices += labels_never_disagree(connection)
    return tuple(notices)


def rejection_hints(connection: Asked, loaded: Loaded, config: StreamConfig) -> list[str]:
    """What may be behind the rejected rows of a table, for the message that stops the run."""
    hints = []
    if any(failure_codes(connection, loaded)):
        hints.append("one score outside the scale stands there again and again: a code for a failure?")
    if loaded.table.name != "feedback" and restarts(connection, loaded, config):
        hints.append("stages go backwards within a file: two runs in one log?")
    return hints


def _of_files(found: Found, loaded: Sequence[Loaded], earlier: Account | None) -> Iterator[Notice]:
    for table, forms in found.several:
        yield Notice(code="several-forms", message=f"{table} is there as {listed(forms)}; all were read.")
    if found.strangers:
        yield Notice(
            code="unknown-files",
            message=f"Files of an unknown type were not read: {listed(found.strangers)}.",
        )
    for one in loaded:
        if one.copies:
            file, first = (shown(one.sources[place].file.name) for place in one.copies[0])
            more = f", and {len(one.copies) - 1:,} more files are copies" if len(one.copies) > 1 else ""
            message = f"{one.table.name}: {file} is a copy of {first}{more}; no row was counted twice."
            yield Notice(code="copied-files", message=message)
        doubled = {source.file.name: source.mapped.doubled for source in one.sources}
        if one.table.name == "evaluations" and earlier is not None:
            doubled |= {file.path: file.doubled for file in earlier.files}
        in_order = (doubled.get(file.name, ()) for file in found.tables[one.table.name])
        for text in dict.fromkeys(text for texts in in_order for text in texts):
            yield Notice(code="column-and-alias", message=f"{text}.")


def _of_ledger(ledger: Ledger) -> Iterator[Notice]:
    for name, entry in ledger.entries().items():
        if repeated := entry.reasons.get(REPEATED):
            first = ledger.rejected(1, table=name, reason=REPEATED)[0]
            yield Notice(
                code="repeated-rows",
                message=f"{name}: {repeated:,} rows repeat another row exactly and were counted once, "
                f"the first at {shown(first.place)}.",
            )
        if cut := ledger.first_cut(name):
            n, (file, line) = entry.reasons[TRUNCATED], cut
            text = (
                f"{name}: the last line of {n:,} file{'s' if n > 1 else ''} has no line break and was "
                f"left out, because it may be cut short: {shown(f'{file} line {line}')}"
            )
            yield Notice(code="truncated-line", message=f"{text}. If it is complete, end it with a line break.")


def failure_codes(connection: Asked, loaded: Loaded, earlier: Account | None = None) -> Iterator[Notice]:
    """A score outside the scale that stands there again and again looks like a code for a failed call."""
    before = outside_of(earlier) if earlier is not None and loaded.table.name == "evaluations" else {}
    scores = Counter(scores_outside(connection, loaded, least=1 if before else _MASS))
    scores.update(before)
    often = sorted((-n, score) for score, n in scores.items() if n >= _MASS)
    for n, score in often[:1]:
        yield Notice(
            code="failure-code",
            message=f"{loaded.table.name}: {-n:,} rows have the score {score:g}, outside the scale: it looks "
            "like a code for a failure. Dropped failures inflate accuracy; log them as missing and choose "
            "missing_score in stream.toml.",
        )


def scores_outside(connection: Asked, loaded: Loaded, least: int = 1) -> dict[float, int]:
    """Scores outside the scale that at least `least` rows of a table have, with the number of these rows."""
    codes = [str(loaded.reasons.code(text)) for text in loaded.reasons.texts if text.startswith("score outside")]
    outside = f"problem IN ({', '.join(codes)})"
    if not codes or not ask(connection, f"SELECT 1 FROM {loaded.rejected} WHERE {outside} LIMIT 1"):
        return {}
    return {
        float(score): int(n)
        for score, n in ask(
            connection,
            f"SELECT score, count(*) AS n FROM {loaded.staging} WHERE {outside} GROUP BY score HAVING n >= {least}",
        )
    }


def items_differ(connection: Asked) -> Iterator[Notice]:
    """Stages of one run that were not evaluated on the same items cannot be paired in full."""
    rows = ask(
        connection,
        f"""
        WITH last AS (
            SELECT * FROM evaluation_cells WHERE items > 0
            QUALIFY row_number() OVER (PARTITION BY {_CELL}, stage ORDER BY step DESC NULLS FIRST) = 1
        )
        SELECT {_CELL} FROM last GROUP BY ALL
        HAVING min(items) <> max(items) OR min(folded) <> max(folded) ORDER BY ALL
        """,
    )
    if rows:
        tasks = sorted({row[3] for row in rows})
        yield Notice(
            code="items-differ",
            message=f"Items differ between the stages of one run for {listed(tasks, 6)} "
            f"({len(rows):,} combinations of arm, seed and task): differences over stages "
            "rest on the items they share, and are less precise.",
        )


def several_orders(connection: Asked, config: StreamConfig) -> Iterator[Notice]:
    """Several task orders in one log."""
    rows = ask(connection, "SELECT DISTINCT task_order FROM evaluation_cells ORDER BY ALL")
    if len(rows) > 1:
        names = [name for (name,) in rows]
        yield Notice(code="several-orders", message=f"The log holds {len(names)} task orders: {listed(names, 6)}.")


def labels_never_disagree(connection: Asked) -> Iterator[Notice]:
    """A label that is always the one asked for was probably copied, not found."""
    for column, what in (("parsed_label", "generated"), ("verified_label", "verified")):
        both, differ = ask(
            connection,
            f"SELECT count(*), count(*) FILTER ({column} <> target_label) FROM samples "
            f"WHERE {column} IS NOT NULL AND target_label IS NOT NULL",
        )[0]
        if both >= _LABELS and not differ:
            yield Notice(
                code="labels-never-disagree",
                message=f"{column} equals target_label in all {both:,} samples that have both: if the "
                f"{what} label was copied from the one asked for, label errors cannot be seen.",
            )
