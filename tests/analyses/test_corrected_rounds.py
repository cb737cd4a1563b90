"""Labels drawn in several rounds, each with chances of its own: the truth is covered, and forgetting them shows."""

import numpy as np
import pytest

from tests.analyses.judged_logs import SHARE_RIGHT, estimates_of, in_two_rounds, rows_of, scored


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
