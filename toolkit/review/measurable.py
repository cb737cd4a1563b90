"""What can be measured on a log, what cannot and why, and what would be the cheapest thing to log next?

A list of needs for each question; each need says how it is met and what that costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.cube.facts import Facts


@dataclass(frozen=True)
class Need:
    """Something a quantity needs of a log, and how to log it. cost: 1 (a column) to 5 (people's time)."""

    met: Callable[[Facts], bool]
    how: str
    cost: int


@dataclass(frozen=True)
class Row:
    """One line of the table: a question of an axis, whether it can be answered, what is missing or weak."""

    axis: str
    question: str
    answer: str  # yes, weak, no
    remark: str


_EVALUATIONS = Need(lambda f: f.rows > 0, "log evaluations: every task's test score after each stage", 3)
_STREAM = Need(lambda f: f.seeds("stream") > 0, 'log the arm "stream": the student that learns task after task', 3)
_TWO_STAGES = Need(lambda f: f.stages > 1, "evaluate after at least two stages", 3)
_BOTH = Need(lambda f: f.both > 0, "evaluate each task when it is learned and again after the last stage", 2)
_BEFORE = Need(lambda f: f.before > 0, "evaluate coming tasks too, from stage 0 on", 2)
_ISOLATED = Need(lambda f: f.seeds("isolated") > 0, 'log the arm "isolated": each task learned alone, same budget', 4)
_JOINT = Need(lambda f: f.seeds("joint") > 0, 'log the arm "joint": all tasks learned at once', 4)
_FRESH = Need(
    lambda f: f.seeds("fresh") > 0 or f.seeds("isolated") > 0,
    'log the arm "fresh" or "isolated": a student that starts anew at each task', 4,
)  # fmt: skip
_CURVES = Need(lambda f: f.curves > 0, "log scores within a stage with their `step`", 2)
_ITEMS = Need(lambda f: f.rows > 0 and f.rows_with_item == f.rows, "log one row an item with its `item` id", 1)
_SEEDS = Need(lambda f: f.seeds("stream") > 1, "repeat the run with a second `seed`", 4)
_SYNTHETIC = Need(lambda f: f.synthetic > 0, 'log the judge\'s feedback with source = "synthetic"', 2)
_HUMAN = Need(lambda f: f.human > 0, 'have people judge a random sample of the judged items (source = "human")', 5)
_MATCHED = Need(
    lambda f: f.matched > 0 or not (f.human and f.synthetic),
    "give human labels the stage, task, item, arm and seed of what the judge judged",
    1,
)
_JUDGED_STAGES = Need(
    lambda f: f.judged_stages > 1 or not f.synthetic, "log the judge's feedback of two stages or more", 2
)
_TWICE = Need(lambda f: f.twice > 0 or not f.human, "let two people judge some of the same items", 5)
_CHOSEN = Need(
    lambda f: f.chosen > 0 or not f.human,
    "log the `probability` with which each human-judged item was chosen",
    1,
)
_LENGTH = Need(lambda f: f.lengths > 0 or bool(f.attributes), "log `length` or attr_* of what was judged", 1)
_POSITION = Need(lambda f: f.positions > 0, "have preferences judged in both orders, with `pair` and `position`", 3)
_FAMILIES = Need(
    lambda f: f.judge_families > 1 and f.generator_families > 1,
    "log rater_family and generator_family, two of each", 4,
)  # fmt: skip
_SAMPLES = Need(lambda f: f.samples > 0, "log samples: one row a generated sample", 2)
_ACCEPTED = Need(lambda f: f.accepted > 0 or not f.samples, "log `accepted`: whether a sample went into training", 1)
_VERIFIED = Need(
    lambda f: f.verified > 0 or not f.samples, "log `verified_label` of some samples, by people or a rule", 5
)
_CONTENT = Need(lambda f: f.content > 0 or not f.samples, "log `text` or `embedding` of samples", 1)
_COSTS = Need(lambda f: f.costs > 0 or not f.samples, "log `cost` of samples", 1)
_ORIGIN = Need(lambda f: f.origins > 0 or not f.samples, "log `origin` of samples", 1)
_SIMILARITY = Need(lambda f: f.similarity, "write similarity.csv (task, other, similarity)", 2)

_FORGETS = (_EVALUATIONS, _STREAM, _TWO_STAGES, _BOTH)
_JUDGED = (_SYNTHETIC, _HUMAN, _MATCHED)

_QUESTIONS: tuple[tuple[str, str, tuple[Need, ...], tuple[Need, ...]], ...] = (
    ("transfer", "score of each task after each stage", (_EVALUATIONS, _STREAM), (_ITEMS, _SEEDS)),
    (
        "transfer",
        "forward transfer against tasks learned alone",
        (_EVALUATIONS, _STREAM, _ISOLATED),
        (_ITEMS, _SEEDS),
    ),
    ("transfer", "zero-shot transfer to coming tasks", (_EVALUATIONS, _STREAM, _BEFORE), (_ITEMS, _SEEDS)),
    ("transfer", "speed of learning", (_EVALUATIONS, _STREAM, _CURVES), (_ITEMS, _SEEDS)),
    ("transfer", "plasticity along the stream", (_EVALUATIONS, _STREAM, _FRESH), (_SEEDS,)),
    (
        "transfer",
        "transfer against task similarity",
        (_EVALUATIONS, _STREAM, _ISOLATED, _SIMILARITY),
        (_SEEDS,),
    ),
    ("forgetting", "loss of earlier tasks", _FORGETS, (_ITEMS, _SEEDS)),
    ("forgetting", "items lost and won again", (*_FORGETS, _ITEMS), (_SEEDS,)),
    ("forgetting", "old mistakes that come back", (*_FORGETS, _ITEMS, _ISOLATED), (_SEEDS,)),
    ("forgetting", "gap to joint training", (_EVALUATIONS, _STREAM, _JOINT), (_ITEMS, _SEEDS)),
    ("feedback", "bias of synthetic feedback", _JUDGED, (_CHOSEN,)),
    ("feedback", "growth of the bias over stages", (*_JUDGED, _JUDGED_STAGES), (_CHOSEN,)),
    ("feedback", "bias by length or attribute", (*_JUDGED, _LENGTH), (_CHOSEN,)),
    ("feedback", "position bias", (_SYNTHETIC, _POSITION), ()),
    ("feedback", "self-preference of judges", (*_JUDGED, _FAMILIES), ()),
    ("alignment", "agreement of judge and people", _JUDGED, (_CHOSEN,)),
    ("alignment", "agreement against people's own", (*_JUDGED, _TWICE), (_CHOSEN,)),
    ("generation", "share of samples accepted", (_SAMPLES, _ACCEPTED), ()),
    ("generation", "label errors among accepted samples", (_SAMPLES, _VERIFIED), (_ACCEPTED,)),
    ("generation", "diversity of samples", (_SAMPLES, _CONTENT), ()),
    ("generation", "share of real data", (_SAMPLES, _ORIGIN), ()),
    ("generation", "cost of an accepted sample", (_SAMPLES, _COSTS, _ACCEPTED), ()),
)

_HEADLINES = frozenset(
    {
        "forward transfer against tasks learned alone",
        "loss of earlier tasks",
        "bias of synthetic feedback",
        "agreement against people's own",
        "label errors among accepted samples",
    }
)


def measurable(facts: Facts) -> tuple[Row, ...]:
    """One row a question: "yes", "weak" (no interval, or one that says less) or "no", and what it needs."""
    rows = []
    for axis, question, needs, better in _QUESTIONS:
        missing = [need for need in needs if not need.met(facts)]
        weak = [need for need in better if not need.met(facts)]
        answer = "no" if missing else "weak" if weak else "yes"
        remark = "; ".join(need.how for need in missing or weak)
        rows.append(Row(axis, question, answer, remark))
    return tuple(rows)


def cheapest_next(facts: Facts, most: int = 3) -> tuple[str, ...]:
    """What to log next: what opens or sharpens most for its cost; an axis's headline weighs more.

    A need that stands alone before a question opens it; one of several shares the merit with the others.
    """
    merit: dict[Need, float] = {}
    for _, question, needs, better in _QUESTIONS:
        missing = [need for need in needs if not need.met(facts)]
        weak = [need for need in better if not need.met(facts)]
        worth = (3.0 if question in _HEADLINES else 1.0) * (1.0 if missing else 0.25)
        for need in missing or weak:
            merit[need] = merit.get(need, 0.0) + worth / len(missing or weak)
    ranked = sorted(merit, key=lambda need: (-merit[need] / need.cost, need.cost, need.how))
    return tuple(need.how for need in ranked[:most])
