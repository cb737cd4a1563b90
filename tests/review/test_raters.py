"""Who judged, counted from the stored judgements; names of people only where they may be shown."""

import pandas as pd

from tests.builders import config, cube_from_tables, judgements
from toolkit.language import text_of
from toolkit.language.raters import judging
from toolkit.review import judged_by

ROWS = pd.DataFrame(
    [("human", "ana"), ("human", "ana"), ("human", "bo"), ("synthetic", "judge-a"), ("synthetic", "judge-b")],
    columns=["source", "rater"],
).assign(item=range(5))


def cube_of(rows, **fields):
    return cube_from_tables(config(1, **fields), judgements=judgements(rows))


def test_counts_by_source_and_names_no_person():
    found = judged_by(cube_of(ROWS))
    assert [(one.source, one.raters, one.judgements, one.names) for one in found] == [
        ("human", 2, 3, ()), ("synthetic", 2, 2, ("judge-a", "judge-b")),
    ]  # fmt: skip
    assert text_of(judging(found)) == "2 people (3 judgements), 2 judges (judge-a, judge-b; 2 judgements)"
    (people, _) = judged_by(cube_of(ROWS, review={"show_raters": True}))
    assert people.names == ("ana", "bo")


def test_abstentions_are_no_judgements():
    rows = ROWS.assign(abstained=[True, True, False, False, False])
    assert text_of(judging(judged_by(cube_of(rows))[:1])) == "1 person (1 judgement)"
    assert judged_by(cube_from_tables(config(1))) == ()


def test_many_judges_are_not_all_named():
    rows = pd.DataFrame({"source": "synthetic", "rater": [f"j{i}" for i in range(5)], "item": range(5)})
    assert text_of(judging(judged_by(cube_of(rows)))) == "5 judges (j0, j1, j2 and 2 more; 5 judgements)"
