"""Who checks a synthetic digit? A judge fitted on labelled images, and a rule that looks at real ones.

The judge is a logistic regression on 200 Nystroem features of a Gaussian kernel (Williams and Seeger, 2001).
The rule takes the label of the nearest human-labelled training image under the same condition (Fix and
Hodges, 1951).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.demo.images import CLASSES, Floats, ImageSet, Ints

JUDGE = "nystroem-logistic"
RULE = "1-nn-rule"


@dataclass(frozen=True)
class Judge:
    """A fitted judge; `model` is a scikit-learn pipeline."""

    model: Any

    def judge(self, pixels: Floats) -> tuple[Ints, Floats]:
        """The class of each image, (n,), and the probability of every class, (n, 10)."""
        known = self.model.predict_proba(pixels)
        probabilities = np.zeros((len(pixels), CLASSES))
        probabilities[:, self.model.classes_] = known
        return probabilities.argmax(axis=1), probabilities


def fit_judge(pixels: Floats, labels: Ints, seed: int) -> Judge:
    """A judge that has learned from these images, (n, 64), and labels, (n,)."""
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    features = Nystroem(gamma=0.1, n_components=min(200, len(labels)), random_state=seed)
    model = make_pipeline(features, LogisticRegression(C=10.0, max_iter=1000))
    return Judge(model.fit(pixels, labels))


def nearest_label(pixels: Floats, reference: ImageSet) -> Ints:
    """The rule: for each image, (n, 64), the human label of its nearest neighbour in `reference`."""
    from sklearn.neighbors import KNeighborsClassifier

    rule = KNeighborsClassifier(n_neighbors=1, algorithm="brute").fit(reference.pixels, reference.labels)
    return np.asarray(rule.predict(pixels), dtype=np.int64)
