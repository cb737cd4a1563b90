"""How tests import a source and look at what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.output import write_stream
from toolkit.logs.adapters.registry import find
from toolkit.logs.adapters.stages import read_stages
from toolkit.logs.read import CheckedLog, read_stream

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
DATA = Path(__file__).parent / "data"


def import_(
    format_: str,
    source: Path,
    to: Path,
    /,
    *,
    stages: str = "",
    columns: Mapping[str, str] | None = None,
    tasks: tuple[str, ...] = (),
    kind: str | None = None,
    part: str | None = None,
    form: Any = "jsonl",
    missing: str = "reject",
    **settings: str,
) -> Account:
    """As `streamreview import` does, without its words; `stages` is the text of a --stages file."""
    mapped = None
    if stages:
        path = to.parent / "stages.csv"
        path.write_text(stages, encoding="utf-8")
        mapped = read_stages(path)
    account = Account()
    options = Options(mapped, columns or {}, tasks, settings, kind)
    adapter = find(format_)
    write_stream(
        adapter.read(source, options, account),
        to,
        part=part or format_,
        told={"format": format_, "source": source.name},
        options=options,
        account=account,
        form=form,
        missing=missing,
    )
    return account


def left(account: Account) -> dict[tuple[str, str], int]:
    """How many of what were left out, and why."""
    return {key: entry.count for key, entry in account.left.items()}


def read(folder: Path) -> CheckedLog:
    """The imported log as the reader takes it: every row must be used."""
    log = read_stream(folder)
    for entry in log.ledger.entries().values():
        assert entry.rejected == 0, entry.reasons
    return log


def cells(folder: Path, table: str = "evaluations") -> list[dict[str, Any]]:
    """Rows as they stand in the JSON lines of an import."""
    paths = sorted((folder / table).glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def matrix(folder: Path) -> dict[tuple[int, str], float]:
    """Mean score by stage and task, of all rows of arm stream."""
    found: dict[tuple[int, str], list[float]] = {}
    for row in cells(folder):
        if row.get("arm", "stream") == "stream":
            found.setdefault((row["stage"], row["task"]), []).append(row["score"])
    return {key: sum(scores) / len(scores) for key, scores in found.items()}
