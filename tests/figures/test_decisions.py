"""Are decisions seen: the chip of what is accepted, since when, what is read otherwise, and whose margin it is?"""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

from tests.invented import HOSTILE, LEDGER, axes, headline_estimates
from toolkit.figures import estimates_table, headline, sheet
from toolkit.figures.environment import render_block
from toolkit.language import text_of
from toolkit.language.decisions import accepted_lines, axis_chip, margin_lines, since_line
from toolkit.results import AxisReview
from toolkit.results.estimate import Acceptance
from toolkit.results.report import ChosenMargin, Decision

DAY = dt.date(2027, 1, 31)
BORNE = Acceptance(by="quality board", why="the old intents are retired", until=DAY)


def forgetting(**update: object) -> AxisReview:
    """Forgetting as it is invented, which has to act."""
    return next(a for a in axes() if a.axis == "forgetting").model_copy(update=update)


def decision(task: str | None, **more: object) -> Decision:
    """A finding of backward transfer beyond its margin."""
    given = {"finding": f"backward_transfer/stream/{task or 'all'}", "task": task, "verdict": "act"}
    return Decision.model_validate(given | more)


def borne(task: str | None = "billing", **more: object) -> AxisReview:
    """The same, by one accepted finding."""
    return forgetting(
        decisions=(decision(task, accepted=BORNE, **more),), besides_accepted="healthy", accepted_until=DAY
    )


def shown(block: object) -> str:
    """The words of a block as a page shows them."""
    html = render_block(block.kind, block.data)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def told(review: AxisReview) -> list[str]:
    """Its acceptances in plain words."""
    return [text_of(parts) for parts in accepted_lines(review)]


def test_an_axis_that_is_borne_says_until_when_on_its_chip() -> None:
    """Where something else acts too, the chip says act and no more."""
    assert axis_chip(borne()).text == "Act, accepted until 2027-01-31"
    assert axis_chip(borne()).shape == "triangle"
    assert axis_chip(borne().model_copy(update={"besides_accepted": "act"})).text == "Act"


def test_an_acceptance_is_one_sentence_with_all_that_it_bears() -> None:
    """Regulated tasks are marked, and what is left without all of this is said where it is not healthy."""
    second = decision("contract clauses", accepted=BORNE, regulated=True)
    review = borne().model_copy(update={"decisions": (*borne().decisions, second), "besides_accepted": "watch"})
    assert told(review) == [
        "Billing, contract clauses (regulated): act, accepted by quality board until 2027-01-31: "
        "the old intents are retired.",
        "Besides what is accepted: watch.",
    ]
    assert told(borne(None))[0].startswith("All tasks together: act, accepted by")


def test_another_quantity_is_named() -> None:
    other = decision("billing", accepted=BORNE).model_copy(update={"finding": "plasticity/stream/billing"})
    assert told(borne().model_copy(update={"decisions": (other,)}))[0].startswith("Plasticity, billing: act")


def test_new_and_standing_are_told_apart_by_finding() -> None:
    known = decision("billing", since="2026.08")
    review = forgetting(since="2026.08", decisions=(known, decision("returns", new=True)))
    assert text_of(since_line(review)) == "Standing since 2026.08. New in this release: returns."
    assert (
        text_of(since_line(forgetting(new=True, decisions=(decision("returns", new=True),)))) == "New in this release."
    )
    assert since_line(forgetting()) == ()


def test_a_margin_says_who_chose_it_when_and_why() -> None:
    chosen = ChosenMargin(value=0.01, by="quality board", date=dt.date(2026, 11, 2), reason="what review can catch")
    review = forgetting(margin=chosen, margin_regulated=ChosenMargin(value=0.005))
    lines = [text_of(parts) for parts in margin_lines(review, headline_estimates()["forgetting"])]
    assert lines == [
        "Margin 1\u00a0point, chosen by quality board on 2026-11-02: what review can catch.",
        "Margin of regulated tasks 0.5\u00a0points, chosen by somebody whose name is not given; no reason is given.",
    ]
    nobody = forgetting(margin=ChosenMargin(value=0.02, provisional=True))
    (line,) = margin_lines(nobody, headline_estimates()["forgetting"])
    assert text_of(line) == "Margin 2\u00a0points, provisional: nobody has chosen it."


def test_sheet_and_axis_page_show_decisions() -> None:
    """And the axis page the margin; a sheet with a ledger says in one line how much of the log was used."""
    said = "The margin was 9 points in 2026.10 and is 1 point now. Under 2026.10's margins: watch."
    chosen = ChosenMargin(value=0.01, by="quality board", reason="cost")
    review = borne().model_copy(update={"changed": (said,), "since": "2026.08", "margin": chosen})
    found = headline_estimates()
    page = shown(sheet("act", "Lost.", 5, [review], list(found.values()), ledger=LEDGER))
    head = shown(headline(review, found["forgetting"]))
    for text in (page, head):
        assert "Act, accepted until 2027-01-31" in text
        assert "accepted by quality board until 2027-01-31 : the old intents are retired" in text
        assert said in text
        assert "Standing since 2026.08" in text
    assert "chosen by quality board : cost" in head
    assert "412,312 rows read, 412,300 used, 12 rejected." in page
    html = render_block("sheet", sheet("act", "Lost.", 5, [review], list(found.values()), ledger=LEDGER).data)
    assert 'href="#ledger"' in html


def test_a_table_remarks_under_the_chip_who_bears_a_finding() -> None:
    estimate = headline_estimates()["forgetting"].model_copy(update={"accepted": BORNE})
    text = shown(estimates_table([estimate], "Losses"))
    assert "Act accepted by quality board until 2027-01-31 : the old intents are retired" in text
    assert "accepted" not in shown(estimates_table([headline_estimates()["forgetting"]], "Losses"))


def test_hostile_names_and_reasons_stay_text() -> None:
    """What somebody wrote into stream.toml or a log is never markup."""
    for text in HOSTILE.values():
        entry = Acceptance(by=text, why=text, until=DAY)
        chosen = ChosenMargin(value=0.01, by=text, reason=text)
        decisions = (decision(text, accepted=entry, since=text),)
        review = borne().model_copy(update={"decisions": decisions, "since": "1", "margin": chosen, "changed": (text,)})
        for block in (
            sheet("act", "Lost.", 5, [review], list(headline_estimates().values()), ledger=LEDGER),
            headline(review, headline_estimates()["forgetting"]),
            estimates_table([headline_estimates()["forgetting"].model_copy(update={"accepted": entry})], "Losses"),
        ):
            html = render_block(block.kind, block.data).lower()
            assert "<img" not in html
            assert "<script" not in html
            assert not re.search(r"<[^>]+\sonmouseover=", html)
