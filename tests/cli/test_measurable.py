"""Does the table say what a log can answer, and is the advice worth following?"""

from __future__ import annotations

from dataclasses import replace

from toolkit.cube.facts import Facts
from toolkit.review.measurable import cheapest_next, measurable

BARE = Facts(tasks=3, arms=(("stream", 1),), orders=1, items=24, rows=72, rows_with_item=72, stages=3, both=2)
"""The commonest first log: one seed, one arm, items, no coming tasks, no people."""

FULL = Facts(
    tasks=3, arms=(("fresh", 2), ("isolated", 2), ("joint", 2), ("stream", 2)), orders=1, items=24, rows=72,
    rows_with_item=72, stages=4, both=2, before=3, curves=9, human=50, synthetic=100, matched=50, twice=20, chosen=50,
    judged_stages=3, attributes=("attr_ink",), lengths=10, positions=10, judge_families=2, generator_families=2,
    critiques=3, samples=100, accepted=90, verified=50, content=100, costs=100, origins=2, similarity=True,
)  # fmt: skip

ALONE = (("fresh", 2), ("joint", 2), ("stream", 2))


def answers(facts: Facts) -> dict[str, str]:
    """Question -> answer."""
    return {row.question: row.answer for row in measurable(facts)}


def test_a_full_log_answers_everything_and_needs_no_advice() -> None:
    assert set(answers(FULL).values()) == {"yes"}
    assert cheapest_next(FULL) == ()


def test_an_empty_log_answers_nothing() -> None:
    assert set(answers(Facts()).values()) == {"no"}
    assert all(row.remark for row in measurable(Facts()))


def test_a_first_log_is_useful_and_weak() -> None:
    """Forgetting can be measured for this run; no second seed is a weakness, no isolated arm a gap."""
    found = answers(BARE)
    assert found["loss of earlier tasks"] == "weak"
    assert found["forward transfer against tasks learned alone"] == "no"
    assert found["bias of synthetic feedback"] == "no"
    advice = cheapest_next(BARE)
    assert len(advice) == 3
    assert len(set(advice)) == 3


def test_each_need_closes_the_question_that_needs_it() -> None:
    """Taking one thing out of a full log is answered with that thing, and nowhere else with no."""
    for change, question, word in (
        (
            {"arms": (("stream", 2), ("fresh", 2), ("joint", 2))},
            "forward transfer against tasks learned alone",
            "isolated",
        ),
        ({"before": 0}, "zero-shot transfer to coming tasks", "stage 0"),
        ({"curves": 0}, "speed of learning", "step"),
        ({"both": 0}, "loss of earlier tasks", "after the last stage"),
        ({"matched": 0}, "bias of synthetic feedback", "what the judge judged"),
        ({"twice": 0}, "agreement against people's own", "two people"),
        ({"verified": 0}, "label errors among accepted samples", "verified_label"),
        ({"positions": 0}, "position bias", "position"),
        ({"similarity": False}, "transfer against task similarity", "similarity.csv"),
    ):
        rows = {row.question: row for row in measurable(replace(FULL, **change))}  # type: ignore[arg-type]
        assert rows[question].answer == "no", question
        assert word in rows[question].remark
        assert any(word in line for line in cheapest_next(replace(FULL, **change)))  # type: ignore[arg-type]


def test_advice_is_what_the_headlines_lack_before_the_rare() -> None:
    """Two people on the same items (an axis's headline) come before position bias."""
    advice = cheapest_next(replace(FULL, twice=0, positions=0))
    assert "two people" in advice[0]
    assert "position" in advice[1]


def test_a_missing_table_is_asked_for_before_its_columns() -> None:
    none = replace(FULL, samples=0, accepted=0, verified=0, content=0, costs=0, origins=0)
    remarks = {row.remark for row in measurable(none) if row.axis == "generation"}
    assert remarks == {"log samples: one row a generated sample"}
