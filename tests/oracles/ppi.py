"""Makes ppi.json with the authors' package: `pip install --target FOLDER ppi-python`, then
`PYTHONPATH=FOLDER python ppi.py > ppi.json` (it is not a dependency of the project).
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate


def case(name, n, count, correlation, seed):
    rng = np.random.default_rng(seed)
    z, e = rng.normal(size=(2, n + count))
    y, f = 3 + z, 3.2 + correlation * z + np.sqrt(1 - correlation**2) * e
    y, f, unlabelled = y[:n].round(4), f[:n].round(4), f[n:].round(4)
    low, high = ppi_mean_ci(y, f, unlabelled, alpha=0.05)
    return {
        "case": name, "y": y.tolist(), "f": f.tolist(), "unlabelled": unlabelled.tolist(),
        "value": float(ppi_mean_pointestimate(y, f, unlabelled)[0]), "low": float(low[0]), "high": float(high[0]),
        "fixed": {str(w): float(ppi_mean_pointestimate(y, f, unlabelled, lam=w)[0]) for w in (0.0, 0.5, 1.0)},
    }  # fmt: skip


cases = [
    case("20 labels", 20, 200, 0.8, 1),
    case("50 labels", 50, 300, 0.8, 2),
    case("weak judge", 50, 300, 0.3, 3),
    case("many labels", 200, 300, 0.6, 4),
]
json.dump({"versions": {"ppi-python": version("ppi-python"), "numpy": np.__version__}, "cases": cases}, sys.stdout)
