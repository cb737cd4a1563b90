"""What did each item of a task score, and do the items give the value that the results report?

A file is read twice: once to see whether it is whole, then row by row. Items are named by the hash of their
document, so that checkpoints are paired by what was asked and not by its place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.jsonfiles import json_rows

_LONGEST = 200


@dataclass(frozen=True)
class Survey:
    """What a first look found: items, their mean, hashes that stand for several documents, filters left out."""

    n: int
    mean: float
    doubled: frozenset[str]
    problem: str = ""


def survey(path: Path, where: str, metric: str, filter_: str) -> Survey:
    """Whether the rows of a filter can be taken as items of a metric."""
    hashes: Counter[str] = Counter()
    keys: set[str] = set()
    n, total = 0, 0.0
    quiet = Account()
    for _, row in json_rows(path, where, quiet):
        if not _of(row, filter_):
            continue
        score = _score(row, metric)
        key = _key(row)
        if score is None or key is None:
            return Survey(n, math.nan, frozenset(), f"without a number for {metric}, or without doc_id")
        if key in keys:
            return Survey(n, math.nan, frozenset(), "with a document twice (two runs in one file)")
        keys.add(key)
        hashes[_hash(row)] += 1
        n, total = n + 1, total + score
    if quiet.left:
        return Survey(n, math.nan, frozenset(), "with a line that is cut or no JSON")
    doubled = frozenset(hash_ for hash_, count in hashes.items() if count > 1)
    return Survey(n, total / n if n else math.nan, doubled)


def items(
    path: Path, where: str, metric: str, filter_: str, doubled: frozenset[str], account: Account
) -> Iterator[dict[str, Any]]:
    """Item, score and, where both are short texts, answer and truth of every row of the filter."""
    for _, row in json_rows(path, where, account):
        if not _of(row, filter_):
            account.left_out("sample rows", f"of another filter than {filter_}", where)
            continue
        hash_ = _hash(row)
        cells: dict[str, Any] = {"item": hash_, "score": _score(row, metric)}
        if not hash_ or hash_ in doubled:
            cells["item"] = f"{hash_}-{row.get('doc_id')}" if hash_ else str(row.get("doc_id"))
        answer, truth = _answer(row.get("filtered_resps")), row.get("target")
        if answer is not None and isinstance(truth, str) and max(len(answer), len(truth)) <= _LONGEST:
            cells |= {"answer": answer, "truth": truth}
        yield cells


def _of(row: Mapping[str, Any], filter_: str) -> bool:
    return not filter_ or row.get("filter", filter_) == filter_


def _hash(row: Mapping[str, Any]) -> str:
    value = row.get("doc_hash")
    return value[:16] if isinstance(value, str) else ""


def _key(row: Mapping[str, Any]) -> str | None:
    return None if row.get("doc_id") is None and not _hash(row) else f"{row.get('doc_id')}/{_hash(row)}"


def _score(row: Mapping[str, Any], metric: str) -> float | None:
    value = row.get(metric)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _answer(given: Any) -> str | None:
    first = given[0] if isinstance(given, list) and len(given) == 1 else given
    return first if isinstance(first, str) else None
