"""Logs that a judge scored whole and people in part, and what is found of people's measure in them."""

import numpy as np
import pandas as pd

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.corrected import corrected
from toolkit.review.drawing import Answer, draw


def estimates_of(rows, *, tasks=1, sampling="random", scale=(0, 1), half_width=None, **review):
    settings = config(tasks, feedback={"range": list(scale)}, review={"human_sampling": sampling, **review})
    evidence = Evidence(cube_from_tables(settings, judgements=judgements(rows)))
    return {e.id: e for e in corrected(evidence, half_width=half_width)}


def rows_of(f, y, **columns):
    """Judge's scores f [item] and people's y [item], nan where nobody looked."""
    base = pd.DataFrame({"item": np.arange(len(f)), **columns})
    people = base.assign(source="human", rater="person 1", score=y)
    return pd.concat([base.assign(source="synthetic", rater="judge", score=f), people[np.isfinite(y)]])


def scored(size, rng, bias=0.2):
    """People's scores with mean .5, and a judge's that correlate .9 and lie higher by `bias`."""
    y = np.clip(0.5 + 0.15 * rng.normal(size=size), 0, 1)
    return y, np.clip(y + bias + 0.07 * rng.normal(size=size), 0, 1)


def hide(y, labels, rng):
    hidden = np.full(len(y), np.nan)
    seen = rng.choice(len(y), labels, replace=False)
    hidden[seen] = y[seen]
    return hidden


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
