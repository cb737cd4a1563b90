"""What could not be mapped is counted, in bounded memory, and printed in plain lines."""

from __future__ import annotations

from toolkit.logs.adapters.account import Account


def test_counts_first_places_and_warnings() -> None:
    account = Account()
    account.left_out("rows", "without a task", "a.csv, row 2")
    account.left_out("rows", "without a task", "a.csv, row 9", 3)
    account.left_out("rows", "nothing", n=0)
    account.warn("odd\x1b[31m")
    account.warn("odd\x1b[31m")
    assert account.lines() == [
        "Left out: 4 rows: without a task (first: a.csv, row 2)",
        "Note: odd\N{REPLACEMENT CHARACTER}[31m",
    ]
    assert account.as_json()["left_out"] == [
        {"what": "rows", "why": "without a task", "count": 4, "first": "a.csv, row 2"}
    ]


def test_as_many_reasons_as_rows_stay_bounded() -> None:
    account = Account()
    for number in range(2000):
        account.left_out("rows", f"reason {number}")
        account.warn(f"warning {number}")
    assert len(account.left) <= 501
    assert len(account.warnings) <= 500
    assert sum(entry.count for entry in account.left.values()) == 2000
