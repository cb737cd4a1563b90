"""Counts of samples, of their labels and amounts, beside pandas, Python and fractions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from tests.cube.sample_logs import Row, cube_of, stream


def labelled(n: int, labels: int) -> list[Row]:
    """Samples of both tasks with labels drawn at random; a part has none, and a part cannot be read."""
    rng = np.random.default_rng(5)
    names = [*(f"label {i}" for i in range(labels)), None]
    return [
        {
            "task": "alpha" if i % 2 else "beta", "stage": 2, "sample": f"s{i}", "seed": int(rng.integers(2)),
            "accepted": [True, False, None][rng.integers(3)], "parse_ok": [True, False, None][rng.integers(3)],
            **{f"{kind}_label": names[rng.integers(labels + 1)] for kind in ("target", "parsed", "verified")},
        }
        for i in range(n)
    ]  # fmt: skip


def test_counts_of_samples_equal_pandas(tmp_path):
    """Wrong labels as generated and as found true, and failures among the accepted, by seed, task and acceptance."""
    rows = labelled(400, 3)
    got = cube_of(stream(tmp_path, rows)).tables["samples"].to_pandas()
    raw = pd.DataFrame(rows)
    for kind, known, wrong in (
        ("parsed", "parsed_checked", "parsed_wrong"),
        ("verified", "label_checked", "label_wrong"),
    ):
        both = raw[f"{kind}_label"].notna() & raw["target_label"].notna()
        raw[known], raw[wrong] = both, both & (raw[f"{kind}_label"] != raw["target_label"])
    raw["parse_failed"] = raw["parse_ok"] == False  # noqa: E712
    raw["failed_accepted"] = raw["parse_failed"] & (raw["accepted"] == True)  # noqa: E712
    key = ["seed", "task", "accepted"]
    names = ["parsed_checked", "parsed_wrong", "label_checked", "label_wrong", "parse_failed", "failed_accepted"]
    raw, got = (frame.assign(accepted=frame["accepted"].map(str)) for frame in (raw, got))
    want, found = (frame.groupby(key)[names].sum().astype(int) for frame in (raw, got))
    pd.testing.assert_frame_equal(found, want, check_index_type=False)
    assert (found.sum() > 0).all()


def test_amounts_are_summed_exactly_in_any_order(tmp_path):
    """Against fractions: every digit, also where doubles would lose the small beside the large."""
    amounts = [0.1, 0.2, 1e-12, 1e16, -1e16, 12.7, -0.3, 3e-9] * 7
    found = []
    for name, ordered in (("a", amounts), ("b", sorted(amounts)), ("c", amounts[::-1])):
        rows = [
            {"stage": 1, "task": "alpha", "sample": str(i), "cost": amount, "tokens": 2.0**59 + 512 * i}
            for i, amount in enumerate(ordered)
        ]
        [row] = cube_of(stream(tmp_path / name, rows)).tables["samples"].to_pylist()
        found.append((row["cost"], row["tokens"], row["seconds"]))
    exact = float(sum(map(Fraction, amounts))), float(56 * 2**59 + 512 * 28 * 55), None
    assert found == [exact] * 3
    assert exact[0] != sum(amounts)


def test_label_counts_are_exact(tmp_path):
    """Against a count in Python; samples without any label are not counted."""
    rows = labelled(400, 3)
    table = cube_of(stream(tmp_path, rows)).tables["label_counts"]
    kinds = ("target_label", "parsed_label", "verified_label")
    key = ("seed", "task", "accepted", *kinds)
    want = Counter(tuple(row[name] for name in key) for row in rows if any(row[kind] for kind in kinds))
    assert {tuple(row[name] for name in key): row["n"] for row in table.to_pylist()} == want


@pytest.mark.parametrize(("labels", "left_out"), [(60, False), (61, True)])
def test_a_task_with_many_labels_is_left_out_of_the_label_counts(tmp_path, labels, left_out):
    """More than 60 labels of one kind: the notice names the task, the other task stays exact."""
    rows = [{"task": "alpha", "stage": 1, "sample": f"a{i}", "parsed_label": f"l{i}"} for i in range(labels)]
    rows.append({"task": "beta", "stage": 2, "sample": "b", "parsed_label": "x"})
    cube = cube_of(stream(tmp_path, rows))
    table = cube.tables["label_counts"]
    assert set(table["task"].to_pylist()) == ({"beta"} if left_out else {"alpha", "beta"})
    told = [notice.message for notice in cube.meta.notices if notice.code == "many-labels"]
    assert [text.startswith("alpha:") for text in told] == [True] * left_out
