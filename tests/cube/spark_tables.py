"""Small logs whose judgements and samples are Parquet too, with all that these tables may hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.logs.streams import Row, config, evaluations, write

TASKS = ("alpha", "beta", "gamma")
_HIDDEN = "a label that is longer than the eighty characters which the name of a class may have, Ünïcode too"
_REGULATED = """[[tasks]]
name = "alpha"
[[tasks]]
name = "beta"
risk = "regulated"
[[tasks]]
name = "gamma"
"""


def _write(path: Path, rows: Sequence[Row], **kinds: pa.DataType) -> None:
    """Rows as Parquet, columns with these types where they are given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows], kinds.get(name)) for name in names}
    pq.write_table(pa.table(columns), path)


def _pick(values: Sequence[Any], *parts: object) -> Any:
    """One of the values, the same on every run and without a pattern that a mistake could share."""
    return values[sum(map(ord, repr(parts))) * 2654435761 % 2**32 % len(values)]


def _judgements() -> list[Row]:
    raters = (("human", "ann"), ("Human ", "Zoë"), ("synthetic", "judge"), ("rule", "regex"))
    return [
        {
            "stage": stage, "task": task, "item": f"{task}-{i}", "arm": _pick(("stream", None, "isolated"), stage),
            "seed": 0, "score": _pick((0.0, 1.0, 0.25), stage, task, i, rater),
            "label": _pick((None, "yes", "nein", _HIDDEN), task, i, rater), "source": source, "rater": rater,
            "form": _pick((None, "critique", "RUBRIC", "scalar"), i, rater), "criterion": _pick((None, "tone"), i),
            "probability": _pick((None, 0.5, 1.0, 1e-9), i), "stratum": _pick((None, "", "s"), i),
            "abstained": _pick((False, None, True), i, rater, stage), "rater_family": _pick((None, "f"), rater),
            "generator_family": _pick(("f", "g"), i), "length": _pick((None, 3.0, math.nan, 1e300), i),
            "attr_long": _pick((None, "short", _HIDDEN, "北京"), i), "attr_n": i, "attr_ok": i % 2 == 0,
        }
        for stage, task, i in product((1, 2), TASKS, range(5))
        for source, rater in raters
    ]  # fmt: skip


def _samples() -> list[Row]:
    return [
        {
            "stage": 1, "task": task, "sample": f"{task}/{i}", "arm": _pick((None, "stream", "fresh"), i),
            "accepted": _pick((True, False, None), task, i), "target_label": _pick(("a", "b", None, _HIDDEN), i),
            "parsed_label": _pick(("a", "b", None), task, i), "verified_label": _pick((None, "a", "b"), i, task),
            "parse_ok": _pick((True, None, False), i), "origin": _pick(("Synthetic", "human", "edited", None), i),
            "text": _pick((None, "", " ", f"One {i} ÜBER\tΟΔΟΣ", "long " * 200, "a\u0301 \U0001f642 z\x00z"), task, i),
            "embedding": _pick((None, [], [1.0], [1.0, 2.5, -0.0], [0.1, math.nan, 2.0], [math.inf, -math.inf]), i),
            "cost": _pick((0.1, None, 1e-12, 2.0**53, -0.3, 12.7), task, i), "tokens": _pick((10, None, 2**50 + 1), i),
            "seconds": _pick((1.5, math.nan, None), i), "parents": _pick((["x", "é"], [], None, ["x", None]), i),
            "attr_part": _pick(("p", None, _HIDDEN), i, task),
        }
        for task in TASKS
        for i in range(24)
    ]  # fmt: skip


def everything(folder: Path) -> None:
    """Judgements of answers and samples, hidden tasks, attributes, and every kind of value that may be missing."""
    config(folder, "max_rejected = 0.9", ())
    (folder / "stream.toml").write_text(f'name = "test"\nmax_rejected = 0.9\n{_REGULATED}', encoding="utf-8")
    rows = [{**row, "cluster": f"group {i % 3}"} for i, row in enumerate(evaluations(5))]
    write(folder / "evaluations.parquet", rows)
    judged = _judgements()
    judged += [
        {"stage": 1, "task": task, "item": f"{task}/{i}", "target": "sample", "source": "human", "rater": rater,
         "arm": _pick((None, "stream", "fresh"), i), "score": _pick((0.0, 1.0), i, rater), "seed": 0}
        for task, i, rater in product(TASKS, range(0, 30, 3), ("ann", "Zoë"))
    ]  # fmt: skip
    judged += [
        {"stage": 2, "task": "beta", "item": "beta-1", "source": "synthetic", "rater": "judge", "form": "preference",
         "pair": pair, "position": position, "score": score, "length": 3.5, "length_other": 4.0, "seed": 0}
        for (pair, position), score in zip(product(("p", "q"), ("first", "second")), (1.0, 0.0, 0.5, 1.0), strict=True)
    ]  # fmt: skip
    half = len(judged) // 2
    numbers = {"seed": pa.int8(), "attr_n": pa.uint16(), "probability": pa.float32()}
    _write(folder / "feedback" / "0.parquet", judged[:half], **numbers)
    when = datetime(2026, 1, 1)
    spelled = [{**row, "abstained": str(row.get("abstained", "")), "when": when} for row in judged[half:]]
    _write(folder / "feedback" / "1.parquet", spelled, when=pa.timestamp("ns"))
    samples = [{**row, "at": when} for row in _samples()]
    _write(folder / "samples" / "floats.parquet", samples[:30], embedding=pa.list_(pa.float32()), at=pa.timestamp("ns"))
    _write(folder / "samples" / "doubles.parquet", samples[30:50], embedding=pa.list_(pa.float64()), at=pa.date32())
    fixed = [{**row, "embedding": [0.5, 1e-40, float(i)], "parents": None} for i, row in enumerate(samples[50:])]
    _write(folder / "samples" / "fixed.parquet", fixed, embedding=pa.list_(pa.float64(), 3), text=pa.large_string())
    nothing = [{"stage": 2, "task": "gamma", "sample": f"n{i}", "embedding": None, "text": None} for i in range(3)]
    _write(folder / "samples" / "nothing.parquet", nothing)


def refused(folder: Path) -> None:
    """Rows of judgements and samples that are rejected for every reason, repeated or conflicting."""
    config(folder, "max_rejected = 0.95\n[feedback]\nrange = [1, 5]", TASKS)
    write(folder / "evaluations.parquet", evaluations())
    good: Row = {"stage": "1", "task": "alpha", "item": "alpha-1", "score": "2", "source": "human", "rater": "ann"}
    bad = [{"stage": stage} for stage in ("-1", "x", "1.5", None, "9", "1e0")]
    bad += [{"task": task} for task in ("delta", "", None)]
    bad += [{"item": None}, {"rater": ""}, {"target": "question"}, {"target": "SAMPLE"}]
    bad += [{"form": form} for form in ("essay", "CRİTIQUE")]
    bad += [{"source": source} for source in ("robot", None, "HUMAN", " human ")]
    bad += [{"score": score, "item": f"s{i}"} for i, score in enumerate(("6", "nan", "five", None, "inf", "-7", "1_0"))]
    bad += [{"score": "-9", "item": f"failed {i}"} for i in range(6)]
    bad += [{"probability": p, "item": f"p{i}"} for i, p in enumerate(("0", "1.5", "-1", "0.25", "half"))]
    bad += [{"form": "preference", "score": score, "pair": score} for score in ("1", "2", "0.5")]
    bad += [{"abstained": a, "score": "7", "item": f"a{i}"} for i, a in enumerate(("yes", "yeſ", "no", "1.0", "?"))]
    bad += [{"item": "again"}] * 3 + [{"item": "both", "score": s} for s in ("1", "2")]
    bad += [{"item": "labelled", "score": None, "label": label} for label in ("a", "a", "b")]
    _write(folder / "feedback.parquet", [{**good, **row} for row in ({}, *bad)])
    made: Row = {"stage": 2, "task": "beta", "sample": "s", "cost": 1.0, "embedding": [1.0, 2.0], "parents": ["a"]}
    wrong = [{"sample": None}, {"task": "delta"}, {"stage": -1}, {"stage": 4}, {"origin": "nature", "sample": "o"}]
    amounts = (("cost", math.inf), ("seconds", -math.inf), ("tokens", math.nan))
    wrong += [{name: amount, "sample": name} for name, amount in amounts]
    lists = ([1.0, None], [], None, [1e300], [3.4028235e38])
    wrong += [{"embedding": numbers, "sample": f"e{i}"} for i, numbers in enumerate(lists)]
    wrong += [{"sample": "same"}] * 2 + [{"sample": "apart", "parents": p} for p in (["a", None], ["a"])]
    wrong += [{"sample": "number", "embedding": [1.0, x]} for x in (0.0, -0.0)]
    wrong += [{"sample": "other", "embedding": [1.0, x]} for x in (0.5, math.nan)]
    _write(folder / "samples" / "0.parquet", [{**made, **row} for row in ({}, *wrong)])
    restarted = [{**made, "stage": stage, "sample": f"r{stage}{i}"} for i in range(2) for stage in (1, 2)]
    _write(folder / "samples" / "1.parquet", restarted)


def beside(folder: Path, feedback: str, samples: str) -> None:
    """Judgements in one format, samples in another, each of which the other table says something about."""
    config(folder, "", TASKS)
    write(folder / "evaluations.parquet", [{**row, "cluster": "one"} for row in evaluations()])
    rows = [
        {"stage": 1, "task": task, "item": item, "target": target, "source": source, "rater": source, "score": i % 2}
        for i, (task, source, (target, item)) in enumerate(
            product(TASKS, ("human", "rule"), (("answer", "alpha-1"), ("sample", "s1"), ("sample", "s2")))
        )
    ]
    write(folder / f"feedback.{feedback}", rows)
    made = [
        {"stage": 1, "task": task, "sample": f"s{i}", "accepted": i % 2 == 0, "text": f"text {i}", "cost": i / 4}
        for task, i in product(TASKS, range(4))
    ]
    write(folder / f"samples.{samples}", made)


def judged_only(folder: Path) -> None:
    """Judgements and samples without evaluations."""
    beside(folder, "parquet", "parquet")
    (folder / "evaluations.parquet").unlink()


TABLES: dict[str, Callable[[Path], None]] = {
    "everything": everything,
    "refused": refused,
    "feedback there": lambda folder: beside(folder, "parquet", "csv"),
    "samples there": lambda folder: beside(folder, "jsonl", "parquet"),
    "no evaluations": judged_only,
}
