"""Rows of text files in any state, with their lines."""

from __future__ import annotations

import csv
import io
import random

import pytest

from toolkit.logs.rows import csv_header, csv_rows, json_lines


def read(data: bytes, width: int = 3, *, whole: bool = False) -> list[tuple[int, str, list[str]]]:
    return [(row.line, row.state, row.fields) for row in csv_rows(io.BytesIO(data), width, ",", whole=whole)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b,c\n1,2,3\n", [(2, "whole", ["1", "2", "3"])]),
        (b"\xef\xbb\xbfa,b,c\r\n1,2,3\r\n", [(2, "whole", ["1", "2", "3"])]),
        (b"a,b,c\r1,2,3\r", [(2, "whole", ["1", "2", "3"])]),
        (b"\n\na,b,c\n\n1,2,3\n \n", [(5, "whole", ["1", "2", "3"])]),
        (b'a,b,c\n1,"x\ny\n",3\n4,5,6\n', [(2, "whole", ["1", "x\ny\n", "3"]), (5, "whole", ["4", "5", "6"])]),
        (b'a,b,c\n1,"say ""x""",3\n', [(2, "whole", ["1", 'say "x"', "3"])]),
        (b'a,b,c\n1,5" disk,3\n', [(2, "whole", ["1", '5" disk', "3"])]),
        (b"a,b,c\n1,2\n4,5,6\n", [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b"a,b,c\n1,2,3,4\n4,5,6\n", [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b'a,b,c\n1,"2,3\n4,5,6\n', [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b'a,b,c\n1,"2,3\n4,"5",6\n', [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b"a,b,c\n1,\xff,3\n4,5,6\n", [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b"a,b,c\n1,2,3\n4,5,6", [(2, "whole", ["1", "2", "3"]), (3, "truncated", [])]),
        (b"a,b,c\n4,5", [(2, "truncated", [])]),
        (b'a,b,c\n4,"two\nlines', [(2, "truncated", [])]),
        (b'a,b,c\n4,"two\n', [(2, "truncated", [])]),
        (b'a,b,c\n1,"x"y,3\n4,5,6\n', [(2, "unreadable", []), (3, "whole", ["4", "5", "6"])]),
        (b"a,b,c\n", []),
        (b"a,b,c", []),
        (b"", []),
    ],
)  # fmt: skip
def test_csv_rows(data: bytes, expected: list[tuple[int, str, list[str]]]) -> None:
    """A bad row costs itself and no other; a row without its line break may be cut anywhere."""
    assert read(data) == expected


def test_the_last_row_of_a_closed_archive_needs_no_line_break() -> None:
    """A compressed file that ends properly was written to its end."""
    assert read(b"a,b,c\n4,5,6", whole=True) == [(2, "whole", ["4", "5", "6"])]


@pytest.mark.parametrize("seed", range(20))
def test_proper_csv_is_what_python_reads(seed: int) -> None:
    """On proper CSV, rows are those of the csv module, and each line number is where the row's text starts."""
    rng = random.Random(seed)
    pieces = ["x", '"', ",", "\n", "\r\n", " ", "é", ""]
    rows = [["".join(rng.choices(pieces, k=rng.randint(0, 6))) for _ in range(3)] for _ in range(30)]
    text, starts, line = io.StringIO(), [], 2
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow("abc")
    for row in rows:
        starts.append(line)
        before = text.tell()
        writer.writerow(row)
        line += text.getvalue()[before:].count("\n")
    got = read(text.getvalue().encode())
    assert [fields for _, _, fields in got] == rows
    assert [start for start, _, _ in got] == starts


def test_a_quote_that_never_closes_does_not_take_forever() -> None:
    """Every row stands for itself although each opens a quote; reading stays linear enough to end."""
    data = b"a,b,c\n" + b'1,"2,3\n' * 3000
    rows = read(data, whole=True)
    assert len(rows) <= 3000
    assert {state for _, state, _ in rows} <= {"unreadable", "whole"}


@pytest.mark.parametrize(
    ("data", "names", "delimiter"),
    [
        (b"stage,task\n", ["stage", "task"], ","),
        (b"stage; task\n", ["stage", "task"], ";"),
        (b"stage\ttask,too\n", ["stage", "task,too"], "\t"),
        (b'\n"task","a\nb"\n', ["task", "a\nb"], ","),
        (b"", [], ","),
    ],
)
def test_header(data: bytes, names: list[str], delimiter: str) -> None:
    """The delimiter is the one that gives the most known names."""
    assert csv_header(io.BytesIO(data), frozenset({"stage", "task"})) == (names, delimiter)


def test_json_lines_are_numbered_as_in_the_file() -> None:
    """Blank lines are no rows, but they count."""
    data = b"\n{}\n  \r\n[1]\r\nx"
    assert list(json_lines(io.BytesIO(data))) == [(2, b"{}\n"), (4, b"[1]\r\n"), (5, b"x")]
