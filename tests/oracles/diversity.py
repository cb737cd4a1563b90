"""Vendi scores by vendi_score, and NovelSum by its authors' code, on points with and without copies.

In an environment of its own: pip install vendi_score; novelsum.py and utils.py of github.com/UmeanNever/NovelSum
(novelsum.py at commit 73da271, utils.py at commit 40ce9f1) in the folder that is named:
python diversity.py FOLDER > diversity.json

The authors' code needs a graphics card, through torch and faiss in single precision. Both are replaced here by exact
double precision: torch's cosine distances by SciPy's, faiss's search by a full one. All coordinates are multiples of
1/1024, so that the code's own rounding to single precision changes none of them.
"""

import importlib.metadata as metadata
import json
import sys
import types

import numpy as np
from scipy.spatial.distance import cdist
from vendi_score import vendi


class FlatL2:
    """All squared Euclidean distances, as faiss's IndexFlatL2 returns them."""

    def __init__(self, dimension):
        self.dimension = dimension

    def add(self, data):
        self.data = data.astype(float)

    def search(self, query, k):
        d = cdist(query.astype(float), self.data, "sqeuclidean")
        order = np.argsort(d, axis=1)[:, :k]
        return np.take_along_axis(d, order, 1), order


class NoCard:
    """Says that there is no graphics card."""

    @staticmethod
    def is_available():
        return False


torch = types.ModuleType("torch")
torch.device = str
torch.Tensor = np.ndarray
torch.cuda = NoCard
faiss = types.ModuleType("faiss")
faiss.StandardGpuResources = lambda: None
faiss.IndexFlatL2 = FlatL2
faiss.index_cpu_to_gpu = lambda resources, card, index: index
tqdm = types.ModuleType("tqdm")
tqdm.tqdm = lambda items, **_: items
sys.modules |= {"torch": torch, "faiss": faiss, "tqdm": tqdm}
sys.path.insert(0, sys.argv[1])
from novelsum import novelsum  # noqa: E402
from utils import FaissIndex  # noqa: E402


def points(rng, n, dimension):
    return np.round(rng.normal(size=(n, dimension)) * 1024) / 1024


def case(X, reference):
    index = FaissIndex(reference, 0)
    distances = cdist(X, X, "cosine")
    found = {}
    for neighbours in (5, 10):
        for density in (0.0, 0.25, 0.5):
            rho = index.local_density(X, n_neighbors=neighbours, power=density)
            for proximity in (0.0, 1.0, 2.0):
                found[f"{neighbours},{density},{proximity}"] = float(novelsum(distances, rho, power=proximity))
    return {
        "points": X.tolist(), "reference": reference.tolist(), "novelsum": found,
        "vendi": float(vendi.score_X(X)), "vendi_dual": float(vendi.score_dual(X)),
    }  # fmt: skip


rng = np.random.default_rng(11)
reference = points(rng, 60, 6)
spread, few = points(rng, 30, 6), points(rng, 12, 20)
copies = np.r_[spread[:10], np.repeat(spread[:1], 20, axis=0)]
sys.stdout.write(json.dumps({
    "made_with": {name: metadata.version(name) for name in ("vendi_score", "numpy", "scipy")}
    | {"NovelSum": "commit 73da271"},
    "cases": {
        "spread": case(spread, reference),
        "copies": case(copies, np.r_[reference, reference[:15]]),
        "in their own reference": case(spread, spread),
        "more dimensions than points": case(few, points(rng, 40, 20)),
    },
}, indent=1) + "\n")  # fmt: skip
