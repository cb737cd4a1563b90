"""The same log in every format, as one file or many, gives the same checked tables."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logs.streams import config, evaluations, rejected, rows_of, write
from toolkit.logs.files import SUFFIXES
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import TRUNCATED, UNREADABLE

FEEDBACK = [
    {
        "stage": 1 + i % 3,
        "task": "alpha",
        "item": f"alpha-{i}",
        "score": 1 + i % 5,
        "source": "human" if i % 2 else "synthetic",
        "rater": f"r{i % 4}",
        "probability": 0.25,
        "abstained": i == 3,
        "length": 10.5 + i,
        "attr_topic": 'a, "quoted"\nline' if i % 3 else None,
    }
    for i in range(12)
]
SAMPLES = [
    {
        "stage": 1,
        "task": "alpha",
        "sample": f"s{i}",
        "accepted": i % 2 == 0,
        "parse_ok": True,
        "target_label": "yes",
        "text": f'ünïcode {i}\twith tab, comma and "quotes"\r\nand a line',
        "embedding": [0.5 * i, -1.25, 3e-5],
        "parents": [f"s{i - 1}", "p,q"] if i else None,
        "cost": 0.001 * i,
    }
    for i in range(8)
]
CONFIG = "[feedback]\nrange = [1, 5]"


def everything(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    with read_stream(folder) as log:
        assert not rejected(log)
        return {table: rows_of(log, table) for table in ("evaluations", "feedback", "samples")}


def build(folder: Path, suffix: str) -> Path:
    config(folder, CONFIG)
    write(folder / f"evaluations{suffix}", evaluations())
    write(folder / f"feedback{suffix}", FEEDBACK)
    write(folder / f"samples{suffix}", SAMPLES)
    return folder


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    return everything(build(tmp_path_factory.mktemp("reference"), ".parquet"))


def test_the_reference_holds_what_was_written(reference: dict[str, list[tuple[object, ...]]]) -> None:
    """Parquet gives back values, defaults and lists as they were logged."""
    first = reference["evaluations"][0]
    assert first == ("stream", "default", 0, 0, "alpha", "alpha-0", "alpha-0", None, 1.0, *[None] * 4)
    assert len(reference["evaluations"]) == len(evaluations())
    judged = [row[4] for row in reference["feedback"]]
    assert judged == [None if row["abstained"] else float(row["score"]) for row in FEEDBACK]
    embedded = [row[12] for row in reference["samples"]]
    assert embedded == [pytest.approx(row["embedding"]) for row in SAMPLES]
    assert [row[16] for row in reference["samples"]] == [row["parents"] for row in SAMPLES]


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s != ".parquet"])
def test_every_format_gives_the_same_tables(
    suffix: str, tmp_path: Path, reference: dict[str, list[tuple[object, ...]]]
) -> None:
    """CSV, JSON lines and their compressed forms are read as Parquet is."""
    assert everything(build(tmp_path / "s", suffix)) == reference


def test_a_nested_folder_of_mixed_formats_and_columns_is_one_table(tmp_path: Path) -> None:
    """Files of one table may differ in format and columns, and lie in folders as they like."""
    config(tmp_path)
    rows = evaluations()
    write(tmp_path / "evaluations/b/2.csv", [{**row, "attr_x": "q"} for row in rows[:5]])
    write(tmp_path / "evaluations/a.jsonl", rows[5:11])
    write(tmp_path / "evaluations/b/c/3.parquet", [{**row, "arm": "stream"} for row in rows[11:20]])
    write(tmp_path / "evaluations/z.jsonl.zst", [{**row, "attr_y": 3} for row in rows[20:]])
    with read_stream(tmp_path) as log:
        got = rows_of(log, "evaluations", "stage", "task", "item", "score", "attr_x", "attr_y")
        assert log.ledger.entries()["evaluations"].read == len(rows)
    spelled = [
        (
            r["stage"],
            r["task"],
            r["item"],
            float(r["score"]),
            "q" if i < 5 else None,
            "3" if i >= 20 else None,
        )
        for i, r in enumerate(rows)
    ]
    assert sorted(got) == sorted(spelled)


def test_folders_may_spell_columns(tmp_path: Path) -> None:
    """`seed=3/arm=joint/` in the path of a file gives columns that the file lacks, as Spark writes them."""
    config(tmp_path)
    for seed in (0, 7):
        rows = [{k: v for k, v in row.items() if k != "seed"} for row in evaluations(1)]
        write(tmp_path / f"evaluations/seed={seed}/attr_kind=a%20b/part-0.parquet", rows)
        write(tmp_path / f"evaluations/arm=joint/seed={seed}/part-0.csv", rows)
    with read_stream(tmp_path) as log:
        got = log.connection.execute(
            "SELECT arm, seed, attr_kind, count(*) FROM evaluations GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    n = len(evaluations(1))
    assert got == [
        ("joint", 0, None, n),
        ("joint", 7, None, n),
        ("stream", 0, "a b", n),
        ("stream", 7, "a b", n),
    ]


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_nan_is_seen_although_parquet_keeps_it_out_of_its_statistics(rows: int, tmp_path: Path) -> None:
    """A missing score in a Parquet file is missing, however few the rows of its group are."""
    config(tmp_path)
    scores = [float("nan") if i % 7 == 0 else 1.0 for i in range(40)]
    table = pa.table({"stage": [1] * 40, "task": ["alpha"] * 40, "item": [str(i) for i in range(40)]})
    pq.write_table(
        table.append_column("score", pa.array(scores, from_pandas=False)),
        tmp_path / "evaluations.parquet",
        row_group_size=rows,
    )
    with read_stream(tmp_path, enforce_limit=False) as log:
        got = rejected(log)
    assert got == [("evaluations.parquet", i + 1, "score is missing") for i in range(0, 40, 7)]


def test_native_parquet_types_are_numbers(tmp_path: Path) -> None:
    """Decimals, small integers, dictionaries, booleans and binary text need no detour over text."""
    config(tmp_path)
    pq.write_table(
        pa.table({
            "stage": pa.array([1, 2], pa.uint8()),
            "task": pa.array(["alpha", "beta"]).dictionary_encode(),
            "item": pa.array([10**18, 2], pa.int64()),
            "score": pa.array([True, False]),
            "n": pa.array([10.0, None], pa.float32()),
            "sd": pa.array([None, 0.5]),
            "attr_when": pa.array([0, 1], pa.timestamp("s")),
        }),
        tmp_path / "evaluations.parquet",
    )  # fmt: skip
    with read_stream(tmp_path) as log:
        got = rows_of(log, "evaluations", "stage", "task", "item", "score", "n", "sd", "attr_when")
    assert got == [
        (1, "alpha", "1000000000000000000", 1.0, 10, None, "1970-01-01 00:00:00"),
        (2, "beta", "2", 0.0, None, 0.5, "1970-01-01 00:00:01"),
    ]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_large_log_keeps_the_order_of_its_rows(suffix: str, tmp_path: Path) -> None:
    """With several threads the rows still stand in the order of the file: line numbers hang on it."""
    config(tmp_path, tasks=("alpha",))
    n = 700_000
    ids = pa.array(range(n), pa.int64())
    ones = pa.array([1] * n, pa.int8())
    table = pa.table({"stage": ones, "task": pa.array(["alpha"] * n), "item": ids, "score": ones})
    path = tmp_path / f"evaluations{suffix}"
    if suffix == ".parquet":
        pq.write_table(table, path, row_group_size=50_000)
    elif suffix == ".csv":
        path.write_text("stage,task,item,score\n" + "".join(f"1,alpha,{i},1\n" for i in range(n)))
    else:
        line = '{"stage": 1, "task": "alpha", "item": %d, "score": 1}\n'
        path.write_text("".join(line % i for i in range(n)))
    with read_stream(tmp_path, threads=4) as log:
        wrong = "SELECT count(*) FROM staging_evaluations WHERE item::BIGINT <> place"
        assert log.connection.execute(wrong).fetchone() == (0,)
        assert log.connection.execute("SELECT count(*) FROM evaluations").fetchone() == (n,)


@pytest.mark.parametrize("seed", [*range(20), 39, 49, 114, 402])
def test_the_quick_reader_agrees_with_the_exact_one(seed: int, tmp_path: Path) -> None:
    """A plain CSV file may be read by DuckDB's reader, a compressed one never is; no oddity tells them apart."""
    rng = random.Random(seed)
    pieces = ["x", '"', '""', " ", "\t", "é", "5'", "'", "\\", ";", '"y, z"', ' "q"', '"a\nb"', "", "NULL", "\x00"]
    end = rng.choice(["\n", "\r\n"])
    lines = [f"1,alpha,{i},1,{''.join(rng.choices(pieces, k=rng.randint(0, 3)))},z" for i in range(rng.randint(1, 12))]
    data = end.join(["stage,task,item,score,attr_a,attr_b", *lines, ""]).encode()
    got = []
    for name, content in (("plain/evaluations.csv", data), ("packed/evaluations.csv.gz", gzip.compress(data))):
        config(tmp_path / name.split("/", 1)[0])
        (tmp_path / name).write_bytes(content)
        with read_stream(tmp_path / name.split("/", 1)[0], enforce_limit=False) as log:
            got.append((rows_of(log, "evaluations"), [(line, why) for _, line, why in rejected(log)]))
    plain, packed = got
    assert len(plain[0]) + len(plain[1]) > 0
    if plain[1] and plain[1][-1][1] == TRUNCATED:
        # A quote that never closes is a cut row in a file that may still grow, and a bad line in a closed one.
        assert plain[1][:-1] == packed[1][: len(plain[1]) - 1]
        assert plain[0] == packed[0][: len(plain[0])]
    else:
        assert plain == packed


@pytest.mark.parametrize("seed", range(12))
def test_fields_of_json_lines_are_read_as_those_of_whole_objects(seed: int, tmp_path: Path) -> None:
    """A line that is no object makes DuckDB give each line whole, which is then taken apart."""
    rng = random.Random(seed)
    values = [
        "1", "0.5", "1e400", "-0.0", "true", "null", "NaN", "12345678901234567890", "[1, [2]]", '{"a": "}"}',
        '""', '" é\\u0000"', '"null"', '"1"', '"2020-01-01"', '"\\ud83d\\ude00"',
    ]  # fmt: skip
    keys = ["stage", "task", "item", "score", "seed", "step", "cluster", "attr_x", "Score", "other"]
    lines = []
    for i in range(rng.randint(1, 30)):
        fields = {"stage": "1", "task": '"alpha"', "item": str(i), "score": "1"}
        fields |= {key: rng.choice(values) for key in rng.sample(keys, rng.randint(0, 3))}
        for key in rng.sample(keys, rng.choice([0, 0, 1])):
            fields.pop(key, None)
        lines.append("{" + ", ".join(f'"{key}": {value}' for key, value in fields.items()) + "}\n")
    got = []
    for name, more in (("fields", ""), ("whole", "[]\n")):
        config(tmp_path / name)
        (tmp_path / name / "evaluations.jsonl").write_text("".join(lines) + more, encoding="utf-8")
        with read_stream(tmp_path / name, enforce_limit=False) as log:
            got.append((rows_of(log, "evaluations"), rejected(log)))
    assert got[1] == (got[0][0], [*got[0][1], ("evaluations.jsonl", len(lines) + 1, UNREADABLE)])


def test_long_lines_of_csv_are_whole_wherever_a_part_of_the_file_begins(tmp_path: Path) -> None:
    """The file is read in parts of 20 MB; lines of up to 15 MB cross the borders."""
    config(tmp_path)
    lengths = [15_000_000, 1, 9_000_000, 14_999_999, 3_000_000]
    lines = [f'1,alpha,{i},1,"{"x" * length}"\n' for i, length in enumerate(lengths)]
    (tmp_path / "evaluations.csv").write_text("stage,task,item,score,attr_x\n" + "".join(lines))
    with read_stream(tmp_path) as log:
        found = log.connection.execute("SELECT length(attr_x) FROM evaluations ORDER BY item::INTEGER").fetchall()
    assert [length for (length,) in found] == lengths
