"""The judge's bias, too, undoes with what chance answers of several rounds came to be labelled."""

from __future__ import annotations

import numpy as np
import pytest

from tests.analyses.judged_logs import in_two_rounds, rows_of
from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.feedback import feedback
from toolkit.analyses.judgements import Paired, paired

# E f = 1/2 of a symmetric beta distribution; E y as in test_corrected.
SURE = 0.4
BIAS = 0.5 - (0.1 + 0.5 / (2 * SURE + 1) + 0.3 / 2)


def _evidence(rows, sampling="random"):
    settings = config(1, review={"human_sampling": sampling})
    return Evidence(cube_from_tables(settings, judgements=judgements(rows)))


@pytest.mark.nightly
def test_the_bias_over_two_rounds_is_that_of_all_answers():
    """20 at random, then 200 by the judge's scores: right on average and covered; taken as one draw it is not."""
    rng = np.random.default_rng(21)
    errors, plain, hits, replicates = [], [], 0, 60
    for _ in range(replicates):
        rows = in_two_rounds(rng, size=1500, first=20, second=200)
        got = feedback(_evidence(rows)).one("feedback_bias", task=None, stage=None)
        errors.append(got.value - BIAS)
        hits += got.low <= BIAS <= got.high
        once = feedback(_evidence(rows.assign(stratum=None, probability=np.nan)))
        plain.append(once.one("feedback_bias", task=None, stage=None).value - BIAS)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(replicates)
    assert abs(np.mean(plain)) > 6 * np.std(plain) / np.sqrt(replicates)
    assert hits / replicates >= 0.95 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)


def test_one_round_is_as_it_was():
    """Logged chances weigh inversely, none weigh alike; what was declared decides whether it is a sample."""
    f, y = np.linspace(0, 1, 40), np.where(np.arange(40) < 20, 1.0, np.nan)
    chance = np.where(np.arange(40) < 10, 0.25, 0.5)
    rows = rows_of(f, y, probability=chance)
    found = paired(_evidence(rows, "unknown").cube)
    assert isinstance(found, Paired)
    assert found.probability
    assert sorted(found.rows["weight"]) == [2.0] * 10 + [4.0] * 10
    bare = paired(_evidence(rows.assign(probability=np.nan), "unknown").cube)
    assert isinstance(bare, Paired)
    assert not bare.probability
    assert found.rows["weight"].sum() == pytest.approx(60)
    assert set(bare.rows["weight"]) == {1.0}
