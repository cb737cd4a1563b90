"""Rules beside people and judges: means by hand, shares by Wilson, and weights of a human sample."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence, feedback


def found(*rows, range_=(0, 5)):
    settings = config(1, feedback={"range": list(range_)})
    return feedback(Evidence(cube_from_tables(settings, judgements=judgements(pd.concat(rows)))))


def side(source, rater, n=40, start=0, **columns):
    return pd.DataFrame({"item": np.arange(start, start + n), "source": source, "rater": rater, **columns})


def test_scores_differ_by_their_mean():
    """The rule on items 0 to 39, people on 20 to 59, the judge on all: each pair on the items of both."""
    rng = np.random.default_rng(1)
    rule, person, judge = rng.uniform(0, 5, 40), rng.uniform(0, 5, 40), rng.uniform(0, 5, 60)
    got = found(
        side("rule", "spelling", score=rule),
        side("human", "person 1", start=20, score=person),
        side("synthetic", "judge", n=60, score=judge),
    )
    one, other = got.one("feedback_bias", group="part=rule-human"), got.one("feedback_bias", group="part=judge-rule")
    d = rule[20:] - person[:20]
    assert one.value == pytest.approx(d.mean())
    assert one.se == pytest.approx(d.std(ddof=1) / np.sqrt(20))
    assert other.value == pytest.approx((judge[:40] - rule).mean())
    assert one.n["labels"] == 20
    assert got.one("feedback_bias", task=None, stage=None).value == pytest.approx((judge[20:] - person).mean())


def test_labels_differ_by_a_share():
    """9 of 40 labels differ: Wilson's interval."""
    rule = np.array(["yes"] * 40)
    person = np.where(np.arange(40) < 9, "no", "yes")
    got = found(side("rule", "length", label=rule), side("human", "person 1", label=person))
    part = got.one("feedback_bias", group="part=rule-human")
    assert part.value == pytest.approx(9 / 40)
    assert (part.low, part.high) == pytest.approx(proportion_confint(9, 40, method="wilson"))
    assert "share" in part.unit
    judge = got.one("feedback_bias", group="part=judge-rule")
    assert judge.value is None
    assert "judged by both judge and rule" in judge.reason


def test_people_of_one_item_share_its_weight():
    """Two people on the first item, inverse probabilities: Hajek's weighted mean over items."""
    p = np.linspace(0.2, 1, 40)
    first = np.linspace(0, 4, 40)
    second = side("human", "person 2", n=1, score=[3.0], probability=[p[0]])
    got = found(side("rule", "length", score=1.0), side("human", "person 1", score=first, probability=p), second).one(
        "feedback_bias", group="part=rule-human"
    )
    human = first.copy()
    human[0] = (first[0] + 3) / 2
    assert got.value == pytest.approx(np.average(1 - human, weights=1 / p))


def test_without_rules_nothing_is_said():
    got = found(side("synthetic", "judge", score=1.0), side("human", "person 1", score=2.0))
    assert not [e for e in got.estimates if (e.group or "").startswith("part=")]
