"""Which columns are used, and what is said when one is missing."""

from __future__ import annotations

import pytest

from toolkit.errors import LogRejected
from toolkit.logs.columns import map_columns
from toolkit.logs.config import StreamConfig
from toolkit.logs.schema import EVALUATIONS, FEEDBACK, SAMPLES, Table

PLAIN = StreamConfig(name="x")


def with_aliases(**aliases: str) -> StreamConfig:
    return StreamConfig(name="x", aliases=aliases)


def test_columns_aliases_and_attributes() -> None:
    """Aliases rename, attr_* are kept, others are ignored."""
    names = ["epoch", "task", "acc", "attr_kind", "topic", "comment"]
    config = with_aliases(epoch="stage", acc="score", topic="attr_topic")
    mapped = map_columns(EVALUATIONS, names, config, "e.csv")
    assert mapped.columns == {"stage": 0, "task": 1, "score": 2}
    assert mapped.attributes == {"attr_kind": 3, "attr_topic": 4}
    assert mapped.doubled == ()


@pytest.mark.parametrize("names", [["stage", "epoch", "task", "score"], ["epoch", "stage", "task", "score"]])
def test_a_column_beside_its_alias_wins_and_says_so(names: list[str]) -> None:
    """The column's own name is used, whichever comes first."""
    mapped = map_columns(EVALUATIONS, names, with_aliases(epoch="stage"), "e.csv")
    assert mapped.columns["stage"] == names.index("stage")
    assert len(mapped.doubled) == 1
    assert "'epoch'" in mapped.doubled[0]


@pytest.mark.parametrize(
    ("table", "names", "words"),
    [
        (EVALUATIONS, ["Stage", "task", "score"], ["'stage'", "Stage", 'Stage = "stage"']),
        (EVALUATIONS, ["stage", "task", "scores"], ["'score' (or answer and truth)", 'scores = "score"']),
        (EVALUATIONS, ["stage", "task", "answer"], ["'score' (or answer and truth)"]),
        (EVALUATIONS, ["stage", "the task", "score"], ["'task'", '"the task" = "task"']),
        (EVALUATIONS, ["a\nb", "task", "score"], ["'stage'", "a\N{REPLACEMENT CHARACTER}b"]),
        (FEEDBACK, ["stage", "task", "item", "source", "rater"], ["'score' (or label)"]),
        (FEEDBACK, ["stage", "task", "item", "score", "source"], ["'rater'"]),
        (SAMPLES, ["stage", "task"], ["'sample'"]),
    ],
)
def test_a_missing_column(table: Table, names: list[str], words: list[str]) -> None:
    """One line: the file, the column, the columns found, and the alias that would help."""
    with pytest.raises(LogRejected) as caught:
        map_columns(table, names, PLAIN, "dir/file.csv")
    message = str(caught.value)
    assert message.startswith("dir/file.csv: no column")
    assert "\n" not in message
    for word in [*words, "[aliases]"]:
        assert word in message


def test_two_columns_for_one() -> None:
    """Two aliases of one column, or one name twice, are refused."""
    with pytest.raises(LogRejected, match="both aliases"):
        map_columns(EVALUATIONS, ["a", "b", "task", "score"], with_aliases(a="stage", b="stage"), "f")
    with pytest.raises(LogRejected, match="twice"):
        map_columns(EVALUATIONS, ["stage", "stage", "task", "score"], PLAIN, "f")
