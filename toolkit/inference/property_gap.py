"""How far do two sets of samples of the same tasks lie apart in one property, in standard deviations of a yardstick?

The difference of means within each task, averaged over tasks. Replicates are seeds: t over the seeds' gaps, to which a
reference that all seeds share adds its own error; one seed: Welch's t over tasks and clusters. The yardstick's standard
deviation is itself estimated, and enters by the delta method with the influence of each of its rows, so that skewed
properties need no normal theory. Shares have no yardstick; their variance is not below that of Agresti & Caffo (2000),
since a share of none out of few is not known for certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds, Interval, p_of, satterthwaite, t_ends

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 5  # clusters of a task in a seed; with fewer the task does not count


@dataclass(frozen=True)
class PropertyRows:
    """One property of some rows: values, weight [row] above zero, task and seed [row] from 0 on.

    cluster: [row] keys of what belongs together within a seed and task; None: each row on its own
    """

    values: Floats
    weight: Floats
    task: Ints
    seed: Ints
    cluster: Ints | None = None

    def take(self, rows: npt.NDArray[np.bool_]) -> PropertyRows:
        """These rows."""
        cluster = None if self.cluster is None else self.cluster[rows]
        return PropertyRows(self.values[rows], self.weight[rows], self.task[rows], self.seed[rows], cluster)

    @property
    def known(self) -> PropertyRows:
        """The rows that have a value."""
        return self.take(np.isfinite(self.values))


@dataclass(frozen=True)
class _Means:
    """Weighted means [seed, task], their variances, and the clusters behind each."""

    mean: Floats
    variance: Floats
    clusters: Floats


def property_gap(
    first: PropertyRows,
    second: PropertyRows,
    *,
    yardstick: PropertyRows | None,
    shared: bool,
    tasks: int,
    seeds: int,
    level: float,
    bounds: Bounds,
) -> Interval:
    """Interval of the mean of `first` minus that of `second`, over tasks that both have in all seeds.

    yardstick: rows whose standard deviation within tasks is the unit; None: values are 0 and 1, the gap is of shares
    shared: `second` is one reference for all seeds (its seeds are not looked at); else seeds are paired
    tasks, seeds: how many there are; the interval's reason says what is missing
    """
    first, second = first.known, second.known
    binary = yardstick is None
    mine, other = (
        _means(first, seeds, tasks, binary=binary),
        _means(second, 1 if shared else seeds, tasks, binary=binary),
    )
    usable = (mine.clusters >= FEWEST) & (other.clusters >= FEWEST)
    here = usable.any(1)
    in_all: npt.NDArray[np.bool_] = np.array(usable[here].all(0) & here.any(), dtype=bool)
    n = {"samples": len(first.values), "reference": len(second.values), "seeds": int(here.sum()),
         "tasks": int(in_all.sum())}  # fmt: skip
    if not in_all.any():
        return _without(f"needs {FEWEST} with this property on both sides, of the same task in every seed", n)
    sd = 1.0 if yardstick is None else _sd(yardstick.known, tasks)
    if not sd > 0:
        return _without("the reference does not vary in this property", n)
    gaps = ((mine.mean - other.mean)[here][:, in_all]).mean(1) / sd
    value = float(gaps.mean())
    scale = (sd * in_all.sum()) ** 2
    of_reference = 0.0
    if not binary and yardstick is not None:
        of_reference = _of_yardstick(yardstick.known, tasks, sd, value, in_all if shared else None)
    elif shared:
        of_reference = float(other.variance[0, in_all].sum()) / scale
    cells = [mine.variance[here][:, in_all] / scale, *(() if shared else (other.variance[here][:, in_all] / scale,))]
    sizes = [mine.clusters[here][:, in_all], *(() if shared else (other.clusters[here][:, in_all],))]
    count = len(gaps)
    items = float(sum(part.sum() for part in cells)) / count**2
    pieces = [(of_reference, max(len(second.values) - 1.0, 1.0))]
    if count > 1:
        own = max(float(gaps.var(ddof=1)) / count, items)
        pieces.append((own, count - 1.0))
    else:
        own = items
        pieces += [(float(v), float(c) - 1) for part, size in zip(cells, sizes, strict=True)
                   for v, c in zip(part.ravel(), size.ravel(), strict=True)]  # fmt: skip
    variance = own + of_reference
    if not variance > 0:
        return _without("all values are the same, which says nothing of how they vary", n, value)
    df = satterthwaite(variance, pieces, min(d for v, d in pieces if v > 0), np.inf)
    low, high = t_ends(value, variance, df, level, bounds)
    method = "mean over tasks of differences of means, " + ("t over seeds" if count > 1 else "Welch's t")
    p_value = p_of(value, variance, df)
    return Interval(value, low, high, "seeds" if count > 1 else "items", method, n, variance, df, p_value)


def _without(reason: str, n: dict[str, int], value: float = float("nan")) -> Interval:
    return Interval(value, None, None, None, None, n, reason=reason)


def _means(rows: PropertyRows, seeds: int, tasks: int, *, binary: bool) -> _Means:
    cells = seeds * tasks
    cell = rows.task + (rows.seed * tasks if seeds > 1 else 0)
    size = np.bincount(cell, rows.weight, cells)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(cell, rows.weight * rows.values, cells) / size
        moved = rows.weight * (rows.values - mean[cell]) / size[cell]
        place = cell
        if rows.cluster is not None:
            code = np.unique(rows.cluster, return_inverse=True)[1] * cells + cell
            keys, at = np.unique(code, return_inverse=True)
            moved, place = np.bincount(at, moved), keys % cells
        clusters = np.bincount(place, minlength=cells).astype(float)
        variance = np.bincount(place, moved**2, cells) * clusters / (clusters - 1)
        if binary:
            count = np.bincount(cell, minlength=cells)
            share = (mean * count + 1) / (count + 2)
            variance = np.maximum(variance, share * (1 - share) / (count + 2))
    return _Means(*(part.reshape(seeds, tasks) for part in (mean, variance, clusters)))


def _centred(rows: PropertyRows, tasks: int) -> tuple[Floats, Floats]:
    """Distances from the mean of the row's task [row], and the weight of each task [task]."""
    size: Floats = np.bincount(rows.task, rows.weight, tasks).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(rows.task, rows.weight * rows.values, tasks) / size
    return rows.values - mean[rows.task], size


def _sd(rows: PropertyRows, tasks: int) -> float:
    """Standard deviation within tasks."""
    distance, size = _centred(rows, tasks)
    free = len(rows.values) - (size > 0).sum()
    if free < 1:
        return 0.0
    square = float((rows.weight * distance**2).sum() / size.sum()) * len(rows.values) / free
    return float(np.sqrt(square)) if square > (1e-9 * np.abs(rows.values).max()) ** 2 else 0.0


def _of_yardstick(
    rows: PropertyRows, tasks: int, sd: float, value: float, reference_in: npt.NDArray[np.bool_] | None
) -> float:
    """Variance that the yardstick's rows add: by its sd, and by its means in these tasks where it is the reference."""
    distance, size = _centred(rows, tasks)
    moved = -value * rows.weight * ((distance / sd) ** 2 - 1) / (2 * size.sum())
    if reference_in is not None:
        within = rows.weight * distance / size[rows.task] / (sd * reference_in.sum())
        moved = moved - np.where(reference_in[rows.task], within, 0.0)
    count = len(rows.values)
    return float((moved**2).sum()) * count / (count - 1)
