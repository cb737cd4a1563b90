"""Every quantity that results can hold has words, a glossary entry and the same direction of harm."""

from __future__ import annotations

import pytest

from toolkit.language import better_side, chip, clean, known_terms, short, term, terms, urgency, wording_of
from toolkit.language.wordings import WORDINGS
from toolkit.results import Estimate
from toolkit.results.quantities import QUANTITIES


@pytest.mark.parametrize("name", sorted(QUANTITIES))
def test_words_definition_and_direction(name: str) -> None:
    """The direction in words is that of the results' own table, where that judges the quantity at all."""
    assert name in WORDINGS
    assert len(term(name).definition) > 20
    expected = {"low": 1, "high": -1, "both": 0}
    if QUANTITIES[name].harm in expected:
        assert WORDINGS[name].better == expected[QUANTITIES[name].harm]


def test_no_word_of_significance() -> None:
    """Neither wordings nor glossary speak of it."""
    text = " ".join(term(name).definition for name in known_terms())
    text += " ".join(f"{w.title} {w.who} {w.up} {w.down}" for w in WORDINGS.values())
    assert "signific" not in text.lower()


def test_an_unknown_quantity_reads_as_itself() -> None:
    """An analyst's own quantity needs no entry to be shown."""
    assert wording_of("my_own_ratio").title == "My own ratio"
    assert wording_of("my_own_ratio").better == 0


def test_the_finding_decides_the_side() -> None:
    """On a stream where lower scores are better, a loss of score is an improvement."""
    estimate = Estimate(quantity="backward_transfer", axis="forgetting", value=-0.03, finding="better")
    assert better_side(estimate) == -1
    assert better_side(estimate.model_copy(update={"finding": "unclear"})) == 1


def test_glossary_refuses_unknown_terms_and_sorts() -> None:
    """A page cannot use a word that it does not explain."""
    with pytest.raises(KeyError):
        term("synergy")
    assert [t.name for t in terms(["margin", "arm", "margin"])] == ["Arm", "Margin"]


def test_chips() -> None:
    """Word and shape tell verdicts apart without colour."""
    assert chip("healthy", "better").text == "Healthy, better"
    assert chip("healthy", "unclear", axis="transfer").text == "Healthy, no benefit seen"
    assert chip("act", standing=True).text == "Act, standing"
    verdicts = ("act", "watch", "unclear", "healthy", "not measured")
    assert len({chip(verdict).shape for verdict in verdicts}) == 5
    assert sorted(verdicts, key=urgency) == list(verdicts)


def test_names_lose_control_and_direction_characters() -> None:
    """Names keep letters of every script and emoji, on one line, and are cut with an ellipsis."""
    assert clean("two\nlines\x07\x1b[31m") == "two lines[31m"
    assert clean("\u202eevil\u202c שלום 🧾") == "evil שלום 🧾"
    assert clean(" \t") == "(no name)"
    cut = short("x" * 300)
    assert len(cut) == 40
    assert cut.endswith("…")
    assert short("e\u0301" * 40, 10).endswith("…")
