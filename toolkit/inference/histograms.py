"""How far apart are two distributions over the same few categories, from how often each occurred?

All functions take counts [..., category] of two samples and work along the last axis. Logarithms are natural: the
Jensen-Shannon divergence is in nats, at most log 2 = .693 (Lin 1991).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def entropy(shares: Floats) -> Floats:
    """Shannon entropy of shares [..., category] in nats; 0 log 0 is 0."""
    positive = np.where(shares > 0, shares, 1.0)
    return -(shares * np.log(positive)).sum(-1)


def jensen_shannon(first: Floats, second: Floats) -> Floats:
    """Plug-in Jensen-Shannon divergence in nats, both samples weighing half; biased upwards by about `js_bias`."""
    p, q = _shares(first), _shares(second)
    return np.maximum(entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2, 0.0)


def js_bias(first: Floats, second: Floats) -> Floats:
    """What sampling alone adds to the plug-in divergence (Miller 1955, Madow: (categories - 1) / (2 n) an entropy).

    The mixture of samples of n and m observations errs like one of 4 / (1/n + 1/m) observations.
    """
    n, m = first.sum(-1), second.sum(-1)
    mixed = 4 / (1 / n + 1 / m)
    used = ((first > 0).sum(-1) - 1) / (2 * n) + ((second > 0).sum(-1) - 1) / (2 * m)
    return used / 2 - ((first + second > 0).sum(-1) - 1) / (2 * mixed)


def total_variation(first: Floats, second: Floats) -> Floats:
    """Plug-in total variation: half the summed differences of shares, between 0 and 1; biased upwards."""
    return np.abs(_shares(first) - _shares(second)).sum(-1) / 2


def stability_index(first: Floats, second: Floats, *, smoothing: float = 0.5) -> Floats:
    """Population stability index sum (p - q) log(p / q), with `smoothing` added to every count.

    Without smoothing it is infinite as soon as one sample lacks a category; its value depends on the choice.
    """
    p, q = _shares(first + smoothing), _shares(second + smoothing)
    return ((p - q) * np.log(p / q)).sum(-1)


def _shares(counts: Floats) -> Floats:
    return counts / counts.sum(-1, keepdims=True)


def bin_edges(values: Floats, most: int) -> Floats:
    """Edges between the categories of a numeric scale; np.searchsorted(edges, value, side="right") is the category.

    Up to `most` distinct values are their own categories; else bins between quantiles of all values. Edges do not
    depend on which sample a value belongs to, so that permutation tests stay exact.
    """
    distinct = np.unique(values)
    if len(distinct) <= most:
        return (distinct[1:] + distinct[:-1]) / 2
    return np.unique(np.quantile(values, np.linspace(0, 1, most + 1)[1:-1]))
