"""Coefficients of agreement by krippendorff and irrCAC, on ratings with missing cells.

In an environment of its own: pip install krippendorff pandas scipy; pip install --no-deps irrCAC
python ratings.py > ratings.json
"""

import importlib.metadata as metadata
import json
import sys

import krippendorff
import numpy as np
import pandas as pd
from irrCAC.raw import CAC

rng = np.random.default_rng(5)
truth = rng.choice([1, 2, 3, 4, 6], size=40, p=[0.15, 0.2, 0.3, 0.25, 0.1])
noise = rng.random((40, 4))
ratings = np.where(noise < 0.6, truth[:, None], rng.choice([1, 2, 3, 4, 6], size=(40, 4))).astype(float)
ratings[rng.random(ratings.shape) < 0.3] = np.nan
ratings = ratings[np.isfinite(ratings).any(1)]  # some are left with a single rating

alpha = {
    level: krippendorff.alpha(ratings.T, level_of_measurement=level)
    for level in ("nominal", "ordinal", "interval", "ratio")
}
# Left to itself irrCAC counts the missing ratings as a category of their own.
levels = [1.0, 2.0, 3.0, 4.0, 6.0]
WEIGHTS = {"nominal": "identity", "linear": "linear", "quadratic": "quadratic", "ordinal": "ordinal"}
table = pd.DataFrame(ratings)
found = {name: CAC(table, weights=w, categories=levels, digits=15).gwet()["est"] for name, w in WEIGHTS.items()}
ac = {name: one["coefficient_value"] for name, one in found.items()}
agreement = {name: one["pa"] for name, one in found.items()}
sys.stdout.write(json.dumps({
    "made_with": {name: metadata.version(name) for name in ("krippendorff", "irrCAC", "numpy")},
    "ratings": [[None if np.isnan(x) else x for x in row] for row in ratings],
    "krippendorff_alpha": {k: float(v) for k, v in alpha.items()},
    "gwet_ac": {k: float(v) for k, v in ac.items()},
    "agreement": {k: float(v) for k, v in agreement.items()},
}, indent=1) + "\n")  # fmt: skip
