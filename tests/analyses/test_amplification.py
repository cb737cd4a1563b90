"""Bias of the rounds' samples and its growth: known truths, the bound from counts, and what is said of bad input."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.builders import config, cube_from_tables, sample_rows
from toolkit.analyses import Evidence
from toolkit.analyses.amplification import amplification
from toolkit.inference.amplification import amplification_bound

LABELS = np.array(list("abcd"))


def one(estimates, **fields):
    wanted = {"stage": None, "group": None, **fields}
    (found,) = [e for e in estimates if all(getattr(e, k) == v for k, v in wanted.items())]
    return found


def log(rng, labels, means, *, seeds=1, n=200, people=150, spread=0.0, shared=False):
    """Rounds whose label distribution lies `labels` (total variation) and whose attribute `means` from people's.

    spread: standard deviation of the attribute's mean between seeds; shared: all seeds have the same human samples.
    """
    parts = []
    common = rng.normal(size=people), rng.choice(LABELS, people), np.arange(people)
    for seed in range(seeds):
        own = rng.normal(size=people), rng.choice(LABELS, people), rng.integers(1000, 2**62, people)
        values, said, keys = common if shared else own
        parts.append(pd.DataFrame({"origin": "human", "stage": 1, "seed": seed, "attr_length": values,
                                   "parsed_label": said, "sample": keys}))  # fmt: skip
        for stage, (distance, mean) in enumerate(zip(labels, means, strict=True), 1):
            shares = 0.25 + distance * np.array([-0.75, -0.25, 0.25, 0.75])
            parts.append(pd.DataFrame({
                "origin": "synthetic", "stage": stage, "seed": seed,
                "attr_length": rng.normal(mean + spread * rng.normal(), 1, n),
                "parsed_label": rng.choice(LABELS, n, p=shares), "sample": rng.integers(1000, 2**62, n),
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def evidence(rows, **tables):
    return Evidence(cube_from_tables(config(1), sample_rows=sample_rows(rows), **tables))


def test_growing_biases_are_found():
    rng = np.random.default_rng(0)
    rows = log(rng, [0.1, 0.15, 0.2, 0.25, 0.3], [0.3, 0.5, 0.7, 0.9, 1.1], n=2000, people=2000)
    found = amplification(evidence(rows))
    assert one(found).low <= 0.2 <= one(found).high
    assert one(found).low > 0.1
    truths = {"attribute=attr_length": 0.8, "part=slope": 0.05, "part=ratio": 3.0}
    truths |= {"attribute=attr_length,part=slope": 0.2, "attribute=attr_length,part=ratio": 1.1 / 0.3}
    for group, truth in truths.items():
        got = one(found, group=group)
        assert 0 < got.low <= truth <= got.high
    assert one(found, stage=2).value == pytest.approx(0.05, abs=0.03)
    assert one(found, group="attribute=attr_length").p_adjusted < 0.01


@pytest.mark.parametrize(
    ("labels", "means", "options"),
    [
        ([0, 0, 0], [0, 0, 0], {}),
        ([0.1, 0.2, 0.3], [0.2, 0.4, 0.6], {}),
        ([0.1, 0.3], [0.5, 0.2], {"seeds": 3, "spread": 0.2, "shared": True}),
    ],
)
@pytest.mark.nightly
def test_intervals_cover(labels, means, options):
    """Differences of last and first: of labels at least, of attributes about .95."""
    rng = np.random.default_rng(1)
    runs = 100
    inside = np.zeros((runs, 2))
    for i in range(runs):
        found = amplification(evidence(log(rng, labels, means, n=100, people=100, **options)))
        for j, (group, truth) in enumerate(
            ((None, labels[-1] - labels[0]), ("attribute=attr_length", means[-1] - means[0]))
        ):
            got = one(found, group=group)
            inside[i, j] = got.low <= truth <= got.high
    assert (inside.mean(0) >= 0.89).all()


def test_people_in_common_cancel():
    """Rounds of one task share its people, whose sampling error a difference of rounds does not contain."""
    rng = np.random.default_rng(2)
    few = one(amplification(evidence(log(rng, [0, 0], [0, 0], n=2000, people=25))), group="attribute=attr_length")
    assert (few.high - few.low) / 2 == pytest.approx(1.96 * np.sqrt(2 / 2000), rel=0.5)


def test_a_first_round_without_bias_has_no_ratio():
    rows = log(np.random.default_rng(3), [0, 0.3], [0, 1.0])
    got = one(amplification(evidence(rows)), group="attribute=attr_length,part=ratio")
    assert got.low is None
    assert "cannot be told from zero" in got.reason


def test_the_bound_comes_from_the_logs_counts():
    """First stage 50 human; then 10 human and 40 accepted a stage, in both seeds; rejected samples do not count."""
    made = [
        {"arm": "stream", "seed": seed, "stage": stage, "task": "task 1", "origin": origin,
         "accepted": accepted, "n": n}
        for seed in (0, 1) for stage in (1, 2, 3)
        for origin, accepted, n in (
            [("human", None, 50)] if stage == 1
            else [("human", True, 10), ("synthetic", True, 40), ("synthetic", False, 99)]
        )
    ]  # fmt: skip
    found = amplification(Evidence(cube_from_tables(config(1), samples=pa.Table.from_pylist(made))))
    bound, limit = one(found, group="part=bound"), one(found, group="part=limit")
    assert bound.value == pytest.approx(amplification_bound(50, [10, 10], [40, 40])[-1])
    assert limit.value == pytest.approx(5)
    assert bound.low is None
    assert "not an estimate" in bound.reason


class TestBadInput:
    def test_no_samples(self):
        assert all(e.reason for e in amplification(Evidence(cube_from_tables(config(1)))))

    def test_no_people(self):
        rows = log(np.random.default_rng(4), [0, 0.1], [0, 0])
        assert "origin = human" in one(amplification(evidence(rows[rows["origin"] != "human"]))).reason

    def test_one_round(self):
        assert "two stages" in one(amplification(evidence(log(np.random.default_rng(5), [0.1], [0])))).reason

    def test_few_samples(self):
        rows = log(np.random.default_rng(6), [0.1, 0.1], [0, 0], n=10)
        assert "at least 20" in one(amplification(evidence(rows))).reason

    def test_no_labels(self):
        """The only attribute is the headline; several speak for themselves; without any it says what to log."""
        rows = log(np.random.default_rng(7), [0.1, 0.1], [0, 1.0]).drop(columns="parsed_label")
        got = one(amplification(evidence(rows)))
        assert got.unit == "standard deviations"
        assert got.low <= 1 <= got.high
        assert "several attributes" in one(amplification(evidence(rows.assign(attr_other=rows["attr_length"])))).reason
        assert "attr_*" in one(amplification(evidence(rows.drop(columns="attr_length")))).reason

    def test_an_attribute_that_does_not_vary(self):
        rows = log(np.random.default_rng(8), [0.1, 0.2], [0, 1.0]).assign(attr_length=1.0)
        found = amplification(evidence(rows))
        assert one(found).has_interval
        assert not any(e.group and "attr_length" in e.group for e in found)
