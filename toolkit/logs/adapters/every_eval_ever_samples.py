"""Which samples of an evaluation do the JSON lines beside the records hold, one scored answer each?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Record, evaluation
from toolkit.logs.adapters.every_eval_ever_records import Result
from toolkit.logs.adapters.jsonfiles import json_rows
from toolkit.logs.adapters.numbers import number
from toolkit.logs.adapters.stages import Place


@dataclass
class Samples:
    """What was read of the samples of one result: their ids, how many have a score, and the scores' sum."""

    ids: set[str] = field(default_factory=set)
    scored: int = 0
    total: float = 0.0


class SampleReader:
    """Reads sample files; afterwards `read` says which results have samples, by their place in `placed`."""

    def __init__(self, placed: Sequence[tuple[Result, Place]], account: Account) -> None:
        self.read: dict[int, Samples] = {}
        self._placed, self._account = placed, account
        self._by_run: dict[tuple[str, str, str], int] = {}
        for i, (result, _) in enumerate(placed):
            self._by_run.setdefault((result.evaluation, result.model, result.name), i)

    def rows(self, file: Path, where: str) -> Iterator[Record]:
        """One row a sample whose evaluation is among the records."""
        for line, content in json_rows(file, where, self._account):
            try:
                row = self._row(content)
            except (KeyError, TypeError, AttributeError):
                row = "without the fields of the instance-level schema"
            if isinstance(row, str):
                self._account.left_out("samples", row, f"{where}, line {line}")
            else:
                yield row

    def _row(self, content: Mapping[str, Any]) -> Record | str:
        run = (str(content["evaluation_id"]), str(content["model_id"]), str(content["evaluation_name"]))
        if run not in self._by_run:
            return "of an evaluation that no record describes"
        index = self._by_run[run]
        result, place = self._placed[index]
        item = str(content.get("sample_hash") or content["sample_id"])
        seen = self.read.setdefault(index, Samples())
        if item in seen.ids:
            return "asked again in one evaluation; the first answer is used"
        seen.ids.add(item)
        told = number(content["evaluation"].get("score"))
        failed = content.get("error") is not None or told is None
        score = None if failed or told is None else result.scale.fraction(told)
        if score is None and not failed:
            return "outside the bounds that the metric states"
        if score is not None:
            seen.scored += 1
            seen.total += score
        return evaluation(task=place.task or result.task, item=item, score=score, **cells(place))


def cells(place: Place) -> dict[str, Any]:
    """The cells of a row that a place says, its stage among them."""
    return {"stage": place.stage or 0, **place.cells()}
