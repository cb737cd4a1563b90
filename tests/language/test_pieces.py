"""Parts of sentences keep their words, their marks and their order on the way to results.json and back."""

from __future__ import annotations

import itertools

from toolkit.language import Name, Number, counts, joined, level_of, quoted, sentence, settling, tally, text_of
from toolkit.language.pieces import as_said, capitalised, parts_of
from toolkit.results import Estimate
from toolkit.results.said import plain

LOSS = Estimate(
    quantity="backward_transfer", axis="forgetting", task="7th task", value=-0.031, low=-0.044, high=-0.018,
    scope="seeds", n={"items": 4000, "seeds": 5}, settled_by={"items": 9000},
)  # fmt: skip


def test_a_sentence_comes_back_with_its_numbers() -> None:
    """Names and quotations become text, choices and counts too; numbers of estimates stay marked."""
    parts = (*sentence(LOSS), " ", *settling(LOSS), tally(3, "rows"), quoted("as 2 said", LOSS.id, "reason"))
    said = as_said(parts)
    assert plain(said) == text_of(parts) == text_of(parts_of(said))
    marked = [part.field for part in parts_of(said) if isinstance(part, Number)]
    assert sorted(marked) == ["high", "level", "low", "settled_by.items", "value"]
    assert all(isinstance(one, str) is not isinstance(next_, str) or not isinstance(one, str)
               for one, next_ in itertools.pairwise(said))  # fmt: skip


def test_counts_and_levels_name_their_field() -> None:
    """The raw count and the level as a share, whatever is printed."""
    numbers = [part for part in counts(LOSS) if isinstance(part, Number)]
    assert [(n.field, n.value, n.text) for n in numbers] == [("n.items", 4000, "4,000"), ("n.seeds", 5, "5")]
    assert (level_of(LOSS).value, level_of(LOSS).field) == (0.95, "level")


def test_a_task_is_a_name_however_it_begins() -> None:
    """Its digits are no number; a small first letter becomes large only where a word or name stands first."""
    assert sentence(LOSS)[0] == Name("7th task")
    assert capitalised((Name("billing"), " lost")) == (Name("Billing"), " lost")
    assert capitalised(("", "over all")) == ("", "Over all")
    assert capitalised((tally(2, "rows"), " of")) == (tally(2, "rows"), " of")


def test_joining_keeps_groups_apart() -> None:
    """Nothing before the first, nothing after the last, and nothing of nothing."""
    assert text_of(joined((("a",), ("b", "c")), "; ")) == "a; bc"
    assert joined((), "; ") == ()
