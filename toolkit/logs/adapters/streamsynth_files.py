"""Which files of StreamSynth's reference code are there: of what kind, of which task and stage?

The code writes synthesised samples (a list), evaluations (an object with results) and training metrics (a CSV with
rewards), one file a dataset; it knows of no stages. A stage is what --stages says of a file or folder, else the
number of a folder called stage-3 or the like, else, for samples and rewards, the place of the task in the order.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.adapters.stages import Place

Kind = Literal["samples", "evaluations", "rewards"]
_DATASETS = ("mnli", "amazon", "yahoo", "yelp")
_STAGE = re.compile(r"(?:^|/)(?:stage|step|task)[-_ ]?(\d{1,4})(?=/)", re.IGNORECASE)
_UNNAMED = "simple_"  # how the code calls Yelp's evaluations


@dataclass(frozen=True)
class Found:
    """One file: its kind, its place in the source, its task, where --stages or a folder puts it, and its content."""

    kind: Kind
    where: str
    task: str
    place: Place
    content: Any


def find(source: Path, options: Options, account: Account) -> Iterator[Found]:
    """Every file of a kind that can be mapped, one in memory at a time; the others are counted."""
    for path in files_in(source, lambda name: name.endswith((".json", ".csv"))):
        where = called(path, source)
        try:
            kind, content = _read(path)
        except ValueError as error:
            account.left_out("files", str(error), where)
            continue
        place = _place(where, options)
        if place is None:
            account.left_out("files", "not named in the file of --stages", where)
        else:
            yield Found(kind, where, place.task or _task(where), place, content)


def _read(path: Path) -> tuple[Kind, Any]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            try:
                rows = list(csv.DictReader(stream, strict=True))
            except csv.Error:
                raise ValueError("no proper CSV (cut short?)") from None
        if not rows or not any(name and "reward" in name.lower() for name in rows[0]):
            raise ValueError("without rows and a column of rewards")
        return "rewards", rows
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("no whole JSON (cut short?)") from None
    if isinstance(content, list):
        return "samples", content
    if isinstance(content, dict) and isinstance(content.get("results"), list):
        return "evaluations", content
    raise ValueError("statistics or settings, which hold no rows")


def _place(where: str, options: Options) -> Place | None:
    if options.stages is not None:
        parents = [parent.as_posix() for parent in Path(where).parents]
        return options.stages.place(where, Path(where).name, *parents)
    folder = _STAGE.search(where)
    return Place(stage=int(folder[1])) if folder else Place()


def _task(where: str) -> str:
    name = where.lower()
    return next((word for word in _DATASETS if word in name), "yelp" if _UNNAMED in name else Path(where).stem)
