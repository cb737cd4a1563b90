"""What DuckDB's text becomes for Spark: no Spark is needed here. That the answers agree is told in test_spark.py."""

from __future__ import annotations

import pytest

pytest.importorskip("sqlglot", reason="SQLGlot comes with the extra `spark`")

from toolkit.cube import evaluations, facts, followed, queries, sample_queries
from toolkit.cube.dialect import parse, relations, to_spark
from toolkit.cube.samples import shown_attribute
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
    "clusters of judged": queries.CLUSTERS_OF_JUDGED,
    "acceptance": queries.ACCEPTANCE_OF_JUDGED,
    "judgements": queries.JUDGEMENTS.format(
        label=sample_queries.shown_label("f.label", "f.task"), cluster=queries.CLUSTER_OF_ITEM, attributes=""
    ),
    "samples": sample_queries.SAMPLES,
    "many labels": sample_queries.MANY_LABELS,
    "label counts": sample_queries.LABEL_COUNTS,
    "kept keys": sample_queries.KEPT_KEYS,
    "embeddings": sample_queries.EMBEDDINGS,
    "sample rows": sample_queries.ROWS.format(attributes=f", {shown_attribute('attr_of', 's')}"),
    "facts of feedback": facts._FEEDBACK,
    "facts of samples": facts._SAMPLES,
    "histories": followed.HISTORIES.format(full=7, correct="m.ones", start=0, end=1),
}
_OF_DUCKDB = ("HASH(", "MD5_NUMBER", "INT128", "UTINYINT", "REGEXP_FULL", "::", "$", " // ", "LIST_", "ISFINITE")
_PARAMETERS = {
    "max_buckets": 512, "right": 1, "show_raters": False, "hidden": ["alpha"], "left_out": [], "longest": 80,
    "most": 60, "cap": 4, "characters": 600, "looked_at": 65536, "dimension": 3, "embedded": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", _TEXTS)
def test_nothing_of_duckdb_is_left(name: str) -> None:
    text = to_spark(_TEXTS[name], _PARAMETERS).replace("XXHASH64(", "")
    assert not [word for word in _OF_DUCKDB if word in text]


def test_a_function_of_which_no_spelling_is_known_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="list_median"):
        to_spark("select list_median(embedding) from samples")


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


def test_lists_of_texts_become_literals_with_a_type() -> None:
    """Of an empty one Spark would not know that it is one of texts."""
    query = "select list_contains($tasks, task) from t"
    assert to_spark(query, {"tasks": ["a", "it's"]}) == (
        "SELECT ARRAY_CONTAINS(CAST(ARRAY('a', 'it\\'s') AS ARRAY<STRING>), task) FROM t"
    )
    assert to_spark(query, {"tasks": []}) == "SELECT ARRAY_CONTAINS(CAST(ARRAY() AS ARRAY<STRING>), task) FROM t"


def test_rows_are_in_the_order_of_duckdb() -> None:
    """NULL comes last; in Spark it would come first, but where the order descends."""
    assert to_spark("select a, b from t order by all").endswith("ORDER BY ALL NULLS LAST")
    assert to_spark("select a from t order by b, c desc").endswith("ORDER BY b NULLS LAST, c DESC")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("array_length(l)", "SIZE(l)"),
        ("list_count(l)", "SIZE(FILTER(l, one -> NOT one IS NULL))"),
        ("left(s, 3)", "LEFT(s, 3)"),
        ("lower(s)", "LOWER(TRANSLATE(s, 'İΣ', 'iσ'))"),
        ("regexp_full_match(s, '(?i)yes')", r"s RLIKE '\\A(?:(?iu)yes)\\z'"),
    ],
)
def test_lists_and_texts(query: str, said: str) -> None:
    assert to_spark(f"select {query} from t") == f"SELECT {said} FROM t"


def test_relations_are_those_from_outside() -> None:
    tree = parse("with a as (select * from rows) select * from a join (select * from cells) c using (x)")
    assert relations(tree) == {"rows", "cells"}
