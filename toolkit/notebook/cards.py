"""How do the things that an analyst holds look in a cell: an estimate, a set of them, a stream, a cube, a release?

Each is a `Block`, drawn by a template, so that a notebook's cell and its page look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, column, missing, plain_table, said, table_view
from toolkit.figures.review_tables import ledger_table
from toolkit.figures.tables import detail, estimates_table
from toolkit.language import (
    Name,
    Part,
    Parts,
    change,
    chip,
    clean,
    counts,
    interval,
    level_of,
    margin,
    quoted,
    reading,
    scope_text,
    sentence,
    tally,
    text_of,
    wording_of,
)
from toolkit.results import Estimate

if TYPE_CHECKING:
    from toolkit.cube import Cube
    from toolkit.notebook.check import Check
    from toolkit.notebook.estimates import Estimates
    from toolkit.notebook.release import Release
    from toolkit.notebook.stream import Stream

UNKNOWN = (-inf, inf)
"""The score range of an estimate that is alone: scores are not turned into points."""

_WHOLE_TABLE = 40  # estimates of several quantities that are shown one by one; beyond it, a row a quantity


def card(kind: str, title: Parts, facts: Sequence[tuple[str, Parts]], tables: Sequence[Block] = ()) -> Block:
    """One thing: what it is, facts about it (those without content left away), and tables."""
    known = [{"name": name, "parts": said(parts)["parts"]} for name, parts in facts if parts]
    data = {
        "kind": kind, "title": said(title)["parts"], "facts": known,
        "tables": [table.data.get("table", table.data) for table in tables],
    }  # fmt: skip
    lines = [text_of(title), *(f"  {name}: {text_of(parts)}" for name, parts in facts if parts)]
    return Block("card", data, "\n".join([*lines, *(table.text for table in tables)]))


def estimate_block(estimate: Estimate, score_range: tuple[float, float] = UNKNOWN) -> Block:
    """One estimate in a sentence, and what it rests on; scores as they were logged where their range is not known."""
    verdict: Parts = (chip(estimate.verdict, estimate.finding).text,) if estimate.verdict else ()
    part = detail(estimate)
    ends = interval(estimate, score_range)
    return card("estimate", sentence(estimate, score_range), [
        ("Value", reading(estimate, score_range) if estimate.measured else ()),
        ("Interval", (level_of(estimate), " ", *ends) if ends else ()),
        ("Holds for", (scope_text(estimate),) if estimate.scope else ()),
        ("Part", (Name(part),) if part else ()),
        ("From", counts(estimate)),
        ("Method", (quoted(clean(estimate.method), estimate.id, "method"),) if estimate.method else ()),
        ("Smallest change that matters", margin(estimate, score_range)),
        ("Verdict", verdict),
        ("Change", change(estimate, score_range)),
        ("Id", (Name(estimate.id),)),
    ])  # fmt: skip


def estimates_block(found: Estimates) -> Block:
    """Estimates one by one where they are few or of one quantity, else a row a quantity, by the name to ask for."""
    if len(found.quantities) > 1 and len(found) > _WHOLE_TABLE:
        return _by_quantity(found)
    return estimates_table(found, "Estimates", score_range=found.score_range, empty="No estimates.")


def _by_quantity(found: Estimates) -> Block:
    heads = [
        column("Quantity"), column("Name"), column("Estimates", numeric=True), column("Measured", numeric=True),
        column("Over all", numeric=True), column("Interval", numeric=True),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for name in found.quantities:
        here = found.filter(quantity=name)
        whole = next(iter(here.filter(task=None, stage=None, group=None)), None)
        ends = interval(whole, found.score_range) if whole is not None else ()
        known = sum(e.measured for e in here)
        rows.append([
            _name(wording_of(name).title), _name(name), said((tally(len(here), "rows"),)),
            said((tally(known, "rows"),)), said(reading(whole, found.score_range) if whole is not None else "–"),
            said(ends) if ends else missing(whole, "–") if whole is not None else said("–"),
        ])  # fmt: skip
    view = table_view("Estimates by quantity; a name in brackets picks one", heads, rows, found=False)
    return Block("table", view, plain_table(view))


def stream_block(stream: Stream) -> Block:
    """A stream's folder, what its log holds, and its ledger."""
    config, meta = stream.config, stream.cube.meta
    return card("stream", (Name(clean(config.shown_title)),), [
        ("Folder", (Name(clean(str(stream.folder))),)),
        ("Release", (Name(clean(config.release)),) if config.release else ()),
        ("Tasks", _tasks(stream.cube)),
        ("Arms", _arms(stream.cube)),
        ("Tables", (", ".join(meta.tables),)),
    ], [ledger_table(meta.ledger)])  # fmt: skip


def cube_block(cube: Cube) -> Block:
    """A cube's tables with their rows."""
    heads = [column("Table"), column("Rows", numeric=True), column("Columns")]
    body = [
        [_name(name), said((tally(table.num_rows, "rows"),)), _name(", ".join(table.schema.names))]
        for name, table in cube.tables.items()
    ]
    view = table_view("Tables of the cube", heads, body, found=False)
    facts: list[tuple[str, Parts]] = [("Tasks", _tasks(cube)), ("Arms", _arms(cube))]
    facts.append(("Log", (Name(cube.meta.fingerprint[:12]),)))
    return card("cube", (Name(clean(cube.config.shown_title)),), facts, [Block("table", view, plain_table(view))])


def release_block(release: Release) -> Block:
    """A publication's sentence, verdicts and place."""
    found = release.results
    body = [[said(axis.axis), said(axis.verdict), _name(axis.sentence)] for axis in found.axes]
    view = table_view("What the report says", [column("Axis"), column("Verdict"), column("Finding")], body, found=False)
    return card("release", (Name(clean(found.title)), ", ", Name(clean(found.release))), [
        ("Verdict", (found.verdict,)),
        ("Folder", (Name(clean(str(release.folder))),)),
        ("Compared with", (Name(clean(found.baseline)),) if found.baseline else ()),
        ("Estimates", (tally(len(found.estimates), "rows"),)),
    ], [Block("table", view, plain_table(view))])  # fmt: skip


def check_block(check: Check) -> Block:
    """The ledger, what can be measured, and what would be the cheapest thing to log next."""
    body = [
        [
            said(row.axis),
            said(row.question),
            said(row.answer),
            _name(_unquoted(row.remark)) if row.remark else said("–"),
        ]
        for row in check.measurable
    ]
    heads = [column("Axis"), column("Question"), column("Measurable"), column("What it needs, or would sharpen it")]
    view = table_view("What can be measured", heads, body, found=False)
    notices: list[tuple[str, Parts]] = [("Note", (Name(clean(n.message)),)) for n in check.notices]
    advice: list[tuple[str, Parts]] = [
        ("Cheapest to log next", (Name(_unquoted(line)),)) for line in check.cheapest_next
    ]
    tables = [ledger_table(check.ledger), Block("table", view, plain_table(view))]
    return card("check", ("What the log holds",), [*notices, *advice], tables)


def _unquoted(text: str) -> str:
    """Without the backticks that mark a column's name in a terminal."""
    return clean(text).replace("`", "")


def _name(text: str) -> Cell:
    return said((Name(clean(text)),))


def _tasks(cube: Cube) -> Parts:
    names = [clean(task.name) for task in cube.config.tasks]
    shown = names if len(names) <= 12 else [*names[:12], "…"]
    return (tally(len(names), "tasks"), ": ", Name(", ".join(shown)))


def _arms(cube: Cube) -> Parts:
    arms: list[Part] = []
    for name, seeds in cube.meta.facts.arms:
        arms += [*([", "] if arms else []), Name(clean(name)), " (", tally(seeds, "seeds"), " seeds)"]
    return tuple(arms)
