"""Pages say of each of their questions what it needs, where the log cannot answer it."""

import numpy as np
import pandas as pd

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import ANALYSES, Evidence


def evidence(rows):
    return Evidence(cube_from_tables(config(2, feedback={"range": [0, 1]}), judgements=judgements(rows)))


def judged(n=60):
    rng = np.random.default_rng(1)
    base = pd.DataFrame({"item": np.arange(n)})
    return pd.concat([
        base.assign(source="synthetic", rater="judge", score=rng.random(n)),
        base.assign(source="human", rater="person 1", score=rng.random(n)),
    ])  # fmt: skip


def test_feedback_names_what_preferences_and_families_need():
    found = ANALYSES["feedback"](evidence(judged()))
    assert found.one("feedback_bias", task=None, stage=None).measured
    for quantity, word in (("position_bias", "both orders"), ("family_preference", "rater_family")):
        got = found.one(quantity)
        assert got.value is None
        assert word in got.reason


def test_every_estimate_of_both_pages_is_a_number_or_a_reason():
    for name in ("feedback", "divergence"):
        for rows in (judged(), judged()[lambda frame: frame["source"] == "human"]):
            estimates = ANALYSES[name](evidence(rows)).estimates
            assert estimates
            assert len({e.id for e in estimates}) == len(estimates)
            for e in estimates:
                assert e.has_interval or e.reason, e.id
                assert e.value is None or np.isfinite(e.value), e.id
