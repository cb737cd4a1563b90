"""Every row of a damaged log is accounted for: used, or rejected at its line for the reason that was planted.

Damage is planted at random from a table of kinds, each with the reason it must get; so the expected ledger is
known line by line without asking the reader.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logs.streams import Row, config, evaluations, jsonl_bytes, rejected, rows_of
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import CONFLICT, REPEATED, TRUNCATED, UNREADABLE

CONFLICTING = CONFLICT.format(what="(arm, seed, order, stage, step, task, item)")
OUTSIDE = "score outside score_range [0, 1]"

VALUES: dict[str, tuple[Row, str]] = {
    "outside": ({"score": 7}, OUTSIDE),
    "infinite": ({"score": "inf"}, OUTSIDE),
    "no number": ({"score": "abc"}, "score is no number"),
    "missing score": ({"score": None}, "score is missing"),
    "nan": ({"score": float("nan")}, "score is missing"),
    "fraction": ({"stage": 1.5}, "stage is no whole number"),
    "word": ({"stage": "one"}, "stage is no whole number"),
    "negative": ({"stage": -1}, "stage is negative"),
    "beyond": ({"stage": 99}, "stage is beyond the 3 tasks"),
    "no stage": ({"stage": None}, "stage is missing"),
    "unknown task": ({"task": "nobody's; DROP TABLE evaluations"}, "task is not in [[tasks]] of stream.toml"),
    "no task": ({"task": ""}, "task is missing"),
    "seed": ({"seed": "x"}, "seed is no whole number"),
    "n": ({"n": 0}, "n is not above 0"),
    "sd": ({"sd": -1}, "sd is negative or infinite"),
    "step": ({"step": -0.5}, "step is negative or infinite"),
    "order": ({"order": "unheard of"}, "order is not in [orders] of stream.toml"),
}
TYPED = {
    name: entry for name, entry in VALUES.items() if name not in ("no number", "word", "seed", "infinite", "fraction")
}  # what a column of a Parquet file can hold beside numbers
BROKEN_JSON = [
    b"garbage",
    b"[1, 2]",
    b"3",
    b'"text"',
    b"null",
    b'{"stage": 1',
    b'{"a": "\xff"}',
    b"{'stage': 1}",
]
BROKEN_CSV = [b"1,alpha", b"1,alpha,x,1,0,,,,,,,,,,,,", b'1,"al"pha,x,1,0,,,', b'1,alpha,"\xff",1,0,,,']
NAMES = ["stage", "task", "item", "score", "seed", "n", "sd", "step", "order"]


def damage(
    rng: random.Random, kinds: dict[str, tuple[Row, str]]
) -> tuple[list[tuple[Row, str | None]], set[tuple[object, ...]]]:
    """Rows with the reason each must get (None: used), and the used ones as the table must hold them."""
    out: list[tuple[Row, str | None]] = []
    used: set[tuple[object, ...]] = set()
    for row in evaluations(6):
        key = (row["stage"], row["task"], row["item"])
        kind = rng.random()
        if kind < 0.6:
            out.append((row, None))
            used.add((*key, float(row["score"])))
        elif kind < 0.7:
            repeats = rng.randint(1, 3)
            out += [(row, None), *[(dict(row), REPEATED)] * repeats]
            used.add((*key, float(row["score"])))
        elif kind < 0.8:
            out += [({**row, "score": score}, CONFLICTING) for score in rng.choice([(0, 1), (1, 0, 1)])]
        else:
            change, reason = kinds[rng.choice(sorted(kinds))]
            out.append(({**row, **change}, reason))
    return out, used


def check(folder: Path, name: str, expected: list[tuple[int, str]], read: int, used: set[tuple[object, ...]]) -> None:
    with read_stream(folder, enforce_limit=False) as log:
        entry = log.ledger.entries()["evaluations"]
        assert [(row[1], row[2]) for row in rejected(log)] == expected
        assert {row[0] for row in rejected(log)} <= {name}
        assert (entry.read, entry.rejected) == (read, len(expected))
        assert entry.read == entry.used + entry.rejected
        assert sum(entry.reasons.values()) == entry.rejected
        got = rows_of(log, "evaluations", "stage", "task", "item", "score")
        assert len(got) == entry.used
        assert set(got) == used


@pytest.mark.parametrize("seed", range(12))
def test_json_lines(seed: int, tmp_path: Path) -> None:
    """Values, broken lines and blank lines of a JSON-lines file, with either kind of line break."""
    rng = random.Random(seed)
    config(tmp_path)
    rows, used = damage(rng, VALUES)
    data, expected, line, read = b"", [], 0, 0
    for row, reason in rows:
        while rng.random() < 0.15:
            blank = rng.random() < 0.5
            data += (rng.choice([b"", b"  ", b"\t"]) if blank else rng.choice(BROKEN_JSON)) + b"\n"
            line += 1
            if not blank:
                expected.append((line, UNREADABLE))
                read += 1
        data += jsonl_bytes([row])[:-1] + rng.choice([b"\n", b"\r\n"])
        line += 1
        read += 1
        if reason:
            expected.append((line, reason))
    if rng.random() < 0.5:
        data += b'{"stage": 2, "task": "al'
        expected.append((line + 1, TRUNCATED))
        read += 1
    (tmp_path / "evaluations.jsonl").write_bytes(data)
    check(tmp_path, "evaluations.jsonl", expected, read, used)


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_csv(seed: int, broken: bool, tmp_path: Path) -> None:
    """Values, ragged rows, bad quotes and quoted line breaks of a CSV file; the physical line is named."""
    rng = random.Random(seed)
    config(tmp_path)
    rows, used = damage(rng, VALUES)
    end = rng.choice(["\n", "\r\n"])
    names = [*NAMES, "note"]
    data, expected, line, read = (",".join(names) + end).encode(), [], 1, 0
    for row, reason in rows:
        while rng.random() < 0.1:
            if broken and rng.random() < 0.6:
                data += rng.choice(BROKEN_CSV) + end.encode()
                expected.append((line + 1, UNREADABLE))
                read += 1
            else:
                data += end.encode()
            line += 1
        note = rng.choice(["", 'said "no", twice', f"two{end}lines", f"{end}{end}"])
        text = io.StringIO()
        csv.writer(text, lineterminator=end).writerow([*("" if row.get(n) is None else row[n] for n in NAMES), note])
        data += text.getvalue().encode()
        if reason:
            expected.append((line + 1, reason))
        line += 1 + note.count("\n")
        read += 1
    if rng.random() < 0.5:
        data += rng.choice([b"1,al", b"1,alpha,new,1", b'1,"alpha', b"1,alpha,new,1,0,,,,,x", b'1,alpha,new,"1"'])
        expected.append((line + 1, TRUNCATED))
        read += 1
    (tmp_path / "evaluations.csv").write_bytes(data)
    check(tmp_path, "evaluations.csv", expected, read, used)


@pytest.mark.parametrize("seed", range(6))
def test_parquet(seed: int, tmp_path: Path) -> None:
    """Rows of a Parquet file are named by their number."""
    rng = random.Random(seed)
    config(tmp_path)
    rows, used = damage(rng, TYPED)
    columns = {name: pa.array([row.get(name) for row, _ in rows], from_pandas=False) for name in NAMES}
    pq.write_table(pa.table(columns), tmp_path / "evaluations.parquet", row_group_size=rng.randint(1, 50))
    expected = [(number, reason) for number, (_, reason) in enumerate(rows, start=1) if reason]
    check(tmp_path, "evaluations.parquet", expected, len(rows), used)


@pytest.mark.parametrize("seed", range(4))
def test_a_folder_of_many_files(seed: int, tmp_path: Path) -> None:
    """Files of every format side by side: each rejected row is found in its own file."""
    rng = random.Random(seed)
    config(tmp_path)
    rows, used = damage(rng, {"outside": VALUES["outside"], "missing score": VALUES["missing score"]})
    expected, read, at, number = [], 0, 0, 0
    writers: dict[str, Callable[[list[Row]], bytes]] = {
        "jsonl": jsonl_bytes,
        "csv": lambda part: ("stage,task,item,score,seed\n" + "".join(
            ",".join("" if r[n] is None else str(r[n]) for n in NAMES[:5]) + "\n" for r in part)).encode(),
    }  # fmt: skip
    (tmp_path / "evaluations").mkdir()
    while at < len(rows):
        part = rows[at : at + rng.choice([0, 1, 7, 30])]
        suffix = rng.choice(sorted(writers))
        name = f"evaluations/{number:03d}.{suffix}"
        (tmp_path / name).write_bytes(writers[suffix]([row for row, _ in part]))
        first = 2 if suffix == "csv" else 1
        expected += [(name, i, reason) for i, (_, reason) in enumerate(part, start=first) if reason]
        at, number, read = at + len(part), number + 1, read + len(part)
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert rejected(log) == expected
        assert log.ledger.entries()["evaluations"].read == read == len(rows)
        assert set(rows_of(log, "evaluations", "stage", "task", "item", "score")) == used


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
@pytest.mark.parametrize("seed", range(10))
def test_a_cut_log_is_its_prefix(seed: int, suffix: str, tmp_path: Path) -> None:
    """A log cut at any byte gives the rows whose lines are complete, and one truncated line at most."""
    rng = random.Random(seed)
    rows = [{**row, "attr_note": f'{"é" * (i % 3)} {i}, "q"\nx'} for i, row in enumerate(evaluations(3))]
    config(tmp_path)
    lines = [(json.dumps(row, ensure_ascii=False) + "\n").encode() for row in rows]
    header = b""
    if suffix == "csv":
        header = b"stage,task,item,score,seed,attr_note\n"
        text = io.StringIO()
        lines = []
        for row in rows:
            text.seek(text.truncate(0))
            csv.writer(text, lineterminator="\n").writerow(row.values())
            lines.append(text.getvalue().encode())
    whole = header + b"".join(lines)
    cut = rng.randrange(len(header) + len(lines[0]), len(whole))
    (tmp_path / f"evaluations.{suffix}").write_bytes(whole[:cut])

    ends = [len(header) + sum(map(len, lines[: i + 1])) for i in range(len(lines))]
    complete = sum(end <= cut for end in ends)
    rest = cut - (ends[complete - 1] if complete else len(header))
    if suffix == "jsonl" and complete < len(lines) and rest == len(lines[complete]) - 1:
        complete, rest = (
            complete + 1,
            0,
        )  # only the line break is missing: an object says itself that it is whole
    with read_stream(tmp_path) as log:
        entry = log.ledger.entries()["evaluations"]
        assert (entry.used, entry.read) == (complete, complete + (rest > 0))
        assert set(entry.reasons) <= {TRUNCATED}
        assert [(n.code) for n in log.notices if n.code == "truncated-line"] == ["truncated-line"] * (rest > 0)
        got = rows_of(log, "evaluations", "stage", "task", "item", "score", "attr_note")
    assert got == [(r["stage"], r["task"], r["item"], float(r["score"]), r["attr_note"]) for r in rows[:complete]]
