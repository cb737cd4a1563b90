"""Logs that a judge scored whole and people in part, and what is found of people's measure in them."""

import numpy as np
import pandas as pd

from tests.builders import config, cube_from_tables, judgements
from toolkit.analyses import Evidence
from toolkit.analyses.corrected import corrected


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
