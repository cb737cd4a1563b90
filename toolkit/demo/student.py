"""How does the demo's student learn? A network of one hidden layer, trained by stochastic gradient descent.

Written out in NumPy: every step is a function of weights, images and labels alone, so that two arms that
start from the same weights differ by what they were taught and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.demo.images import CLASSES, Floats, Ints


@dataclass(frozen=True)
class Network:
    """Weights of the student: (64, hidden), (hidden,), (hidden, 10), (10,)."""

    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats


def new_network(hidden: int, rng: np.random.Generator, pixels: int = 64) -> Network:
    """An untrained student, initialised for rectifiers (He et al., 2015)."""
    return Network(
        rng.normal(0.0, np.sqrt(2.0 / pixels), (pixels, hidden)),
        np.zeros(hidden),
        rng.normal(0.0, np.sqrt(2.0 / hidden), (hidden, CLASSES)),
        np.zeros(CLASSES),
    )


def answers(network: Network, pixels: Floats) -> Ints:
    """The student's class for each image, (n,)."""
    return np.asarray(_scores(network, _hidden(network, pixels)).argmax(axis=1), dtype=np.int64)


def learn(network: Network, pixels: Floats, labels: Ints, rate: float, batch: int) -> Network:
    """The student after it has seen these images, (n, 64), once and in this order.

    Plain gradient descent on the mean cross-entropy of each batch, without momentum: nothing but the weights
    is carried from one call to the next, so learning may be interrupted between any two batches.
    """
    for start in range(0, len(labels), batch):
        network = _step(network, pixels[start : start + batch], labels[start : start + batch], rate)
    return network


def presentation(rows: int, budget: int, rng: np.random.Generator) -> Ints:
    """The order in which `rows` samples are shown until `budget` were seen: one shuffle after another."""
    if rows == 0:
        return np.empty(0, dtype=np.int64)
    rounds = -(-budget // rows)
    return np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:budget]


def _hidden(network: Network, pixels: Floats) -> Floats:
    return np.maximum((pixels - 0.5) @ network.inner + network.inner_bias, 0.0)


def _scores(network: Network, hidden: Floats) -> Floats:
    return hidden @ network.outer + network.outer_bias


def _step(network: Network, pixels: Floats, labels: Ints, rate: float) -> Network:
    hidden = _hidden(network, pixels)
    scores = _scores(network, hidden)
    error = np.exp(scores - scores.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1.0
    error /= len(labels)
    back = (error @ network.outer.T) * (hidden > 0)
    return Network(
        network.inner - rate * (pixels - 0.5).T @ back,
        network.inner_bias - rate * back.sum(axis=0),
        network.outer - rate * hidden.T @ error,
        network.outer_bias - rate * error.sum(axis=0),
    )
