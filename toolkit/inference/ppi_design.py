"""What would people say on average, where items come in clusters or were chosen for a label with unequal chances?

PPI++ (Angelopoulos, Duchi & Zrnic 2023) as a sum over clusters: every item adds lambda f, every label
y - lambda f with the inverse of its chance (Hajek's ratio), and the variance is that of the clusters' sums.
Labels drawn by strata are centred within their stratum (Cochran 1977, chapter 5); strata with fewer than four
labels are merged. Labels drawn in several rounds, each from what the earlier ones left, count as Raj (1956) has it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds
from toolkit.inference.ppi import Corrected, finished, is_share, trusted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Names = npt.NDArray[np.str_]

FEWEST_OF_A_STRATUM = 4
LEAST_VARIANCE = 1e-3  # of a round that took everything there was, which then outweighs all others


@dataclass(frozen=True)
class Parts:
    """What each item adds to the two means that PPI++ combines: value = human + weight x (judge - seen).

    human, seen, judge: people's mean, the judge's mean on the labelled items (both weighted) and on all items
    of_human, of_seen, of_judge: [item] influence on each; the first two are 0 for items without a label
    share: [item] weight of each labelled item, summing to 1; stratum: [label] its number
    """

    human: float
    seen: float
    judge: float
    of_human: Floats
    of_seen: Floats
    of_judge: Floats
    share: Floats
    stratum: Ints

    def value(self, weight: float) -> float:
        """The corrected mean."""
        return self.human + weight * (self.judge - self.seen)


def parts_of(y: Floats, f: Floats, chance: Floats | None = None, strata: Names | None = None) -> Parts:
    """Means and influences from y, f, chance, strata [item]; y is nan where nobody labelled the item.

    chance: inclusion probability of each labelled item, in (0, 1]; None: all the same. strata: names, read for
    labelled items. Raises ValueError where no item has a label or a chance is no probability.
    """
    seen = np.isfinite(y)
    if not seen.any():
        raise ValueError("no item has a human label")
    share = np.zeros(len(y))
    share[seen] = 1.0 if chance is None else 1 / _checked(chance[seen])
    share /= share.sum()
    count = int(seen.sum())
    stratum = np.zeros(count, dtype=np.intp) if strata is None else merged(strata[seen], f[seen])
    known, judged, w = y[seen], f[seen], share[seen]
    centred_y, centred_f = known - _means(known, w, stratum), judged - _means(judged, w, stratum)
    if strata is not None:  # one degree of freedom is lost in each stratum; without strata the caller counts it
        sizes = np.bincount(stratum)[stratum]
        centred_y, centred_f = (x * np.sqrt(sizes / np.maximum(sizes - 1.0, 1.0)) for x in (centred_y, centred_f))
    of_human, of_seen = np.zeros(len(y)), np.zeros(len(y))
    of_human[seen], of_seen[seen] = w * centred_y, w * centred_f
    judge = float(f.mean())
    return Parts(
        float(w @ known), float(w @ judged), judge, of_human, of_seen, (f - judge) / len(f), share, stratum
    )  # fmt: skip


def _means(values: Floats, w: Floats, stratum: Ints) -> Floats:
    """[label]: the weighted mean of each label's stratum."""
    return (np.bincount(stratum, w * values) / np.bincount(stratum, w))[stratum]


def _checked(chance: Floats) -> Floats:
    if not ((chance > 0) & (chance <= 1)).all():
        raise ValueError("inclusion probabilities must lie above 0 and at most at 1")
    return chance


def over_rounds(chance: npt.ArrayLike, number: npt.ArrayLike) -> Floats:
    """Weights of labels that were drawn in several rounds, one after another, from one set of items.

    chance: [label] to be drawn in its own round, given the earlier ones; nan in a round that was no probability
    sample. number: [label] of its round. Each round alone estimates the total without bias, as the sum over what was
    seen before plus what it drew over its chance, and these estimates are uncorrelated (Raj 1956); they are averaged
    by their precision, as if items varied alike. A round without chances counts for its own items alone, and
    evenly drawn rounds like one draw. Raises ValueError where the only round has no chances or a chance is none.
    """
    p, place = np.asarray(chance, dtype=float), np.unique(number, return_inverse=True)[1]
    known = np.isfinite(p)
    _checked(p[known])
    inverse = np.where(known, 1 / np.where(known, p, 1.0), 0.0)
    variance = np.bincount(place, inverse * (inverse - 1))
    drawn = np.bincount(place, known) == np.bincount(place)
    precision = np.where(drawn, 1 / np.maximum(variance, LEAST_VARIANCE), 0.0)
    if not precision.any():
        raise ValueError("no round drew its items with known chances")
    precision /= precision.sum()
    later = precision.sum() - np.cumsum(precision)
    weights: Floats = precision[place] * inverse + later[place]
    return weights


def merged(strata: Names, f: Floats) -> Ints:
    """Numbers of the strata [label], those with fewer than four labels merged with the next higher by the judge."""
    names, place, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    order = np.argsort(np.bincount(place, f) / sizes, kind="stable")
    numbers = np.zeros(len(names), dtype=np.intp)
    current, held = 0, 0
    for k in order:
        if held >= FEWEST_OF_A_STRATUM:
            current, held = current + 1, 0
        numbers[k] = current
        held += int(sizes[k])
    if 0 < held < FEWEST_OF_A_STRATUM and current:
        numbers[numbers == current] = current - 1
    return numbers[place]


def tuned(human: Floats, difference: Floats) -> float:
    """Lambda with the least variance of the sum of human - lambda x difference [cluster], within [0, 1]."""
    spread = float((difference**2).sum())
    return float(np.clip((human * difference).sum() / spread, 0.0, 1.0)) if spread > 0 else 0.0


def ppi_design(
    y: npt.ArrayLike,
    f: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    chance: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    level: float = 0.95,
    bounds: Bounds = (-np.inf, np.inf),
    population: bool = False,
) -> Corrected:
    """The mean of y over all judged items; arrays [item], y nan where nobody labelled the item.

    f: the judge's scores. clusters: keys of related items, labelled together or not. chance: inclusion
    probability of each labelled item (any value elsewhere). strata: names, read for labelled items.
    population: the mean over exactly these items is asked for. df: labelled clusters - strata - 1 for the weight.
    Raises ValueError where no item has a label, or a chance is no probability.
    """
    y, f = np.asarray(y, dtype=float), np.asarray(f, dtype=float)
    seen = np.isfinite(y)
    keys = np.arange(len(y)) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    named = None if strata is None else np.where(seen, np.asarray(strata).astype(str), "")
    chances = None if chance is None else np.asarray(chance, dtype=float)
    parts = parts_of(y, f, chances, named)
    n, drawn, groups = int(seen.sum()), len(np.unique(keys[seen])), int(parts.stratum.max()) + 1
    share = is_share(y[seen], f)
    # In a fixed population the judge's mean is known, and of the labels' errors only what was left to chance counts.
    left = np.sqrt(1 - (np.full(len(y), n / len(y)) if chances is None else np.where(seen, chances, 0.0)))
    scale = left if population else np.ones(len(y))
    of_human, difference = _summed(keys, parts.of_human * scale), _summed(keys, parts.of_seen * scale)
    if not population:
        difference = difference - _summed(keys, parts.of_judge)
    use = drawn > groups + 1 and (not share or trusted(y[seen], f[seen])) and n < len(y)
    weight = tuned(of_human, difference) if use else 0.0
    # Strata: their own scaling stands in the parts, and the clusters' sums need none but that of the weight.
    df, plain = float(drawn - groups - (1 if weight else 0)), float(drawn - groups)
    per = plain if strata is not None else float(drawn)
    residual = y[seen] - weight * f[seen]
    # Between strata nothing varies but which items there are.
    between = 0.0 if population else _between(residual, parts, seen) / len(y)
    variance = _scaled(of_human - weight * difference, per, df) + between
    human = _scaled(of_human, per, plain) + (0.0 if population else _between(y[seen], parts, seen) / len(y))
    spread = float(residual.var(ddof=1)) if n > 1 else np.nan
    known = (n, len(y), weight, variance, human, spread, float(f.var(ddof=1)) if len(f) > 1 else 0.0, df)
    return finished(
        parts.value(weight), known, share=share, level=level, bounds=bounds, successes=parts.human * n,
        left=float(1 - n / len(y)) if population else 1.0, clusters=drawn,
    )  # fmt: skip


def _summed(keys: Ints, values: Floats) -> Floats:
    return np.bincount(keys, values).astype(np.float64)


def _scaled(sums: Floats, count: float, df: float) -> float:
    return float((sums**2).sum() * count / df) if df > 0 else np.nan


def _between(values: Floats, parts: Parts, seen: npt.NDArray[np.bool_]) -> float:
    """Variance of the strata's means; zero where there is a single stratum."""
    w = parts.share[seen]
    return float(w @ (_means(values, w, parts.stratum) - w @ values) ** 2)
