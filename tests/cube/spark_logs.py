"""Small logs that differ in all that the reduction treats differently, with evaluations in Parquet."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

from tests.logs.streams import Row, config, write

TASKS = ("alpha", "beta", "gamma")
ORDERS = '[orders]\ndefault = ["alpha", "beta", "gamma"]\nback = ["gamma", "beta", "alpha"]\n'


def _score(*parts: object) -> int:
    """0 or 1, the same on every run and without a pattern that a mistake could share."""
    return sum(map(ord, repr(parts))) * 2654435761 % 2**32 // 2**31


def followed(folder: Path) -> None:
    """Scores of 0 and 1 in two orders, with isolated students, more items in a task than buckets, and judgements."""
    config(folder, ORDERS, TASKS)
    rows: list[Row] = [
        {"arm": arm, "order": order, "seed": seed, "stage": stage, "task": task, "item": f"{task} {i}",
         "score": _score(arm, order, seed, stage, task, i)}
        for arm, order, seed in product(("stream", "isolated"), ("default", "back"), (0, 3))
        for stage, task in product(range(4), TASKS)
        for i in range(600 if task == "beta" and order == "default" and seed == 0 else 5 + stage % 2)
    ]  # fmt: skip
    write(folder / "evaluations" / "part-0.parquet", rows[: len(rows) // 2])
    write(folder / "evaluations" / "part-1.parquet", rows[len(rows) // 2 :])
    judged = [
        {"stage": 1, "task": "beta", "item": f"beta {i}", "score": _score(i, rater), "source": source, "rater": rater}
        for i in range(40)
        for source, rater in (("human", "ann"), ("human", "bob"), ("synthetic", "judge"))
    ]
    write(folder / "feedback.jsonl", judged)
    made = [{"stage": 1, "task": "beta", "sample": f"s{i}", "accepted": i % 3 > 0, "cost": 0.25} for i in range(9)]
    write(folder / "samples.csv", made)


def graded(folder: Path) -> None:
    """Scores with fractions, clusters (one item in two of them), curves, means beside items, lower is better."""
    config(folder, 'higher_is_better = false\nscore_range = [-2.0, 5.0]\nmissing_score = "wrong"', TASKS)
    rows: list[Row] = [
        {"stage": stage, "task": task, "item": f"{task}{i}", "cluster": f"Grüppe {i // 3}", "step": step,
         "score": ((stage + 1) * (i + 2) * 0.1234567895) % 3 - 0.5 * (step or 1) % 1, "seed": 1}
        for stage, task, step, i in product(range(3), ("alpha", "beta"), (None, 1.0, 2.5), range(7))
    ]  # fmt: skip
    rows.append({**rows[0], "stage": 2, "item": "moved", "cluster": "one"})
    rows.append({**rows[0], "stage": 1, "item": "moved", "cluster": "two"})
    rows.append({**rows[0], "item": "missing", "score": None})
    rows += [
        {"stage": stage, "task": "gamma", "score": 0.75 + stage / 8, "n": 40, "sd": 0.5, "cluster": "whole", "seed": 1}
        for stage in range(3)
    ]
    rows.append({"stage": 0, "task": "alpha", "score": 0.5, "n": 7, "seed": 1})  # beside items
    write(folder / "evaluations.parquet", rows)


def faulty(folder: Path) -> None:
    """Every kind of unusable row, numbers as text, folders that spell columns, and file names with odd characters."""
    config(folder, 'max_rejected = 0.9\n[aliases]\nquestion = "item"', TASKS)
    good: list[Row] = [
        {"stage": str(stage), "task": task, "question": f"q{i}", "score": repr(float(_score(stage, task, i)))}
        for stage, task, i in product(range(4), TASKS, range(5))
    ]
    first = good[0]
    bad = [
        {**first, "stage": stage}
        for stage in ("-1", "1.5", "x", "9", None, "1f", "1e0", "nan", " 2 ", "1_0", "+inf", "")
    ]
    bad += [
        {**first, "stage": "3", "question": f"text {i}", "score": score}
        for i, score in enumerate(
            ("1d", "0_1", "TRUE", " false ", "NaN", "-Infinity", "1e-1", ".5", "N/A", "2", "1.", "yes")
        )
    ]
    bad += [{**first, "task": task} for task in ("delta", "", None)]
    bad += [{**first, "question": "again"}] * 3 + [{**first, "question": "both", "score": s} for s in ("0", "1")]
    bad += [{**first, "question": "failed", "score": "-1", "stage": str(i)} for i in range(4)] * 2
    bad += [{**first, "question": None}] * 2
    write(folder / "evaluations" / "seed=7" / "a b%20[c]*{d}?.parquet", [*good[30:], *good[:30]])  # goes back once
    write(folder / "evaluations" / "seed=8" / "bäd.parquet", [*good, *bad])
    whole = [{"stage": 1, "task": task, "item": i, "score": 1.0} for task in ("beta", "gamma") for i in range(3)]
    write(folder / "evaluations" / "seed=__HIVE_DEFAULT_PARTITION__" / "numbers.parquet", whole)


def grouped(folder: Path) -> None:
    """A task that holds the items of two others."""
    config(folder, "", ("alpha", "beta", "both"))
    rows: list[Row] = [
        {"arm": arm, "stage": stage, "task": task, "item": item, "score": float(_score(arm, stage, task, item, 3))}
        for arm, stage in product(("stream", "isolated"), (0, 1, 2, 3))
        for task, items in (("alpha", "ab"), ("beta", "cd"), ("both", "abcd"))
        for item in items
    ]
    write(folder / "evaluations.parquet", rows)


def stages(folder: Path) -> None:
    """More stages than a number has bits."""
    tasks = [f"task {i:02}" for i in range(1, 67)]
    config(folder, "", tasks)
    rows: list[Row] = [
        {"arm": arm, "stage": stage, "task": tasks[i], "item": f"i{item}", "score": _score(arm, stage, i, item)}
        for arm, stage, i, item in product(("stream", "isolated"), range(0, 67, 3), (0, 1, 40), range(3))
    ]
    rows += [
        {**row, "stage": i + 1}
        for row in rows
        if row["stage"] == 0
        for i in [tasks.index(str(row["task"]))]
        if i % 3 != 2
    ]
    write(folder / "evaluations.parquet", rows)


LOGS: dict[str, Callable[[Path], None]] = {
    "followed": followed, "graded": graded, "faulty": faulty, "grouped": grouped, "stages": stages
}  # fmt: skip
