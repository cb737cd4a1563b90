"""JSON lines read in one pass give what two passes give, and what is not as it was guessed is found out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.logs.streams import Row, config, evaluations, everything, jsonl_bytes, rejected, write
from toolkit.errors import LogRejected
from toolkit.logs import load, regular
from toolkit.logs.read import read_stream

ROW: Row = {"stage": 3, "task": "alpha", "item": "more", "score": 1.0, "seed": 0}


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Guesses are made of a log of any size, from few lines; whether each was proved."""
    monkeypatch.setattr(regular, "_LEAST", 0)
    monkeypatch.setattr(regular, "_PIECE", 300)
    monkeypatch.setattr(regular, "_READ", 1 << 10)
    found: list[bool] = []
    proved = load.proved

    def kept(*values: Any) -> bool:
        found.append(proved(*values))
        return found[-1]

    monkeypatch.setattr(load, "proved", kept)
    return found


def lines() -> list[bytes]:
    """A log of 480 lines, of which a guess looks at some twelve."""
    rows = [{**row, "seed": seed, "score": float(row["score"])} for seed in range(10) for row in evaluations()]
    return jsonl_bytes(rows).splitlines(keepends=True)


def text(change: Callable[[Row], Row], **more: Any) -> bytes:
    return json.dumps(change({**ROW, **more})).encode() + b"\n"


def without(name: str) -> Callable[[Row], Row]:
    return lambda row: {key: value for key, value in row.items() if key != name}


def as_is(row: Row) -> Row:
    return row


REGULAR = {
    "another order": text(lambda row: dict(reversed(row.items()))),
    "colons in a text": text(as_is, item="a: b::c"),
    "a wrong stage": text(as_is, stage=1.5),
    "a stage that is no number": text(as_is, stage="soon"),
    "a stage that is true": text(as_is, stage=True),
    "a stage as text": text(as_is, stage=" 3 "),
    "a stage in a list": text(as_is, stage=[3]),
    "an empty item": text(as_is, item=""),
    "an item that is a number": text(as_is, item=7.50),
    "a score as text": text(as_is, score="0.25"),
    "a score of true": text(as_is, score=True),
    "a score that is out of range": text(as_is, score=7),
    "a score beyond all numbers": text(as_is).replace(b"1.0", b"1e999"),
    "no score": text(as_is, score=float("nan")),
    "an infinite score": text(as_is, score=float("-inf")),
    "letters": text(as_is, item="žluťoučký 🐎"),
    "letters as codes": text(as_is).replace(b'"item"', b'"\\u0069tem"'),
    "a comma too many": text(as_is).replace(b"}", b",}"),
    "other line breaks": text(as_is).replace(b"\n", b"\r\n"),
    "no blanks": json.dumps(ROW, separators=(",", ":")).encode() + b"\n",
    "a repeated row": lines()[2],
    "a field less": text(without("score")),
    "null": text(as_is, item=None),
    "null without a blank": text(as_is, item=None).replace(b": null", b":null"),
    "nulls behind a blank": text(as_is, item=None, score=None).replace(b": null", b" : null"),
    "null and a field less": text(without("seed"), item=None),
    "null in a text": text(as_is, item="a : null"),
    "a text with a quote, a colon and null": text(as_is, item='a": null'),
    "a text that begins with a colon and null": text(as_is, item=":null"),
}
ODD = {
    "another field": text(as_is, attr_note="x"),
    "another field behind blanks": text(as_is).replace(b"{", b'{"attr_note" \t: 1, '),
    "a field twice": text(as_is).replace(b"{", b'{"item": "other", '),
    "a field less and another": text(without("seed"), attr_note="x"),
    "another case": text(as_is).replace(b'"item"', b'"Item"'),
    "an object in a field": text(as_is, item={"a": 1}),
    "a text that begins with a colon": text(as_is, item=":-)"),
    "nothing in it": b"{}\n",
    "nulls behind blanks": text(as_is, item=None, score=None).replace(b": null", b":\t null"),
    "nulls alone": text(lambda row: dict.fromkeys(row)),
    "a field less, one more, and null in a text": text(without("seed"), attr_note="x", item='": null'),
    "no object": b"[1, 2]\n",
    "a number": b"7\n",
    "no JSON": b"garbage\n",
    "two objects": text(as_is).replace(b"\n", b"") + text(as_is, item="other"),
    "something behind it": text(as_is).replace(b"\n", b" x\n"),
    "no end": text(as_is).replace(b"}", b""),
    "letters that are none": text(as_is).replace(b"more", b"\xff\xfe"),
    "a blank line": b"  \n",
}


TEXTS = {  # where the others are numbers; where a guess sees one, all are read as text
    "a score that is no number": text(as_is, score="high"),
    "an empty score": text(as_is, score=""),
    "a score that is spelled": text(as_is, score="true"),
    "a score in a list": text(as_is, score=[1]),
}


@pytest.mark.parametrize("what", [*REGULAR, *ODD, *TEXTS])
def test_one_pass_gives_what_two_passes_give(what: str, passes: list[bool], tmp_path: Path) -> None:
    """A line of each kind among 480, where a guess does not look, and where it does."""
    config(tmp_path, "max_rejected = 0.9")
    path = tmp_path / "evaluations.jsonl"
    line = (REGULAR | ODD | TEXTS)[what]
    for place in (200, 0, 480):
        path.write_bytes(b"".join([*lines()[:place], line, *lines()[place:]]))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(load, "guessed", lambda *values: [])
            expected = outcome(tmp_path)
        passes.clear()
        assert outcome(tmp_path) == expected
        if place == 200:
            assert passes == [what in REGULAR]


EMBEDDINGS = {  # (as JSON, whether one pass will do)
    "whole numbers": (b"[1, 2, 3]", True),
    "fewer": (b"[0.5]", True),
    "none": (b"[]", True),
    "null among them": (b"[0.5, null, 1]", True),
    "a word among them": (b'[0.5, "a", 1]', True),
    "numbers as texts": (b'["0.5", "1e3"]', True),
    "true among them": (b"[0.5, true]", True),
    "a list among them": (b"[[0.5], 1]", True),
    "more than a number holds": (b"[1e300, 0.5]", True),
    "no number": (b"[NaN, 0.5]", True),
    "infinite": (b"[Infinity, 0.5]", True),
    "a text": (b'"[0.5, 0.25]"', False),
    "a word": (b'"far"', False),
    "a number": (b"0.5", False),
    "an object": (b'{"x": 0.5}', False),
    "an object among them": (b'[{"x": 0.5}]', False),
}


@pytest.mark.parametrize("what", EMBEDDINGS)
def test_lists_of_numbers(what: str, passes: list[bool], tmp_path: Path) -> None:
    """An embedding of each kind among others, where a guess does not look, and where it does."""
    config(tmp_path, "max_rejected = 0.9")
    write(tmp_path / "evaluations.csv", evaluations())
    samples = [
        {"stage": 1, "task": "alpha", "sample": f"s{i}", "text": f"w{i}", "embedding": [i / 8, 0.1, -1e-9]}
        for i in range(200)
    ]
    value, proved = EMBEDDINGS[what]
    row = b'{"stage": 2, "task": "beta", "sample": "more", "text": "w", "embedding": %s}\n' % value
    for place in (90, 0):
        written = jsonl_bytes(samples).splitlines(keepends=True)
        (tmp_path / "samples.jsonl").write_bytes(b"".join([*written[:place], row, *written[place:]]))
        passes.clear()
        with read_stream(tmp_path, enforce_limit=False) as log:
            found = log.connection.execute("SELECT * FROM samples ORDER BY sample").fetchall(), rejected(log)
        if place:
            assert passes == [proved]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(load, "guessed", lambda *values: [])
            with read_stream(tmp_path, enforce_limit=False) as log:
                expected = log.connection.execute("SELECT * FROM samples ORDER BY sample").fetchall(), rejected(log)
        assert repr(found) == repr(expected)


@pytest.mark.parametrize("name", ["", "\ud800", "a\0b", "it's", 'x"y', "ẞ", "\n", "ITEM"])
def test_names_of_every_kind(name: str, passes: list[bool], tmp_path: Path) -> None:
    """A field that nobody uses is no hindrance, whatever it is called."""
    config(tmp_path, "max_rejected = 0.9")
    rows = [{**row, name: 1} for row in evaluations()]
    (tmp_path / "evaluations.jsonl").write_bytes(jsonl_bytes(rows))
    found = outcome(tmp_path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(load, "guessed", lambda *values: [])
        assert outcome(tmp_path) == found


def outcome(folder: Path) -> object:
    """All that is known of a log, or why it cannot be used."""
    try:
        return everything(folder)
    except LogRejected as error:
        return str(error)


def test_last_lines(passes: list[bool], tmp_path: Path) -> None:
    """Without a line break, cut, and with blank lines behind: each line stands in its place."""
    config(tmp_path)
    path = tmp_path / "evaluations.jsonl"
    for end, proved in ((text(as_is)[:-1], [True]), (text(as_is)[:-9], [False]), (text(as_is) + b"\n\n", [])):
        passes.clear()
        path.write_bytes(b"".join(lines()) + end)
        with read_stream(tmp_path) as log:
            entry = log.ledger.entries()["evaluations"]
            cut = not end.endswith((b"}", b"\n"))
            assert (entry.used, entry.rejected) == (480 + (not cut), cut)
            assert [number for _, number, _ in rejected(log)] == [481] * cut
        assert passes == proved


def test_several_files(passes: list[bool], tmp_path: Path) -> None:
    """Rejected rows are told by file and line; folders that spell columns are no hindrance."""
    config(tmp_path, "max_rejected = 0.9")
    for seed in range(3):
        part = [row.replace(b'"seed": ', b'"n": 1, "item_seed": ') for row in lines()]
        part[7 + seed] = part[7 + seed].replace(b'"stage": 0', b'"stage": -1')
        (tmp_path / f"evaluations/seed={seed}").mkdir(parents=True)
        (tmp_path / f"evaluations/seed={seed}/log.jsonl").write_bytes(b"".join(part[:48]))
    with read_stream(tmp_path) as log:
        assert [row[:2] for row in rejected(log)] == [(f"evaluations/seed={k}/log.jsonl", 8 + k) for k in range(3)]
    assert passes == [True]
    passes.clear()
    write(tmp_path / "evaluations/seed=3/log.jsonl", [without("seed")(row) for row in evaluations()])
    with read_stream(tmp_path) as log:
        assert log.ledger.entries()["evaluations"].used == 4 * 48 - 3
    assert passes == [True]


@pytest.mark.parametrize("seed", range(8))
def test_random_logs(seed: int, passes: list[bool], tmp_path: Path) -> None:
    """Lines of every kind where a guess does not look, which may make up for each other: no false proof."""
    rng = random.Random(seed)
    config(tmp_path, "max_rejected = 0.9")
    kinds = list((REGULAR | ODD | TEXTS).values())
    several = rng.choices(kinds if seed % 2 else list(REGULAR.values()), k=rng.choice([2, 3, 5, 200]))
    (tmp_path / "evaluations.jsonl").write_bytes(b"".join([*lines()[:200], *several, *lines()[200:]]))
    found = outcome(tmp_path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(load, "guessed", lambda *values: [])
        assert outcome(tmp_path) == found
    assert passes in ([True], []) or seed % 2
