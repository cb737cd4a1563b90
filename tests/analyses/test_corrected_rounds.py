"""Labels drawn in several rounds, each with chances of its own: the truth is covered, and forgetting them shows."""

import numpy as np
import pytest

from tests.analyses.judged_logs import estimates_of, rows_of, scored
from toolkit.review.drawing import Answer, draw

SURE = 0.4  # of the beta distribution of a judge's scores: mostly near 0 or 1
SHARE_RIGHT = 0.1 + 0.5 / (2 * SURE + 1) + 0.3 / 2


def in_two_rounds(rng, *, size, first, second, volunteered=False):
    """Right or wrong, worse than the judge thinks where it is unsure; labels drawn at random, then by its scores.

    volunteered: people chose the first answers themselves, all of them right
    """
    f = rng.beta(SURE, SURE, size)
    y = (rng.random(size) < 0.1 + 0.5 * (2 * f - 1) ** 2 + 0.3 * f).astype(float)
    taken = rng.choice(np.flatnonzero(y) if volunteered else size, first, replace=False)
    left = np.setdiff1d(np.arange(size), taken)
    answers = [Answer(1, "task 1", str(k), "stream", 0, None, float(f[k]), round=2) for k in left]
    hidden, chance, stratum = np.full(size, np.nan), np.full(size, np.nan), np.full(size, None, dtype=object)
    hidden[taken] = y[taken]
    for one in draw(answers, second, scale=(0, 1), seed=int(rng.integers(2**31))):
        k = int(one.answer.item)
        hidden[k], chance[k], stratum[k] = y[k], one.probability, one.stratum
    return rows_of(f, hidden, probability=chance, stratum=stratum)


@pytest.mark.nightly
def test_two_rounds_of_labels_cover():
    """20 at random as declared, without chances, then 30 by the judge's scores."""
    rng = np.random.default_rng(12)
    hits, replicates = 0, 200
    for _ in range(replicates):
        rows = in_two_rounds(rng, size=400, first=20, second=30)
        got = estimates_of(rows)["corrected_score/stream/all"]
        hits += got.low <= SHARE_RIGHT <= got.high
    spread = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - spread <= hits / replicates <= 0.97 + spread
    assert (got.n["labels"], "items that people saw" in got.method) == (50, False)


@pytest.mark.parametrize("volunteered", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_the_second_rounds_chances_are_undone_and_forgetting_them_shows(volunteered):
    """Many labels in the second round; a first one of unknown origin counts for itself, however it was chosen."""
    rng = np.random.default_rng(13)
    hits, missed, errors, replicates = 0, 0, [], 40
    sampling = "unknown" if volunteered else "random"
    for _ in range(replicates):
        rows = in_two_rounds(rng, size=1500, first=100 if volunteered else 20, second=200, volunteered=volunteered)
        got = estimates_of(rows, sampling=sampling)["corrected_score/stream/all"]
        once = estimates_of(rows.assign(stratum=None, probability=np.nan))["corrected_score/stream/all"]
        hits += got.low <= SHARE_RIGHT <= got.high
        missed += not once.low <= SHARE_RIGHT <= once.high
        errors.append(got.value - SHARE_RIGHT)
        assert "items that people saw" not in got.method
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert missed / replicates > 0.4
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(replicates)


def test_even_rounds_are_one_draw():
    """40 of 200, then 30 of the other 160 in one stratum: what 70 at once would give, to rounding."""
    rng = np.random.default_rng(14)
    y, f = scored(200, rng)
    rows = rows_of(f, np.where(np.arange(200) < 70, y, np.nan))
    later = (rows["item"] >= 40) & (rows["source"] == "human")
    named = rows.assign(probability=np.where(later, 30 / 160, np.nan), stratum=np.where(later, "task 1, round 2", None))
    once, twice = (estimates_of(some)["corrected_score/stream/all"] for some in (rows, named))
    assert (twice.value, twice.low, twice.high) == pytest.approx((once.value, once.low, once.high), abs=1e-9)
