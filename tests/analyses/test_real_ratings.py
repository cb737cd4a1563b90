"""HANNA, 1,056 stories with three human ratings and LLM judges: alpha among people, ranks of stories and systems."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.builders import config, cube_from_tables, judgements
from tests.inference.test_alternative import by_hand
from toolkit.analyses import Evidence, agreement
from toolkit.analyses.annotators import alternative
from toolkit.analyses.ranks import meta_correlation, rank_correlation

DATA = Path(__file__).parents[3] / "shared" / "data" / "hanna" / "hanna_metric_scores_llm.csv.gz"
RECORDED = json.loads((Path(__file__).parents[1] / "oracles" / "hanna.json").read_text())["krippendorff_alpha"]
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="needs the public test data in ../shared/data/hanna")


@cache
def stories():
    return pd.read_csv(DATA)


def ratings(column):
    """[system, prompt]."""
    return np.array([ast.literal_eval(cell) for cell in stories()[column]], dtype=float)


def evidence(code, judge, *, rounded=False):
    """One criterion: a judge and three people on every story, systems as generator families, prompts as clusters."""
    scores = ratings(f"{judge} {code} 1")
    score = np.clip(np.rint(scores), 1, 5) if rounded else scores
    systems, prompts = np.indices(score.shape).reshape(2, -1)
    family = stories()["Model"].to_numpy()[systems]
    base = pd.DataFrame({"item": systems * 1000 + prompts, "cluster": prompts, "generator_family": family})
    parts = [base.assign(source="synthetic", rater=judge, score=score.ravel())]
    for k in (1, 2, 3):
        human = ratings(f"Human {k} {code}").ravel()
        parts.append(base.assign(source="human", rater=f"person {k}", score=human))
    settings = config(1, feedback={"range": [1, 5]})
    return Evidence(cube_from_tables(settings, judgements=judgements(pd.concat(parts))))


@pytest.mark.parametrize("code", ["RE", "CH", "EM", "SU", "EG", "CX"])
def test_peoples_own_alpha_is_that_of_another_package(code):
    """Nominal, ordinal and interval, on the judged stories, recorded from krippendorff."""
    found = agreement(evidence(code, "ChatGPT", rounded=True))
    for definition, value in RECORDED[code].items():
        group = "part=people" if definition == "nominal" else f"part=people,definition={definition}"
        assert found.one("krippendorff_alpha", group=group).value == pytest.approx(value, abs=1e-9)
    own = found.one("krippendorff_alpha", group="part=people,definition=interval")
    assert own.low < own.value < own.high
    assert own.n == {"labels": 3168, "clusters": 96}


def test_averaged_scores_have_interval_alpha_and_ranks_only():
    """Judges' scores are means of several answers, with many values; the plain coefficients say so."""
    there = evidence("CH", "ChatGPT")
    found = agreement(there)
    assert found.one("krippendorff_alpha", group="definition=interval").has_interval
    assert not found.select("cohen_kappa")
    human = np.mean([ratings(f"Human {k} CH").ravel() for k in (1, 2, 3)], axis=0)
    rank = rank_correlation(there).one("rank_correlation")
    assert rank.value == pytest.approx(stats.spearmanr(ratings("ChatGPT CH 1").ravel(), human)[0])
    assert rank.n == {"labels": 1056, "clusters": 96}


def test_systems_are_ranked_by_their_means():
    human = np.mean([ratings(f"Human {k} CH") for k in (1, 2, 3)], axis=0).mean(1)
    want = stats.spearmanr(ratings("ChatGPT CH 1").mean(1), human)[0]
    found = meta_correlation(evidence("CH", "ChatGPT")).one("meta_correlation", group="part=families")
    assert found.value == pytest.approx(want)
    assert found.n["families"] == 11
    assert found.low < want < found.high


def test_advantages_over_each_person_are_the_papers():
    """Person by person as by the procedure story by story; prompts are clusters, so only the values are compared."""
    judge = ratings("ChatGPT CH 1").ravel()
    people = np.column_stack([ratings(f"Human {k} CH").ravel() for k in (1, 2, 3)])
    advantages, _ = by_hand(judge, people, classes=False, epsilon=0.1)
    found = alternative(evidence("CH", "ChatGPT"))
    for k, value in enumerate(advantages, 1):
        one = found.one("agreement_gap", group=f"part=advantage,person=person {k}")
        assert one.value == pytest.approx(value)
    assert found.one("agreement_gap", group="part=advantage").value == pytest.approx(advantages.mean())
