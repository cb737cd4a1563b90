"""The samples kept one by one: how many of which cell, by what order, and what never leaves the log."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.cube.sample_logs import Row, cube_of, stream
from toolkit.analyses.samples import kept_samples
from toolkit.cube import build_cube, load_cube
from toolkit.cube.cube import Cube
from toolkit.cube.samples import MAX_CHARACTERS, MAX_WORDS, equal_cap, reduce_samples
from toolkit.logs import read_stream

CELL = ["arm", "seed", "stage", "task", "human", "used"]


def hash_of(sample: str) -> int:
    """63 bits of the MD5: its last eight bytes, little end first, by Python's own hashlib."""
    return int.from_bytes(hashlib.md5(sample.encode(), usedforsecurity=False).digest()[8:], "little") >> 1


def many(sizes: dict[tuple[str, int, str | None, bool | None], int]) -> list[Row]:
    """Samples by (task, stage, origin, accepted), with ids that say nothing of their content."""
    return [
        {
            "task": task, "stage": stage, "origin": origin, "accepted": accepted,
            "sample": f"{task}/{stage}/{origin}/{accepted}/{i}", "text": f"{task} number {i}",
            "embedding": [float(i), 1.0], "target_label": "x", "attr_part": f"p{i % 3}",
        }
        for (task, stage, origin, accepted), n in sizes.items() for i in range(n)
    ]  # fmt: skip


SIZES = {
    ("alpha", 1, "synthetic", True): 40, ("alpha", 1, None, True): 10, ("alpha", 1, "synthetic", False): 7,
    ("alpha", 1, "human", None): 25, ("beta", 2, "synthetic", None): 30, ("beta", 2, "edited", True): 30,
}  # fmt: skip


def cells(cube: Cube) -> pd.DataFrame:
    """The kept rows with their cell, as the analyses read `accepted` and `origin`."""
    frame = cube.tables["sample_rows"].to_pandas()
    used = frame["accepted"].astype("boolean").fillna(True)
    return frame.assign(human=(frame["origin"] == "human").fillna(False), used=used)


@pytest.mark.parametrize("sizes", [[1], [5, 5, 5], [1, 2, 3, 100], [7, 0, 9], [3] * 40])
def test_the_cap_is_the_largest_that_keeps_to_the_limit(sizes):
    """Against trying every cap."""
    for most in range(sum(sizes) + 3):
        want = max((c for c in range(max(sizes) + 1) if sum(min(n, c) for n in sizes) <= most), default=0)
        assert equal_cap(sizes, most) == want


def test_each_cell_keeps_the_same_number_of_the_smallest_hashes(tmp_path):
    """50 + 7 + 25 + 60 rows under a limit of 80: caps 7, and (80 - 7) // 3 = 24 for the larger cells."""
    rows = many(SIZES)
    with read_stream(stream(tmp_path, rows)) as log:
        found = reduce_samples(log, max_kept=80)
    tables, notices = found.tables, found.notices
    table = tables["sample_rows"]
    frame = cells(Cube(None, tables))
    assert sorted(frame.groupby(CELL).size()) == [7, 24, 24, 24]
    assert sorted(frame.groupby(CELL)["cell_size"].first()) == [7, 25, 50, 60]
    raw = pd.DataFrame(rows)
    raw = raw.assign(hash=raw["sample"].map(hash_of), human=raw["origin"] == "human", used=raw["accepted"] != False)  # noqa: E712
    want = raw.sort_values("hash").groupby(["task", "human", "used"]).head(24)
    assert table["sample"].to_pylist() == sorted(want["hash"])
    assert [notice.code for notice in notices] == ["samples-chosen"]
    assert "79 of 142" in notices[0].message


def test_a_small_log_is_kept_whole(tmp_path):
    """Every column arrives as it was logged, attributes too, and nothing is said of a choice."""
    rows = many(SIZES)
    cube = cube_of(stream(tmp_path, rows))
    table = cube.tables["sample_rows"]
    assert table.column_names == [
        "arm", "seed", "stage", "task", "sample", "origin", "accepted", "target_label", "parsed_label",
        "verified_label", "parse_ok", "text", "characters", "words", "embedding", "cell_size", "attr_part",
    ]  # fmt: skip
    assert str(table.schema.field("sample").type) == "int64"
    assert str(table.schema.field("words").type.value_type) == "int32"
    assert str(table.schema.field("embedding").type.value_type) == "float"
    by_hash = {hash_of(row["sample"]): row for row in rows}
    assert len(table) == len(rows) == len(by_hash)
    for row in table.to_pylist():
        logged = by_hash[row["sample"]]
        for name in ("task", "stage", "origin", "accepted", "embedding", "target_label", "attr_part"):
            assert row[name] == logged[name]
        assert row["characters"] == len(logged["text"])
        assert row["text"] == (None if row["task"] == "beta" else logged["text"])
    assert [notice.code for notice in cube.meta.notices] == ["similarity-of-samples"]


@pytest.mark.parametrize("max_kept", [50, 10_000])
def test_the_order_of_rows_and_files_does_not_matter(tmp_path, max_kept):
    """One file, the same rows shuffled over two compressed files in a folder: the tables are equal, row by row."""
    rows = many(SIZES)
    one = stream(tmp_path / "one", rows)
    two = stream(tmp_path / "two", rows)
    (two / "samples.jsonl").unlink()
    (two / "samples").mkdir()
    mixed = [rows[i] for i in np.random.default_rng(3).permutation(len(rows))]
    for name, part in (("b", mixed[:60]), ("a", mixed[60:])):
        data = "".join(json.dumps(row) + "\n" for row in part).encode()
        (two / "samples" / f"{name}.jsonl.gz").write_bytes(gzip.compress(data))
    found = []
    for folder in (one, two):
        with read_stream(folder) as log:
            found.append(reduce_samples(log, max_kept=max_kept).tables)
    assert found[0]["sample_rows"].combine_chunks().equals(found[1]["sample_rows"].combine_chunks())
    assert found[0]["samples"].equals(found[1]["samples"])


def test_samples_join_their_judgements(tmp_path):
    """The hash of a sample is the `item` of the judgements of it."""
    rows = many({("alpha", 1, "synthetic", True): 5})
    judged = [
        {"stage": 1, "task": "alpha", "item": row["sample"], "target": "sample", "source": "synthetic",
         "rater": "j", "score": i / 4}
        for i, row in enumerate(rows)
    ]  # fmt: skip
    cube = cube_of(stream(tmp_path, rows, feedback=judged))
    left, right = (cube.tables[name].to_pandas() for name in ("sample_rows", "judgements"))
    joined = left.merge(right, left_on=["arm", "seed", "stage", "task", "sample"],
                        right_on=["arm", "seed", "stage", "task", "item"])  # fmt: skip
    got = dict(zip(joined["sample"], joined["score"], strict=True))
    assert got == {hash_of(row["sample"]): i / 4 for i, row in enumerate(rows)}


@pytest.mark.parametrize("batch", [2, 2_048])
def test_words_are_numbers_that_mean_the_same_in_every_row(tmp_path, monkeypatch, batch):
    """Against Python's own split of the lower-cased text; numbers count up as new words appear."""
    monkeypatch.setattr("toolkit.cube.samples._BATCH", batch)
    texts = [
        "The cat sat",
        "the  CAT\tsat \n on",
        "",
        "   ",
        None,
        "Ünder the café",
        " ".join(f"w{i}" for i in range(700)),
    ]
    rows = [{"stage": 1, "task": "alpha", "sample": f"s{i}", "text": t} for i, t in enumerate(texts)]
    rows.append({"stage": 2, "task": "beta", "sample": "r", "text": "the secret cat"})
    table = cube_of(stream(tmp_path, rows)).tables["sample_rows"].to_pylist()
    by_hash = {hash_of(row["sample"]): row["text"] for row in rows}
    number: dict[str, int] = {}
    for row in table:
        text = by_hash[row["sample"]]
        if not text:  # an empty cell is a missing one
            assert row["words"] is None
            assert row["characters"] is None
            continue
        want = [number.setdefault(word, len(number)) for word in text.lower().split()[:MAX_WORDS]]
        assert row["words"] == want
        assert row["characters"] == len(text)
        assert row["text"] == (None if row["task"] == "beta" else text[:MAX_CHARACTERS])


def bytes_of(folder: Path) -> str:
    """Everything that a stored cube holds: tables decompressed, with their metadata, and meta.json."""
    parts = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            parts.append(f"{table.to_pylist()} {table.schema.metadata} {pq.read_metadata(path).to_dict()}")
        else:
            parts.append(path.read_text(encoding="utf-8"))
    return "\n".join(parts)


@pytest.mark.parametrize(("switch", "alpha", "beta"), [("standard", 1, 0), ("all", 1, 1), ("none", 0, 0), (None, 1, 0)])
def test_no_text_that_may_not_be_shown_is_in_the_stored_cube(tmp_path, switch, alpha, beta):
    """Not in any table, notice or account: not whole, not a word of it, and not by way of a label or attribute."""
    rows: list[Row] = []
    for task, stage, word in (("alpha", 1, "openword"), ("beta", 2, "patientword")):
        rows += [
            {"stage": stage, "task": task, "sample": f"{word[0]}{i}", "text": f"{word} is here {i}", "accepted": True,
             "parsed_label": f"{word} " * 20, "target_label": "x", "attr_note": f"{word} " * 20, "embedding": [1.0]}
            for i in range(3)
        ]  # fmt: skip
        # Rows that are rejected or noted quote nothing of a text either.
        rows += [{"stage": 9, "task": task, "sample": f"{word[0]}9", "text": word}]
        rows += [{"stage": stage, "task": task, "sample": f"{word[0]}8", "text": word, "cost": word}]
        rows += [{"stage": stage, "task": task, "sample": f"{word[0]}7", "text": word + t} for t in "ab"]
        rows += [{"stage": stage, "task": task, "sample": f"{word[0]}6", "text": word, "embedding": e}
                 for e in ([1.0, 2.0], [math.inf])]  # fmt: skip
    judged = [
        {"stage": stage, "task": task, "item": f"{word[0]}0", "target": "sample", "source": "human", "rater": "r",
         "form": "critique", "label": f"{word} " * 20, "attr_quote": f"{word} " * 20}
        for task, stage, word in (("alpha", 1, "openword"), ("beta", 2, "patientword"))
    ]  # fmt: skip
    toml = "" if switch is None else f'[review]\nshow_samples = "{switch}"\n'
    folder = stream(tmp_path / "s", rows, toml=toml, feedback=judged)
    config = (folder / "stream.toml").read_text()
    (folder / "stream.toml").write_text("max_rejected = 1\n" + config)
    build_cube(folder, tmp_path / "cube")
    held = bytes_of(tmp_path / "cube")
    assert ("openword is here" in held) == bool(alpha)
    assert ("patientword is here" in held) == bool(beta)
    assert ("openword" in held) == bool(alpha)
    assert ("patientword" in held) == bool(beta)


def test_a_hidden_long_label_still_says_which_are_equal(tmp_path):
    """A label as long as a text is replaced by its hash in a task whose texts are hidden, and in no other."""
    long = "wrote a whole sentence " * 5
    rows = [
        {"stage": s, "task": t, "sample": f"{t}{i}", "target_label": "x", "parsed_label": label}
        for t, s in (("alpha", 1), ("beta", 2)) for i, label in enumerate((long, long, long + "!", "x"))
    ]  # fmt: skip
    frame = cube_of(stream(tmp_path, rows)).tables["sample_rows"].to_pandas()
    hidden = frame[frame["task"] == "beta"]["parsed_label"]
    assert sorted(Counter(hidden).values()) == [1, 1, 2]
    assert "x" in set(hidden)
    assert max(map(len, hidden)) < 30
    assert set(frame[frame["task"] == "alpha"]["parsed_label"]) == {long, long + "!", "x"}


def test_embeddings_of_another_length_or_not_finite_are_left_out_and_counted(tmp_path):
    """The row stays, its embedding does not; the commonest length is the one that counts."""
    lists = [[1.0, 2.0]] * 5 + [[1.0, 2.0, 3.0]] * 2 + [[math.nan, 1.0], [math.inf, 1.0], [1.0, -math.inf], None, []]
    rows = [{"stage": 1, "task": "alpha", "sample": f"s{i}", "embedding": e} for i, e in enumerate(lists)]
    cube = cube_of(stream(tmp_path, rows))
    kept = kept_samples(cube)
    assert len(kept) == len(lists)
    assert kept.embedding.shape == (len(lists), 2)
    assert len(kept.embedded) == 5
    told = {notice.code: notice.message for notice in cube.meta.notices}
    assert "8 have 2 numbers, 2 have another length" in told["embedding-lengths"]
    assert told["embedding-not-finite"].startswith("3 embeddings")


def test_large_embeddings_are_kept_for_equally_many_of_each_cell(tmp_path, monkeypatch):
    """Ten numbers allowed, two an embedding: five embeddings, so one or two of each of two cells, by the hash."""
    monkeypatch.setattr("toolkit.cube.samples.MAX_NUMBERS", 10)
    cube = cube_of(stream(tmp_path, many({("alpha", 1, None, True): 9, ("beta", 2, None, True): 9})))
    rows = cube.tables["sample_rows"].to_pylist()
    for task in ("alpha", "beta"):
        assert [row["embedding"] is not None for row in rows if row["task"] == task] == [True] * 2 + [False] * 7
    assert [notice.code for notice in cube.meta.notices] == ["embeddings-chosen", "similarity-of-samples"]


def test_a_stored_cube_gives_the_same_samples(tmp_path):
    cube = build_cube(stream(tmp_path / "s", many(SIZES)), tmp_path / "cube")
    back = load_cube(tmp_path / "cube")
    assert back.tables["sample_rows"].equals(cube.tables["sample_rows"])
    one, other = kept_samples(cube), kept_samples(back)
    assert np.array_equal(one.embedding, other.embedding)
    assert all(np.array_equal(a, b) for a, b in itertools.zip_longest(one.words, other.words))


@pytest.mark.parametrize("version", ["1", "2"])
def test_older_cubes_have_no_sample_rows(tmp_path, version):
    """Baselines published before stay readable, with the counts that they had."""
    cube = build_cube(stream(tmp_path / "s", many(SIZES)), tmp_path / "cube")
    (tmp_path / "cube" / "sample_rows.parquet").unlink()
    path = tmp_path / "cube" / "meta.json"
    meta = json.loads(path.read_text())
    meta["cube_version"] = version
    del meta["config"]["review"]["show_samples"]
    path.write_text(json.dumps(meta))
    back = load_cube(tmp_path / "cube")
    assert kept_samples(back) is None
    assert back.tables["samples"].equals(cube.tables["samples"])


def test_judgements_of_samples_say_whether_they_were_accepted(tmp_path):
    """By arm, seed, stage, task and id; null for answers, for unknown samples and without that column."""
    rows = [
        {"stage": 1, "task": "alpha", "sample": "a", "accepted": True},
        {"stage": 1, "task": "alpha", "sample": "b", "accepted": False},
        {"stage": 1, "task": "alpha", "sample": "c"},
        {"stage": 2, "task": "alpha", "sample": "a", "accepted": False, "seed": 1},
    ]
    about = {"task": "alpha", "source": "synthetic", "rater": "j", "score": 1}
    judged = [
        {**about, "stage": 1, "item": "a", "target": "sample", "attr_want": "true"},
        {**about, "stage": 1, "item": "b", "target": "sample", "attr_want": "false"},
        {**about, "stage": 1, "item": "c", "target": "sample"},
        {**about, "stage": 1, "item": "z", "target": "sample"},
        {**about, "stage": 1, "item": "a", "target": "answer"},
        {**about, "stage": 2, "item": "a", "target": "sample", "seed": 1, "attr_want": "false"},
        {**about, "stage": 2, "item": "a", "target": "sample", "seed": 0},
    ]
    table = cube_of(stream(tmp_path / "with", rows, feedback=judged)).tables["judgements"]
    assert table.num_rows == len(judged)
    want = {"true": True, "false": False, None: None}
    assert all(row["accepted"] is want[row["attr_want"]] for row in table.to_pylist())
    folder = stream(tmp_path / "without", rows, feedback=judged)
    (folder / "samples.jsonl").unlink()
    table = cube_of(folder).tables["judgements"]
    assert table.column("accepted").null_count == table.num_rows == len(judged)
