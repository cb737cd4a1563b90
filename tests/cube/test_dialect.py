"""What DuckDB's text becomes for Spark: no Spark is needed here. That the answers agree is told in test_spark.py."""

from __future__ import annotations

import pytest

pytest.importorskip("sqlglot", reason="SQLGlot comes with the extra `spark`")

from toolkit.cube import evaluations, followed, queries
from toolkit.cube.dialect import parse, relations, to_spark
from toolkit.logs import profile

_TEXTS = {
    "profile": profile.profile_of("rows", {"cluster", "order", "step"}),
    "items": profile.items_of(),
    "words": profile.item_words_of("rows", {"cluster"}, [(0, 1)]),
    "surplus": profile.SURPLUS,
    "matrix": queries.MATRIX,
    "buckets": queries.BUCKETS,
    "sums": queries.SUMS.format(same=queries.SAME_ID, numbers="0, 1"),
    "cells": evaluations._empty(queries.CELLS),
    "curves": queries.CURVES,
    "since arrival": queries.SINCE_ARRIVAL,
    "pairs": queries.PAIRS,
    "recurrence": queries.RECURRENCE,
    "counts": queries.COUNTS.format(units=f"{queries.UNITS} union all {queries.UNITS_OF_MEANS}"),
    "masks": followed.MASKS.format(first=0, orders=""),
    "histories": followed.HISTORIES.format(full=7, correct="m.ones", start=0, end=1),
}
_OF_DUCKDB = ("HASH(", "MD5_NUMBER", "INT128", "UTINYINT", "REGEXP_FULL", "::", "$", " // ")


@pytest.mark.parametrize("name", _TEXTS)
def test_nothing_of_duckdb_is_left(name: str) -> None:
    text = to_spark(_TEXTS[name], {"max_buckets": 512, "right": 1}).replace("XXHASH64(", "")
    assert not [word for word in _OF_DUCKDB if word in text]


def test_a_function_of_which_no_spelling_is_known_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="list_sum"):
        to_spark("select list_sum(embedding) from samples")


def test_a_hash_is_looked_at_without_its_sign() -> None:
    text = to_spark("select hash(item) % 7, cast(hash(item) >> 2 as bigint), md5_number_lower(item) >> 1 from t")
    assert text.count("SHIFTRIGHTUNSIGNED(") == 2
    assert "PMOD(XXHASH64(item), 7)" in text


def test_sums_of_hashes_have_room_and_sums_of_scores_stay_plain() -> None:
    assert "DECIMAL" in to_spark("select sum(cast(hash(item) >> 2 as bigint)) from t")
    assert "DECIMAL" not in to_spark("select sum(cast(round(score * 10) as bigint)) from t")


def test_where_null_stands_counts_in_a_hash_of_several() -> None:
    assert to_spark("select hash(a, b) from t") == "SELECT XXHASH64(a, b, a IS NULL, b IS NULL) FROM t"


def test_parameters_become_literals() -> None:
    assert to_spark("select $n, $text from t", {"n": 2, "text": "it's"}) == "SELECT 2, 'it\\'s' FROM t"
    with pytest.raises(KeyError):
        to_spark("select $n from t")
    with pytest.raises(NotImplementedError, match="list"):
        to_spark("select $n from t", {"n": [1]})


def test_relations_are_those_from_outside() -> None:
    tree = parse("with a as (select * from rows) select * from a join (select * from cells) c using (x)")
    assert relations(tree) == {"rows", "cells"}
